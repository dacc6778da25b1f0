/**
 * Raw samples at a high rate (acceleration, load cells), in compressed and encrypted files beside the vault, each referenced from the
 * vault's log. They are for looking into, not the record: when the disk fills they are the first to go.
 *
 * A file is a head line of JSON and chunks: length (4 bytes, little endian), nonce, deflated columns sealed with AES-256-GCM, tag. A
 * chunk's number is bound in, so that none can be left out or swapped. A power cut tears at most the last chunk.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createByteReader, createByteWriter, readingCodings, readReadings } from './column.ts';
import type { Vault } from './vault.ts';

/** What is lost at most when the power goes: some seconds at 100 Hz. A flush is asked of the card as often. */
const CHUNK_SAMPLES = 1024;
/** A file of about an hour at 100 Hz, so that one that is damaged or let go is not a day. */
const FILE_SAMPLES = 360_000;
/** More channels or a longer chunk is damage, and must not allocate. */
const MOST_CHANNELS = 64;
const MOST_CHUNK_BYTES = 4 * 2 ** 20;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Samples may come this much early or late and still be one recording. */
const TOLERANCE_SAMPLES = 2;

export interface SegmentHead {
  readonly form: 1;
  readonly device: string;
  readonly channels: readonly string[];
  readonly rateHz: number;
  readonly startMs: number;
}

export interface Segment extends SegmentHead {
  readonly file: string;
  readonly samples: number;
  readonly bytes: number;
}

export interface Segments {
  /** Takes samples of a device: a column for each channel, the first sample at `startMs`. What does not follow on the last ones begins a new file. */
  append(device: string, channels: readonly string[], rateHz: number, startMs: number, columns: readonly ArrayLike<number>[]): void;
  /** Writes what waits, now. */
  flush(): void;
  /** Writes what waits and closes the files; resolves once the log refers to them. */
  close(): Promise<void>;
  /** Refers to files that a power cut left without their entry in the log. Resolves with how many. */
  adopt(): Promise<number>;
  /** Files that there are, oldest first. */
  list(): Segment[];
  /** The samples of a file, chunk by chunk, a column for each channel. Ends where the file is torn. */
  read(file: string): Generator<Float64Array[]>;
  /** Files whose samples all lie before a time; not those being written. */
  endedBefore(beforeMs: number): string[];
  /** Lets files go that ended before a time. Returns how many. */
  dropBefore(beforeMs: number): number;
  /** Lets the oldest file go. Returns the bytes freed. */
  dropOldest(): number;
}

interface Open {
  readonly head: SegmentHead;
  readonly file: string;
  readonly handle: number;
  chunks: number;
  samples: number;
  /** Per channel, what is not written yet. */
  waiting: number[][];
}

