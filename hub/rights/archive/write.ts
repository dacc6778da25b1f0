/**
 * An archive as a ZIP that is made while it is read: nothing of it lies on the disk meanwhile. The same data gives the same bytes, so an
 * interrupted download goes on by making it again and leaving out what is there. `manifest.json` has the SHA-256 of every part, and
 * `signature.json` the hub's signature over the manifest.
 */

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

export interface Part {
  readonly path: string;
  /** What a person reads in the manifest. */
  readonly what: string;
  /** Whether an import brings it back; what only tells of this hub stays a text. */
  readonly isRestored: boolean;
  readonly open: () => Iterable<string | Buffer> | AsyncIterable<string | Buffer>;
}

export interface ManifestFile {
  readonly path: string;
  readonly what: string;
  readonly restored: boolean;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: 'hearth-archive';
  readonly version: 1;
  readonly files: readonly ManifestFile[];
}

export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'signature.json';

/** A thousand pieces of a line each would cost more than what is in them. */
const CHUNK_CHARACTERS = 128 * 1024;
/** Text shrinks to a tenth at the first level; the ninth takes ten times as long for a fifth less. */
const LEVEL = 1;
/** A date of no meaning, by the fields that ZIP keeps, so that the bytes do not depend on when or where. */
const options = { mtime: new Date(2000, 0, 1), mode: 0o100600, compressionLevel: LEVEL, forceDosTimestamp: true } as const;

async function* gathered(part: Part, done: (file: ManifestFile) => void): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = (chunk: Buffer): Buffer => {
    hash.update(chunk);
    bytes += chunk.length;
    return chunk;
  };
  let text = '';
  const pieces = part.open();
  if (Symbol.asyncIterator in pieces) for await (const piece of pieces) yield count(typeof piece === 'string' ? Buffer.from(piece) : piece);
  // A wait for each of millions of lines would cost more than the lines.
  else
    for (const piece of pieces) {
      if (typeof piece !== 'string') {
        yield count(piece);
        continue;
      }
      text += piece;
      if (text.length < CHUNK_CHARACTERS) continue;
      yield count(Buffer.from(text));
      text = '';
      // A pure generator would keep the hub from everything else.
      await new Promise((resolve) => setImmediate(resolve));
    }
  if (text !== '') yield count(Buffer.from(text));
  done({ path: part.path, what: part.what, restored: part.isRestored, bytes, sha256: hash.digest('hex') });
}

/** The archive's bytes. `sign` gives what stands in `signature.json` for the SHA-256 of the manifest. */
export function writeArchive(parts: readonly Part[], sign: (manifestSha256: string) => object): Readable {
  // Loaded with the first archive.
  const { ZipFile } = createRequire(import.meta.url)('yazl') as typeof import('yazl');
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const files: ManifestFile[] = [];
  let current: Readable | undefined;
  let manifest = '';
  const add = (path: string, open: () => Readable): void =>
    zip.addReadStreamLazy(path, options, (give) => {
      current = open();
      // The packer listens to none: a part that fails ends the archive, and its reader hears why.
      current.once('error', (error) => output.destroy(error));
      give(null, current);
    });
  for (const part of parts)
    add(part.path, () =>
      Readable.from(
        gathered(part, (file) => files.push(file)),
        { objectMode: false },
      ),
    );
  add(MANIFEST, () => {
    manifest = `${JSON.stringify({ format: 'hearth-archive', version: 1, files } satisfies Manifest, null, 2)}\n`;
    return Readable.from([Buffer.from(manifest)]);
  });
  add(SIGNATURE, () => {
    const sha256 = createHash('sha256').update(manifest).digest('hex');
    return Readable.from([Buffer.from(`${JSON.stringify(sign(sha256), null, 2)}\n`)]);
  });
  zip.end();
  zip.on('error', (error: Error) => output.destroy(error));
  output.once('close', () => current?.destroy());
  return output;
}
