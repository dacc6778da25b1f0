/** Bodies of batches as they come: counted, hashed for the receipt, and unpacked. */
import { createHash } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/** A packed batch of 10,000 entries is 30 kB, and 3 MB in the worst case of values that do not compress. */
export const MOST_BODY_BYTES = 4 * 1024 * 1024;
/** What it may become when unpacked: a body that grows beyond is no batch but an attack. */
const MOST_UNPACKED_BYTES = 16 * 1024 * 1024;

export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

export interface Received {
  readonly json: unknown;
  /** SHA-256 of the bytes as they were sent, base64url. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Throws {@link BodyError}. */
export function readBody(bytes: Buffer, encoding: string | undefined): Received {
  let text: Buffer;
  try {
    text = unpack(bytes, encoding ?? 'identity');
  } catch (error) {
    if (error instanceof BodyError) throw error;
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge
      ? new BodyError(413, `the body grows beyond ${MOST_UNPACKED_BYTES / 1024 / 1024} MB when it is unpacked`)
      : new BodyError(400, `the body is not ${encoding}`);
  }
  try {
    return { json: JSON.parse(text.toString('utf8')), sha256: createHash('sha256').update(bytes).digest('base64url'), bytes: bytes.length };
  } catch {
    throw new BodyError(400, 'the body is not JSON');
  }
}

function unpack(bytes: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case 'identity':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
    case 'zstd':
      return zstdDecompressSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
    default:
      throw new BodyError(415, `content-encoding '${encoding}' is not read here: send zstd, gzip or identity`);
  }
}
