/**
 * When each packet of a sender arrived, as libwebrtc's congestion control is told (draft-holmer-rmcat-transport-wide-cc-extensions-01,
 * section 3.1). Without true times and true losses its estimate of the line stays low, and with it the picture.
 */

export interface Arrival {
  /** Transport-wide sequence number, counted on past 65535. */
  readonly number: number;
  readonly atMs: number;
}

const VERSION = 2;
const FORMAT = 15;
const TRANSPORT_FEEDBACK = 205;
const HEADER_BYTES = 20;
/** A chunk of two-bit symbols. */
const VECTOR = 0xc000;
const SYMBOLS = 7;
const TICKS_PER_MS = 4;
const REFERENCE_MS = 64;
const [NOT_RECEIVED, SMALL, LARGE] = [0, 1, 2];
/** Signed 16 bits of 250 us: eight seconds. */
const MOST_TICKS = 32_767;

/**
 * @param arrivals in the order of their numbers, one at least, within 65536 of `first`
 * @param first number that the packet tells of first: what was missing before the first arrival is told as lost
 * @param round counts feedback packets
 */
export function transportFeedback(
  arrivals: readonly Arrival[],
  first: number,
  round: number,
  senderSsrc: number,
  mediaSsrc: number,
): Buffer {
  const last = arrivals.at(-1)!.number;
  const reference = Math.floor(arrivals[0]!.atMs / REFERENCE_MS);
  const symbols: number[] = new Array(last - first + 1).fill(NOT_RECEIVED);
  const deltas: number[] = [];
  let ticks = reference * REFERENCE_MS * TICKS_PER_MS;
  for (const { number, atMs } of arrivals) {
    const delta = Math.max(-MOST_TICKS, Math.min(MOST_TICKS, Math.round(atMs * TICKS_PER_MS) - ticks));
    ticks += delta;
    const isSmall = delta >= 0 && delta <= 255;
    symbols[number - first] = isSmall ? SMALL : LARGE;
    deltas.push(...(isSmall ? [delta] : [(delta >> 8) & 0xff, delta & 0xff]));
  }
  const chunks = Math.ceil(symbols.length / SYMBOLS);
  const length = HEADER_BYTES + chunks * 2 + deltas.length;
  const padding = (4 - (length % 4)) % 4;
  const bytes = Buffer.alloc(length + padding);
  bytes[0] = (VERSION << 6) | (padding === 0 ? 0 : 0x20) | FORMAT;
  bytes[1] = TRANSPORT_FEEDBACK;
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(senderSsrc, 4);
  bytes.writeUInt32BE(mediaSsrc, 8);
  bytes.writeUInt16BE(first & 0xffff, 12);
  bytes.writeUInt16BE(symbols.length, 14);
  bytes.writeUIntBE(reference & 0xffffff, 16, 3);
  bytes[19] = round & 0xff;
  for (let chunk = 0; chunk < chunks; chunk++) {
    let word = VECTOR;
    for (let at = 0; at < SYMBOLS; at++) word |= (symbols[chunk * SYMBOLS + at] ?? NOT_RECEIVED) << (2 * (SYMBOLS - 1 - at));
    bytes.writeUInt16BE(word, HEADER_BYTES + chunk * 2);
  }
  bytes.set(deltas, HEADER_BYTES + chunks * 2);
  if (padding > 0) bytes[bytes.length - 1] = padding;
  return bytes;
}
