/** Reading ZIP files of others: nothing in them is trusted, neither a name nor a size, and what unpacks to more than it may is let go. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { ArchiveError } from './archive-error.ts';

/** An archive of ours has a dozen, of raw captures some thousands. */
const MOST_FILES = 20_000;
/** Ten years of three people and a home, unpacked. */
const MOST_BYTES = 40 * 2 ** 30;
/** JSON shrinks to a twentieth; a bomb of zeros to a thousandth. */
const MOST_RATIO = 200;
/** Small files may be all alike. */
const RATIO_FROM_BYTES = 10 * 2 ** 20;
const NAME = /^(?:[A-Za-z0-9][A-Za-z0-9 ._()-]{0,120}\/){0,4}[A-Za-z0-9_][A-Za-z0-9 ._()-]{0,160}$/;

export interface ZipReader extends Disposable {
  /** Names of the files; folders are left out. */
  readonly names: readonly string[];
  /** Rejects with ArchiveError when there is none of that name. Breaks with ArchiveError when it is larger than it says. */
  read(name: string): Promise<Readable>;
  bytes(name: string, most: number): Promise<Buffer>;
  sha256(name: string): Promise<string>;
}

const opened = async (file: string): Promise<ZipFile> => {
  const { open } = await import('yauzl');
  return new Promise((resolve, reject) =>
    open(file, { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true }, (error, zip) =>
      error === null && zip !== undefined
        ? resolve(zip)
        : reject(new ArchiveError('form', `this is no ZIP file that can be read: ${error?.message ?? ''}`)),
    ),
  );
};

function listed(zip: ZipFile): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    let bytes = 0;
    const refuse = (kind: ArchiveError['kind'], message: string): void => reject(new ArchiveError(kind, message));
    zip.on('error', (error: Error) => refuse('form', `this ZIP file cannot be read: ${error.message}`));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      const { fileName, uncompressedSize, compressedSize } = entry;
      bytes += uncompressedSize;
      if (fileName.endsWith('/')) return zip.readEntry();
      if (!NAME.test(fileName) || fileName.split('/').includes('..'))
        return refuse('form', `a file in it is called ${JSON.stringify(fileName.slice(0, 80))}`);
      if (entries.has(fileName)) return refuse('form', `${fileName} is in it twice`);
      if (entries.size >= MOST_FILES) return refuse('limit', `it has more than ${MOST_FILES} files`);
      if (bytes > MOST_BYTES) return refuse('limit', `it unpacks to more than ${MOST_BYTES / 2 ** 30} GB`);
      if (uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > MOST_RATIO * Math.max(1, compressedSize))
        return refuse(
          'limit',
          `${fileName} unpacks to ${Math.round(uncompressedSize / Math.max(1, compressedSize))} times its size, which no measurements do`,
        );
      entries.set(fileName, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

/** Opens a ZIP file. Rejects with ArchiveError when it is none, or one that nobody honest made. */
export async function openZip(file: string): Promise<ZipReader> {
  const zip = await opened(file);
  let entries: Map<string, Entry>;
  try {
    entries = await listed(zip);
  } catch (error) {
    zip.close();
    throw error;
  }
  const read = (name: string): Promise<Readable> =>
    new Promise((resolve, reject) => {
      const entry = entries.get(name);
      if (entry === undefined) return reject(new ArchiveError('form', `${name} is not in it`));
      zip.openReadStream(entry, (error, stream) =>
        error === null && stream !== undefined
          ? resolve(stream)
          : reject(new ArchiveError('damaged', `${name} cannot be unpacked: ${error?.message ?? ''}`)),
      );
    });
  const each = async (name: string, take: (chunk: Buffer) => void): Promise<void> => {
    try {
      for await (const chunk of await read(name)) take(chunk as Buffer);
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      throw new ArchiveError('damaged', `${name} cannot be unpacked: ${error instanceof Error ? error.message : error}`);
    }
  };
  return {
    names: [...entries.keys()],
    read,
    async bytes(name, most) {
      const chunks: Buffer[] = [];
      let length = 0;
      await each(name, (chunk) => {
        length += chunk.length;
        if (length > most) throw new ArchiveError('limit', `${name} is larger than ${most} bytes`);
        chunks.push(chunk);
      });
      return Buffer.concat(chunks);
    },
    async sha256(name) {
      const hash = createHash('sha256');
      await each(name, (chunk) => hash.update(chunk));
      return hash.digest('hex');
    },
    [Symbol.dispose]: () => zip.close(),
  };
}

/** Lines of text, none longer than `most` characters. Throws ArchiveError. */
export async function* linesOf(stream: AsyncIterable<Buffer | string>, most: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      yield rest.slice(from, end).replace(/\r$/, '');
      from = end + 1;
    }
    rest = rest.slice(from);
    if (rest.length > most) throw new ArchiveError('limit', `a line has more than ${most} characters`);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
