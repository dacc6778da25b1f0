import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Why the store refused: what, and what a person does about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** `full`: no room on the disk; `failing`: the disk gives errors, or was made read-only after some; `corrupt`: the file is damaged; `closed`: the hub is stopping; `newer`: written by a newer Hearth; `locked`: its person locked the vault. */
  readonly kind: 'full' | 'failing' | 'corrupt' | 'closed' | 'key' | 'newer' | 'locked';

  constructor(kind: StoreError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Less is none: a commit writes some pages at once. */
const NO_ROOM_BYTES = 256 * 1024;

function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize > NO_ROOM_BYTES;
  } catch {
    return true;
  }
}

/** SQLite's and the system's codes as a StoreError; what is not the store's fault is passed through. */
export function storeErrorOf(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isError = code.startsWith('SQLITE_IOERR') || code === 'EIO';
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return new StoreError(
      'failing',
      `the disk that holds ${file} may only be read: a system does that with a card that gave errors. Start the machine again; when it comes back, copy the data and replace the card. Measurements wait with their devices until then`,
      { cause: error },
    );
  // SQLite says of some writes alone that they failed, and not that there was no room.
  if (isError && hasRoom(file))
    return new StoreError(
      'failing',
      `the disk that holds ${file} gives errors (${code}): copy the data while it can be read, and replace the card. Measurements wait with their devices until then`,
      { cause: error },
    );
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || isError) {
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