/** `key` is the vault's, in hexadecimal: erasing it closes the segments too. */
export function openSegments(folder: string, vault: () => Vault, subject: string, key: string): Segments {
  const own = `${folder}/segments/${subject}`;
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const sealKey = Buffer.from(hkdfSync('sha256', Buffer.from(key, 'hex'), '', 'hearth segments', 32));
  const open = new Map<string, Open>();

  const writeChunk = (one: Open): void => {
    const count = one.waiting[0]?.length ?? 0;
    if (count === 0) return;
    const chunk = sealChunk(sealKey, one.chunks, one.waiting);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(chunk.length);
    writeSync(one.handle, Buffer.concat([length, chunk]));
    fsyncSync(one.handle);
    one.chunks++;
    one.samples += count;
    one.waiting = one.head.channels.map(() => []);
  };
  const finish = async (key: string, one: Open): Promise<void> => {
    open.delete(key);
    writeChunk(one);
    closeSync(one.handle);
    await refer(one.file, one.head, one.samples);
  };
  const refer = async (file: string, { device, channels, rateHz, startMs }: SegmentHead, samples: number): Promise<void> => {
    const bytes = statSync(`${own}/${file}`).size;
    await vault().record({ kind: 'segment', file, device, channels: [...channels], rateHz, startMs, samples, bytes }, `device:${device}`);
  };
  const begin = (head: SegmentHead): Open => {
    const name = `${head.device.replaceAll(/[^A-Za-z0-9-]/g, '_')}-${head.startMs}`;
    let file = `${name}.seg`;
    for (let more = 1; existsSync(`${own}/${file}`); more++) file = `${name}-${more}.seg`;
    const handle = openSync(`${own}/${file}`, 'wx', 0o600);
    writeSync(handle, `${JSON.stringify(head)}\n`);
    return { head, file, handle, chunks: 0, samples: 0, waiting: head.channels.map(() => []) };
  };

  const list = (): Segment[] =>
    filesIn(own).flatMap((file) => {
      const head = headOf(readFileSync(`${own}/${file}`));
      if (head === undefined) return [];
      let samples = 0;
      for (const columns of readChunks(`${own}/${file}`, sealKey)) samples += columns[0]!.length;
      return [{ ...head.head, file, samples, bytes: statSync(`${own}/${file}`).size }];
    });

  const endedBefore = (beforeMs: number): string[] => {
    const writing = new Set([...open.values()].map(({ file }) => file));
    return list()
      .filter(({ file, startMs, samples, rateHz }) => !writing.has(file) && startMs + (samples / rateHz) * 1000 < beforeMs)
      .map(({ file }) => file);
  };

  return {
    append(device, channels, rateHz, startMs, columns) {
      if (columns.length !== channels.length || channels.length === 0 || channels.length > MOST_CHANNELS)
        throw new RangeError(`${columns.length} columns for ${channels.length} channels of ${device}`);
      const count = columns[0]!.length;
      if (columns.some((column) => column.length !== count)) throw new RangeError(`the columns of ${device} differ in length`);
      if (!(rateHz > 0)) throw new RangeError(`a rate of ${rateHz} Hz of ${device} is none`);
      const id = `${device}\n${channels.join('\n')}\n${rateHz}`;
      let one = open.get(id);
      if (one !== undefined) {
        const nextMs = one.head.startMs + ((one.samples + one.waiting[0]!.length) / rateHz) * 1000;
        const follows = Math.abs(startMs - nextMs) <= (TOLERANCE_SAMPLES / rateHz) * 1000 + 1;
        if (!follows || one.samples >= FILE_SAMPLES) {
          void finish(id, one);
          one = undefined;
        }
      }
      if (one === undefined) {
        one = begin({ form: 1, device, channels: [...channels], rateHz, startMs });
        open.set(id, one);
      }
      for (let index = 0; index < count; index++) {
        for (const [channel, column] of columns.entries()) one.waiting[channel]!.push(column[index]!);
        if (one.waiting[0]!.length >= CHUNK_SAMPLES) writeChunk(one);
      }
    },
    flush() {
      for (const one of open.values()) writeChunk(one);
    },
    async adopt() {
      const known = new Set(
        vault()
          .ofKind('segment')
          .flatMap((entry) => (entry.kind === 'segment' ? [entry.file] : [])),
      );
      const writing = new Set([...open.values()].map(({ file }) => file));
      const orphans = list().filter(({ file }) => !known.has(file) && !writing.has(file));
      for (const { file, samples, ...head } of orphans) await refer(file, head, samples);
      return orphans.length;
    },
    async close() {
      await Promise.all([...open].map(([id, one]) => finish(id, one)));
    },
    list,
    read(file) {
      if (!/^[A-Za-z0-9_-]+\.seg$/.test(file)) throw new RangeError(`'${file}' is no segment`);
      return readChunks(`${own}/${file}`, sealKey);
    },
    endedBefore,
    dropBefore(beforeMs) {
      const old = endedBefore(beforeMs);
      for (const file of old) rmSync(`${own}/${file}`);
      return old.length;
    },
    dropOldest() {
      const writing = new Set([...open.values()].map(({ file }) => file));
      const [oldest] = filesIn(own)
        .filter((file) => !writing.has(file))
        .map((file) => ({ file, ...statSync(`${own}/${file}`) }))
        .sort((a, b) => a.mtimeMs - b.mtimeMs);
      if (oldest === undefined) return 0;
      rmSync(`${own}/${oldest.file}`);
      return oldest.size;
    },
  };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.seg'))
    .sort();

const boundTo = (chunk: number): Buffer => Buffer.from(`chunk ${chunk}`);

function sealChunk(key: Buffer, chunk: number, columns: readonly (readonly number[])[]): Buffer {
  const writer = createByteWriter();
  writer.varint(columns.length);
  writer.varint(columns[0]!.length);
  for (const column of columns) {
    const codings = readingCodings(Float64Array.from(column)).map((bytes) => ({ bytes, size: deflateRawSync(bytes).length }));
    const { bytes } = codings.reduce((best, one) => (one.size < best.size ? one : best));
    writer.varint(bytes.length);
    writer.bytes(bytes);
  }
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(chunk));
  return Buffer.concat([nonce, cipher.update(deflateRawSync(writer.finish(), { level: 9 })), cipher.final(), cipher.getAuthTag()]);
}

function headOf(bytes: Buffer): { head: SegmentHead; length: number } | undefined {
  const end = bytes.indexOf(0x0a);
  if (end < 0) return undefined;
  try {
    const head = JSON.parse(bytes.toString('utf8', 0, end)) as SegmentHead;
    return head.form === 1 && Array.isArray(head.channels) ? { head, length: end + 1 } : undefined;
  } catch {
    return undefined;
  }
}

function* readChunks(path: string, key: Buffer): Generator<Float64Array[]> {
  const bytes = readFileSync(path);
  const head = headOf(bytes);
  if (head === undefined) return;
  let at = head.length;
  for (let chunk = 0; at + 4 <= bytes.length; chunk++) {
    const length = bytes.readUInt32LE(at);
    const end = at + 4 + length;
    if (length > MOST_CHUNK_BYTES || length < NONCE_BYTES + TAG_BYTES || end > bytes.length) return;
    const columns = openChunk(key, chunk, bytes.subarray(at + 4, end));
    if (columns === undefined || columns.length !== head.head.channels.length) return;
    yield columns;
    at = end;
  }
}

/** Undefined when the chunk is torn, damaged or another's. */
function openChunk(key: Buffer, chunk: number, sealed: Buffer): Float64Array[] | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAAD(boundTo(chunk));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const reader = createByteReader(inflateRawSync(packed));
    const channels = reader.varint();
    const count = reader.varint();
    if (channels > MOST_CHANNELS || count > CHUNK_SAMPLES) return undefined;
    return Array.from({ length: channels }, () => readReadings(createByteReader(reader.bytes(reader.varint())), count));
  } catch {
    return undefined;
  }
}
