/** Why an archive cannot be taken: what is wrong and where. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  /** `form`: no archive at all; `limit`: larger than anything honest; `damaged`: not as it was written; `content`: a part says nonsense; `taken`: there is something else already. */
  readonly kind: 'form' | 'limit' | 'damaged' | 'content' | 'taken';

  constructor(kind: ArchiveError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
