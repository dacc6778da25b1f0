/**
 * A bare H.264 byte stream (ITU-T H.264, annex B), as `rpicam-vid --codec h264` writes it, cut into whole pictures. That a picture is over
 * shows only when the next begins; waiting for that would cost a frame's time, so `flush` ends it when the camera falls silent.
 */
import { type AccessUnit, MOST_UNIT_BYTES, nalTypeOf, nalTypes } from './access-unit.ts';
import { VideoStreamError } from './flv.ts';

export interface AnnexBReader {
  /** Pictures that are whole because the next one begins in these bytes. Throws {@link VideoStreamError}. */
  take(chunk: Uint8Array, atMs: number): AccessUnit[];
  /** The picture that has come so far, when it has one. */
  flush(): AccessUnit | undefined;
}

export function createAnnexBReader(): AnnexBReader {
  let buffer = Buffer.allocUnsafe(256 * 1024);
  let filled = 0;
  /** Up to here the buffer was searched for start codes. */
  let searched = 0;
  let isInUnit = false;
  let hasPicture = false;
  let isKey = false;
  let hasSets = false;
  let sets = Buffer.alloc(0);
  let setsFrom = -1;
  let beganMs = 0;

  const append = (chunk: Uint8Array): void => {
    const needed = filled + chunk.length;
    if (needed > MOST_UNIT_BYTES * 2) throw new VideoStreamError('the camera gives a picture without an end');
    if (needed > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, buffer.length * 2));
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    buffer.set(chunk, filled);
    filled = needed;
  };
  const cut = (end: number): AccessUnit | undefined => {
    if (setsFrom >= 0) sets = Buffer.from(buffer.subarray(setsFrom, end));
    const own = buffer.subarray(0, end);
    const unit = hasPicture ? { bytes: Buffer.concat(isKey && !hasSets ? [sets, own] : [own]), atMs: beganMs, isKey } : undefined;
    buffer.copyWithin(0, end, filled);
    filled -= end;
    searched = Math.max(0, searched - end);
    isInUnit = false;
    hasPicture = false;
    isKey = false;
    hasSets = false;
    setsFrom = -1;
    return unit;
  };

  return {
    take(chunk, atMs) {
      if (filled === 0) beganMs = atMs;
      append(chunk);
      const units: AccessUnit[] = [];
      for (let at = searched; ; ) {
        const code = nextStartCode(buffer, at, filled);
        // The NAL unit's header and the first bit of its first slice must be there too.
        if (code === undefined || code.header + 1 >= filled) {
          searched = code?.at ?? Math.max(at, filled - 3);
          return units;
        }
        if (!isInUnit && code.at > 0) {
          // The rest of a picture that was taken as over too early: without its beginning it is of no use.
          buffer.copyWithin(0, code.at, filled);
          filled -= code.at;
          isInUnit = true;
          at = 0;
          continue;
        }
        isInUnit = true;
        const type = nalTypeOf(buffer[code.header]!);
        const isSlice = type >= nalTypes.slice && type <= nalTypes.idr;
        // 7.4.1.2.3: these begin a picture; so does a slice whose first macroblock is number 0, coded as a single one bit.
        const begins = (isSlice && buffer[code.header + 1]! >= 0x80) || (type >= nalTypes.sei && type <= nalTypes.delimiter);
        at = code.header;
        if (hasPicture && begins) {
          const unit = cut(code.at);
          if (unit !== undefined) units.push(unit);
          beganMs = atMs;
          isInUnit = true;
          at = code.header - code.at;
        }
        const from = at - (code.header - code.at);
        if (isSlice) {
          hasPicture = true;
          if (setsFrom >= 0) {
            sets = Buffer.from(buffer.subarray(setsFrom, from));
            setsFrom = -1;
          }
        }
        if (type === nalTypes.idr) isKey = true;
        if (type === nalTypes.sps) {
          hasSets = true;
          setsFrom = from;
        }
      }
    },
    flush() {
      return hasPicture ? cut(filled) : undefined;
    },
  };
}

/** The next start code of three or four bytes: where it begins, and where its NAL unit does. */
function nextStartCode(buffer: Buffer, from: number, end: number): { at: number; header: number } | undefined {
  for (let at = from; at + 3 <= end; at++) {
    if (buffer[at + 2]! > 1) at += 2;
    else if (buffer[at] === 0 && buffer[at + 1] === 0 && buffer[at + 2] === 1)
      return { at: at > from && buffer[at - 1] === 0 ? at - 1 : at, header: at + 3 };
  }
  return undefined;
}
