/** Files that come in parts, so that an upload goes on where it broke off. Each is its account's alone and lies in the run folder until it is used. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { ApiError } from './api-error.ts';

/** One part comes within the time that a request may take, also over slow Wi-Fi. */
export const MOST_PART_BYTES = 8 * 2 ** 20;
/** Ten years of a busy household, packed. */
const MOST_FILE_BYTES = 4 * 2 ** 30;
/** An upload that nobody goes on with is let go. */
const KEPT_MS = 86_400_000;
const MOST_UPLOADS = 5;
const UPLOAD = /^[0-9a-f]{24}$/;

export interface Upload {
  readonly account: string;
  readonly name: string;
  readonly atMs: number;
  isRunning: boolean;
}

export interface Uploads {
  /** Id of a new one. Throws ApiError 503. */
  begin(account: string, name: string): string;
  /** Throws ApiError 404 unless it is the account's own. */
  own(id: string, account: string): Upload;
  size(id: string): number;
  /** Writes at a place, over what is there from that place on. Gives the new size. Throws ApiError. */
  write(id: string, account: string, at: number, part: Buffer): number;
  /** Uses the file once; it is gone afterwards. Throws ApiError 409 while it is used. */
  use<T>(id: string, account: string, work: (file: string, upload: Upload) => Promise<T>): Promise<T>;
}

export function createUploads(folder: string, now: () => number): Uploads {
  const uploads = new Map<string, Upload>();
  const fileOf = (id: string): string => `${folder}/import-${id}`;
  // What a hub left lying that was stopped meanwhile: it lies in the clear.
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (/^(import|export)-/.test(name)) rmSync(`${folder}/${name}`, { force: true });
  const drop = (id: string): void => {
    uploads.delete(id);
    rmSync(fileOf(id), { force: true });
  };
  const own = (id: string, account: string): Upload => {
    const upload = uploads.get(id);
    if (!UPLOAD.test(id) || upload === undefined || upload.account !== account)
      throw new ApiError(404, 'no-import', 'There is no such upload of yours.', 'Start a new one.');
    return upload;
  };
  const notRunning = (upload: Upload): void => {
    if (upload.isRunning) throw new ApiError(409, 'running', 'This file is being read already.', 'Wait for it.');
  };
  return {
    begin(account, name) {
      for (const [id, { atMs, isRunning }] of uploads) if (!isRunning && now() - atMs > KEPT_MS) drop(id);
      if (uploads.size >= MOST_UPLOADS)
        throw new ApiError(503, 'busy', `${MOST_UPLOADS} uploads are open already.`, 'End one of them first.');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const id = randomBytes(12).toString('hex');
      closeSync(openSync(fileOf(id), 'w', 0o600));
      uploads.set(id, { account, name, atMs: now(), isRunning: false });
      return id;
    },
    own,
    size: (id) => statSync(fileOf(id)).size,
    write(id, account, at, part) {
      notRunning(own(id, account));
      const { size } = statSync(fileOf(id));
      if (at > size) throw new ApiError(409, 'hole', `Only ${size} bytes are there.`, `Go on from ${size}.`);
      if (at + part.length > MOST_FILE_BYTES)
        throw new ApiError(413, 'limit', `A file has ${MOST_FILE_BYTES / 2 ** 30} GB at most.`, 'Leave the home out of the archive.');
      truncateSync(fileOf(id), at);
      const descriptor = openSync(fileOf(id), 'a');
      try {
        writeSync(descriptor, part);
      } finally {
        closeSync(descriptor);
      }
      return at + part.length;
    },
    async use(id, account, work) {
      const upload = own(id, account);
      notRunning(upload);
      upload.isRunning = true;
      try {
        return await work(fileOf(id), upload);
      } finally {
        drop(id);
      }
    },
  };
}
