/** Why the store refused: what, and what a person does about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** `full`: no room on the disk; `corrupt`: the file is damaged; `closed`: the hub is stopping; `newer`: written by a newer Hearth; `locked`: its person locked the vault. */
  readonly kind: 'full' | 'corrupt' | 'closed' | 'key' | 'newer' | 'locked';

  constructor(kind: StoreError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** SQLite's and the system's codes as a StoreError; what is not the store's fault is passed through. */
export function storeErrorOf(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code.startsWith('SQLITE_IOERR')) {
    return new StoreError(
      'full',
      `the disk that holds ${file} takes no more: free some space; measurements wait with their devices until then`,
      { cause: error },
    );
  }
  if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT')) {
    return new StoreError('corrupt', `${file} is damaged: restore it from a backup of the data folder`, { cause: error });
  }
  if (code === 'SQLITE_NOTADB') {
    return new StoreError('key', `${file} does not open with its key: its key file is another's, or the file is damaged`, { cause: error });
  }
  return error;
}
