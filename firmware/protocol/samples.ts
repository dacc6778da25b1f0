/**
 * Raw samples on the wire: what a converter or an accelerometer gave, a column for each channel, evenly spaced. They are for looking into:
 * never acknowledged, sent only while the hub asks for them, lost without harm.
 *
 * Little endian: first sample's monotonic milliseconds (8), rate in hertz (8), channels (1), samples (2), names of the channels (length,
 * ASCII), then channel by channel the values as IEEE 754 binary64: bit-exact, as everything from sensor to export.
 */

export interface RawSamples {
  /** `x`, `y`, `z` in g; `counts` of a converter. */
  readonly channels: readonly string[];
  readonly rateHz: number;
  /** Device monotonic milliseconds of the first sample. */
  readonly firstAt: number;
  readonly columns: readonly ArrayLike<number>[];
}

const HEAD_BYTES = 19;
const VALUE_BYTES = 8;
const MOST_CHANNELS = 16;
const NAME = /^[a-z][a-z0-9_]{0,15}$/;

/** Parts of which each takes at most so many bytes. Throws RangeError when not even one sample of all channels does. */
export function splitSamples(samples: RawSamples, mostBytes: number): RawSamples[] {
  const { channels, rateHz, firstAt, columns } = samples;
  const head = HEAD_BYTES + channels.reduce((sum, name) => sum + 1 + name.length, 0);
  const most = Math.floor((mostBytes - head) / (channels.length * VALUE_BYTES));
  if (most < 1) throw new RangeError(`${channels.length} channels do not fit into ${mostBytes} bytes`);
  const count = columns[0]?.length ?? 0;
  return Array.from({ length: Math.ceil(count / most) }, (_, part) => ({
    channels,
    rateHz,
    firstAt: firstAt + (part * most * 1000) / rateHz,
    columns: columns.map((column) => Array.prototype.slice.call(column, part * most, (part + 1) * most) as number[]),
  }));
}

export function encodeSamples({ channels, rateHz, firstAt, columns }: RawSamples): Uint8Array {
  const count = columns[0]?.length ?? 0;
  const names = channels.map((name) => new TextEncoder().encode(name));
  const head = HEAD_BYTES + names.reduce((sum, name) => sum + 1 + name.length, 0);
  const bytes = new Uint8Array(head + channels.length * count * VALUE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, firstAt, true);
  view.setFloat64(8, rateHz, true);
  view.setUint8(16, channels.length);
  view.setUint16(17, count, true);
  let at = HEAD_BYTES;
  for (const name of names) {
    view.setUint8(at, name.length);
    bytes.set(name, at + 1);
    at += 1 + name.length;
  }
  for (const column of columns) for (let index = 0; index < count; index++, at += VALUE_BYTES) view.setFloat64(at, column[index]!, true);
  return bytes;
}

/** Undefined for what is none. Never throws. */
export function decodeSamples(bytes: Uint8Array): RawSamples | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const firstAt = view.getFloat64(0, true);
  const rateHz = view.getFloat64(8, true);
  const count = view.getUint16(17, true);
  const channels: string[] = [];
  let at = HEAD_BYTES;
  for (let channel = 0; channel < view.getUint8(16); channel++) {
    const length = bytes[at];
    if (length === undefined || at + 1 + length > bytes.length) return undefined;
    channels.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const isWhole =
    channels.length > 0 &&
    channels.length <= MOST_CHANNELS &&
    channels.every((name) => NAME.test(name)) &&
    count > 0 &&
    bytes.length === at + channels.length * count * VALUE_BYTES;
  if (!isWhole || !Number.isFinite(firstAt) || !(rateHz > 0 && rateHz < 1e6)) return undefined;
  const columns = channels.map((_, channel) =>
    Array.from({ length: count }, (_value, index) => view.getFloat64(at + (channel * count + index) * VALUE_BYTES, true)),
  );
  return { channels, rateHz, firstAt, columns };
}
