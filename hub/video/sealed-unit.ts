/**
 * H.264 that a forwarder can forward and a decoder's depacketizer can put together, but nobody without the key can look at: each slice is
 * sealed by SFrame behind its first bytes. In clear stay the parameter sets, each NAL unit's type, and the first {@link CLEAR_BYTES} of a
 * slice, by which receivers tell to which parameter sets it belongs (ITU-T H.264, 7.3.3); they are authenticated.
 */
import { nalTypeOf, nalTypes } from './access-unit.ts';
import { type SframeKey, sframeSeal } from './sframe.ts';

/** The NAL unit's header, then number of the first macroblock, type and parameter set: 40 bits at most for pictures up to 4K. */
export const CLEAR_BYTES = 8;
/** Ends each sealed slice: a last byte of 0 would be lost (7.4.1). */
const END = 0x80;
const START = Buffer.from([0, 0, 0, 1]);

/** Seals the pictures of one stream. */
export function createUnitSealer(key: SframeKey): (bytes: Buffer) => Buffer {
  let counter = 0n;
  return (bytes) =>
    Buffer.concat(
      nalUnitsIn(bytes).flatMap((unit) => {
        const type = nalTypeOf(unit[0]!);
        const isSlice = type >= nalTypes.slice && type <= nalTypes.idr;
        if (!isSlice || unit.length <= CLEAR_BYTES) return [START, unit];
        const clear = unit.subarray(0, CLEAR_BYTES);
        return [START, clear, escaped(clear, sframeSeal(key, counter++, clear, unit.subarray(CLEAR_BYTES)))];
      }),
    );
}

/** NAL units between start codes of three or four bytes, without those. */
export function nalUnitsIn(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  const code = START.subarray(1);
  for (let at = bytes.indexOf(code); at >= 0; ) {
    const next = bytes.indexOf(code, at + code.length);
    let end = next < 0 ? bytes.length : next;
    if (next > 0 && bytes[end - 1] === 0) end--;
    if (end > at + code.length) units.push(bytes.subarray(at + code.length, end));
    at = next;
  }
  return units;
}

/** 7.4.1: a 3 between two zeros and a byte below 4, so that no start code appears; with what stands before in view. */
function escaped(before: Buffer, bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 3) / 2) + 2);
  let zeros = before.at(-1) === 0 ? (before.at(-2) === 0 ? 2 : 1) : 0;
  let at = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out[at++] = 3;
      zeros = 0;
    }
    out[at++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  out[at++] = END;
  return out.subarray(0, at);
}
