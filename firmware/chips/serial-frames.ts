/**
 * Finds frames in a byte stream that may start anywhere, lose bytes, double them or carry noise.
 *
 * A chip's file says how one frame looks ({@link Parse}); the reader here keeps what has arrived, cuts frames out of it, and after a
 * frame that is none looks again from the very next byte, so that a lost byte costs one frame and not two.
 */

/** Why bytes were no frame. `refused`: a whole frame in which the sensor says that it cannot answer. */
export type FrameFault = 'header' | 'length' | 'checksum' | 'refused';

export type Parsed<T> =
  /** What is there may still become a frame. */
  | { readonly kind: 'more' }
  | { readonly kind: 'frame'; readonly bytes: number; readonly value: T }
  /** The first `bytes` bytes are no frame; a header fault of one byte is noise and is reported once for a run. */
  | { readonly kind: 'fault'; readonly bytes: number; readonly fault: FrameFault; readonly message: string };

/** Looks at the start of what has arrived, at least one byte. Never throws, keeps nothing. */
export type Parse<T> = (bytes: Uint8Array) => Parsed<T>;

export type Decoded<T> =
  | { readonly kind: 'frame'; readonly value: T }
  | { readonly kind: 'fault'; readonly fault: FrameFault; readonly message: string };

export interface FrameReader<T> {
  push(chunk: Uint8Array): Decoded<T>[];
  /** The sender has paused: what is left over is a frame cut short. Starts afresh. */
  end(): Decoded<T>[];
}

/** The longest frame of any chip here is SHDLC's 2 * (255 + 5) + 2 bytes when every byte is stuffed; no reader keeps more. */
const MOST_WAITING_BYTES = 1024;

export function createFrameReader<T>(parse: Parse<T>): FrameReader<T> {
  let waiting: Uint8Array = new Uint8Array(0);
  let noise = 0;
  /** The bytes after a spoiled frame are its rest, and no news. */
  let isRest = false;

  const noiseFault = (): Decoded<T>[] => {
    const bytes = noise;
    noise = 0;
    if (bytes === 0 || isRest) return [];
    return [{ kind: 'fault', fault: 'header', message: `${bytes} bytes that begin no frame` }];
  };
  const cut = (bytes: number): void => {
    waiting = waiting.subarray(bytes);
  };
  const scan = (): Decoded<T>[] => {
    const out: Decoded<T>[] = [];
    while (waiting.length > 0) {
      const parsed = parse(waiting);
      if (parsed.kind === 'more') {
        if (waiting.length < MOST_WAITING_BYTES) break;
        noise++;
        cut(1);
      } else if (parsed.kind === 'frame') {
        out.push(...noiseFault(), { kind: 'frame', value: parsed.value });
        isRest = false;
        cut(parsed.bytes);
      } else {
        if (parsed.fault === 'header') noise += parsed.bytes;
        else {
          out.push(...noiseFault(), { kind: 'fault', fault: parsed.fault, message: parsed.message });
          isRest = parsed.fault !== 'refused';
        }
        cut(Math.max(1, parsed.bytes));
      }
    }
    return out;
  };
  return {
    push(chunk) {
      const joined = new Uint8Array(waiting.length + chunk.length);
      joined.set(waiting);
      joined.set(chunk, waiting.length);
      waiting = joined;
      return scan();
    },
    end() {
      const out = noiseFault();
      if (waiting.length > 0 && !isRest)
        out.push({ kind: 'fault', fault: 'length', message: `a frame cut short after ${waiting.length} bytes` });
      waiting = new Uint8Array(0);
      isRest = false;
      return out;
    },
  };
}

/** A frame that starts with fixed bytes and whose length is known from its first bytes. */
export interface FrameShape<T> {
  readonly name: string;
  readonly header: readonly number[];
  /** Length of the whole frame; undefined: more bytes are needed to know; 0: the bytes after the header fit no frame. */
  readonly lengthOf: (bytes: Uint8Array) => number | undefined;
  /** What the checksum should be and is. */
  readonly checksums: (frame: Uint8Array) => { readonly wanted: number; readonly found: number };
  /** A whole frame whose checksum is right. A text: the sensor refuses, in its words. */
  readonly decode: (frame: Uint8Array) => T | string;
}

export const parserOf =
  <T>({ name, header, lengthOf, checksums, decode }: FrameShape<T>): Parse<T> =>
  (bytes) => {
    const noise = { kind: 'fault', bytes: 1, fault: 'header', message: `no ${name} frame begins here` } as const;
    for (let at = 0; at < header.length && at < bytes.length; at++) if (bytes[at] !== header[at]) return noise;
    if (bytes.length < header.length) return { kind: 'more' };
    const length = lengthOf(bytes);
    if (length === 0) return noise;
    if (length === undefined || bytes.length < length) return { kind: 'more' };
    const frame = bytes.subarray(0, length);
    const { wanted, found } = checksums(frame);
    if (wanted !== found)
      return { kind: 'fault', bytes: 1, fault: 'checksum', message: `${name}: checksum ${found} where ${wanted} is right` };
    const value = decode(frame);
    if (typeof value === 'string') return { kind: 'fault', bytes: length, fault: 'refused', message: `${name}: ${value}` };
    return { kind: 'frame', bytes: length, value };
  };

/** Sum of the bytes from `from` up to and without `to`. */
export function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at]!;
  return sum;
}

/** Big-endian 16-bit words of the bytes from `from` up to and without `to`. */
export const wordsOf = (bytes: Uint8Array, from: number, to: number): number[] =>
  Array.from({ length: (to - from) >> 1 }, (_, index) => (bytes[from + index * 2]! << 8) | bytes[from + index * 2 + 1]!);
