/**
 * Columns of numbers as bytes, for blocks: what changes little becomes bytes that deflate makes almost nothing of. Pure, exact.
 *
 * A whole-number column is its first value, the commonest step, and for each further value how its step differs from that
 * (zigzag, LEB128). A column of readings is whichever is shortest of: decimals as whole numbers, a list of the values that occur
 * with positions in it (what an analogue-to-digital converter gives), or the XOR with the value before in byte planes.
 */

/** A growing buffer of bytes. */
export interface ByteWriter {
  varint(value: number): void;
  bytes(bytes: Uint8Array): void;
  finish(): Uint8Array;
}

export interface ByteReader {
  varint(): number;
  bytes(length: number): Uint8Array;
}

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(4096);
  let length = 0;
  const room = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + bytes));
    larger.set(buffer);
    buffer = larger;
  };
  return {
    varint(value) {
      room(8);
      let rest = value;
      // Above 31 bits the operators on integers would wrap.
      while (rest > 0x7fffffff) {
        buffer[length++] = (rest % 128) + 128;
        rest = Math.floor(rest / 128);
      }
      while (rest > 127) {
        buffer[length++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      buffer[length++] = rest;
    },
    bytes(bytes) {
      room(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    finish: () => buffer.subarray(0, length),
  };
}

/** Reading past the end throws RangeError: a block that ends early is damaged. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  let at = 0;
  return {
    varint() {
      let value = 0;
      let factor = 1;
      for (;;) {
        const byte = bytes[at++];
        if (byte === undefined || factor > 2 ** 56) throw new RangeError('a column ends early');
        value += (byte & 127) * factor;
        if (byte < 128) return value;
        factor *= 128;
      }
    },
    bytes(length) {
      if (at + length > bytes.length) throw new RangeError('a column ends early');
      at += length;
      return bytes.subarray(at - length, at);
    },
  };
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Whole numbers within 2^51 of zero. */
export function writeIntegers(writer: ByteWriter, values: ArrayLike<number>): void {
  const count = values.length;
  if (count === 0) return;
  const steps = new Map<number, number>();
  let base = 0;
  for (let index = 1; index < count; index++) {
    const step = values[index]! - values[index - 1]!;
    const seen = (steps.get(step) ?? 0) + 1;
    steps.set(step, seen);
    if (seen > (steps.get(base) ?? 0)) base = step;
  }
  // With times that jitter every step is its own: the middle one is nearer to all than the commonest.
  if (steps.size > count / 4) base = [...steps.keys()].sort((a, b) => a - b)[steps.size >> 1]!;
  writer.varint(zigzag(values[0]!));
  writer.varint(zigzag(base));
  for (let index = 1; index < count; index++) writer.varint(zigzag(values[index]! - values[index - 1]! - base));
}

export function readIntegers(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  if (count === 0) return values;
  let value = unzigzag(reader.varint());
  const base = unzigzag(reader.varint());
  values[0] = value;
  for (let index = 1; index < count; index++) {
    const coded = reader.varint();
    value += base + (coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2);
    values[index] = value;
  }
  return values;
}

/** More decimals than this are noise of binary fractions, and shorter as XOR. */
const MOST_DECIMALS = 6;
const codings = { decimal: 0, list: 1, xor: 2 } as const;

/** The ways in which readings can be written; the caller keeps the one that compresses best. NaN stands for no number. */
export function readingCodings(values: Float64Array): Uint8Array[] {
  const present = values.filter((value) => !Number.isNaN(value));
  const head = (coding: number): ByteWriter => {
    const writer = createByteWriter();
    writer.varint(coding);
    const missing: number[] = [];
    for (let index = 0; index < values.length; index++) if (Number.isNaN(values[index])) missing.push(index);
    writer.varint(missing.length);
    writeIntegers(writer, missing);
    return writer;
  };
  const results: Uint8Array[] = [];
  const decimals = decimalsOf(present);
  if (decimals !== undefined) {
    const writer = head(codings.decimal);
    writer.varint(decimals);
    writeIntegers(
      writer,
      Array.from(present, (value) => Math.round(value * 10 ** decimals)),
    );
    results.push(writer.finish());
  }
  const distinct = [...new Set(present)].sort((a, b) => a - b);
  // Minus zero is lost in a set of numbers.
  if (distinct.length <= present.length / 4 && !present.some((value) => Object.is(value, -0))) {
    const writer = head(codings.list);
    const places = new Map(distinct.map((value, index) => [value, index]));
    writer.varint(distinct.length);
    writer.bytes(new Uint8Array(Float64Array.from(distinct).buffer));
    writeIntegers(
      writer,
      Array.from(present, (value) => places.get(value)!),
    );
    results.push(writer.finish());
  }
  if (results.length === 0) {
    const writer = head(codings.xor);
    writer.bytes(planesOf(present));
    results.push(writer.finish());
  }
  return results;
}

export function readReadings(reader: ByteReader, count: number): Float64Array {
  const coding = reader.varint();
  const missing = readIntegers(reader, reader.varint());
  const present = count - missing.length;
  if (present < 0) throw new RangeError('a column misses more than it has');
  const found = readPresent(reader, coding, present);
  if (missing.length === 0) return found;
  const values = new Float64Array(count).fill(Number.NaN);
  const absent = new Set(missing);
  let next = 0;
  for (let index = 0; index < count; index++) if (!absent.has(index)) values[index] = found[next++]!;
  return values;
}

function readPresent(reader: ByteReader, coding: number, count: number): Float64Array {
  if (coding === codings.decimal) {
    const scale = 10 ** reader.varint();
    const values = readIntegers(reader, count);
    if (scale !== 1) for (let index = 0; index < count; index++) values[index] = values[index]! / scale;
    return values;
  }
  if (coding === codings.list) {
    const length = reader.varint();
    // A copy, because a Float64Array must start at a multiple of eight. Not by slice(): of a Buffer, as zlib gives, that is a view.
    const distinct = new Float64Array(new Uint8Array(reader.bytes(length * 8)).buffer);
    const places = readIntegers(reader, count);
    for (let index = 0; index < count; index++) places[index] = distinct[places[index]!] ?? Number.NaN;
    return places;
  }
  if (coding === codings.xor) return fromPlanes(reader.bytes(count * 8), count);
  throw new RangeError(`readings are written in a way ${coding} that this hub does not know`);
}

/** Fewest decimals that give every value back exactly; undefined when more than some would be needed. */
function decimalsOf(values: Float64Array): number | undefined {
  let decimals = 0;
  for (const value of values) {
    // Minus zero is no whole number of anything.
    if (Object.is(value, -0)) return undefined;
    for (;;) {
      const scaled = Math.round(value * 10 ** decimals);
      if (Math.abs(scaled) < 2 ** 50 && Object.is(scaled / 10 ** decimals, value)) break;
      if (++decimals > MOST_DECIMALS) return undefined;
    }
  }
  // A later value may have needed more than an earlier one can bear.
  for (const value of values) {
    const scaled = Math.round(value * 10 ** decimals);
    if (Math.abs(scaled) >= 2 ** 50 || !Object.is(scaled / 10 ** decimals, value)) return undefined;
  }
  return decimals;
}

/** XOR of each value with the one before, the eight bytes of all of them in planes: alike bytes lie together. */
function planesOf(values: Float64Array): Uint8Array {
  const count = values.length;
  const words = new Uint32Array(values.slice().buffer);
  const planes = new Uint8Array(count * 8);
  let low = 0;
  let high = 0;
  for (let index = 0; index < count; index++) {
    const [nextLow, nextHigh] = [words[index * 2]!, words[index * 2 + 1]!];
    const [a, b] = [nextLow ^ low, nextHigh ^ high];
    for (let byte = 0; byte < 4; byte++) {
      planes[byte * count + index] = a >>> (byte * 8);
      planes[(byte + 4) * count + index] = b >>> (byte * 8);
    }
    [low, high] = [nextLow, nextHigh];
  }
  return planes;
}

function fromPlanes(planes: Uint8Array, count: number): Float64Array {
  const words = new Uint32Array(count * 2);
  let low = 0;
  let high = 0;
  for (let index = 0; index < count; index++) {
    let a = 0;
    let b = 0;
    for (let byte = 0; byte < 4; byte++) {
      a |= planes[byte * count + index]! << (byte * 8);
      b |= planes[(byte + 4) * count + index]! << (byte * 8);
    }
    low ^= a;
    high ^= b;
    words[index * 2] = low;
    words[index * 2 + 1] = high;
  }
  return new Float64Array(words.buffer);
}
