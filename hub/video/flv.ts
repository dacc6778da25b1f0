/**
 * FLV (Adobe Flash Video File Format 10.1, annex E) as a pipe carries it: the container that ffmpeg writes with each picture's length
 * before it, so that a picture is whole the moment it is written, and with the camera's time.
 */
import { type AccessUnit, MOST_UNIT_BYTES, nalTypeOf, nalTypes } from './access-unit.ts';

const FILE_HEADER_BYTES = 9;
const PREVIOUS_SIZE_BYTES = 4;
const TAG_HEADER_BYTES = 11;
const VIDEO_TAG = 9;
const AVC = 7;
/** Frame type and codec, packet type, three bytes of composition time. */
const VIDEO_HEADER_BYTES = 5;
const START = Buffer.from([0, 0, 0, 1]);

export class VideoStreamError extends Error {
  override readonly name = 'VideoStreamError';
}

export interface FlvReader {
  /** The pictures that are whole with these bytes. Throws {@link VideoStreamError} when this is no FLV of H.264. */
  take(chunk: Uint8Array): AccessUnit[];
}

export function createFlvReader(): FlvReader {
  let buffer = Buffer.allocUnsafe(256 * 1024);
  let filled = 0;
  let isBegun = false;
  let parameterSets: Buffer = Buffer.alloc(0);

  const append = (chunk: Uint8Array): void => {
    const needed = filled + chunk.length;
    if (needed > buffer.length) {
      if (needed > 2 * MOST_UNIT_BYTES) throw new VideoStreamError('the camera gives a picture without an end');
      const larger = Buffer.allocUnsafe(Math.max(needed, buffer.length * 2));
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    buffer.set(chunk, filled);
    filled = needed;
  };

  return {
    take(chunk) {
      append(chunk);
      const units: AccessUnit[] = [];
      let at = 0;
      if (!isBegun) {
        if (filled < FILE_HEADER_BYTES + PREVIOUS_SIZE_BYTES) return [];
        if (buffer.toString('latin1', 0, 3) !== 'FLV') throw new VideoStreamError('the camera’s program gives no FLV');
        at = buffer.readUInt32BE(5) + PREVIOUS_SIZE_BYTES;
        isBegun = true;
      }
      while (at + TAG_HEADER_BYTES <= filled) {
        const size = buffer.readUIntBE(at + 1, 3);
        if (size > MOST_UNIT_BYTES) throw new VideoStreamError(`the camera gives a picture of ${size} bytes`);
        const end = at + TAG_HEADER_BYTES + size;
        if (end + PREVIOUS_SIZE_BYTES > filled) break;
        if ((buffer[at]! & 0x1f) === VIDEO_TAG && size >= VIDEO_HEADER_BYTES) {
          // The timestamp's highest byte comes last.
          const atMs = buffer.readUIntBE(at + 4, 3) + buffer[at + 7]! * 2 ** 24;
          const body = buffer.subarray(at + TAG_HEADER_BYTES, end);
          if ((body[0]! & 0x0f) !== AVC) throw new VideoStreamError('the camera gives another codec than H.264');
          if (body[1] === 0) parameterSets = parameterSetsIn(body.subarray(VIDEO_HEADER_BYTES));
          else if (body[1] === 1) {
            const unit = unitOf(body.subarray(VIDEO_HEADER_BYTES), atMs, parameterSets);
            if (unit !== undefined) units.push(unit);
          }
        }
        at = end + PREVIOUS_SIZE_BYTES;
      }
      if (at > filled) throw new VideoStreamError('the camera’s program gives no FLV');
      buffer.copyWithin(0, at, filled);
      filled -= at;
      return units;
    },
  };
}

/** SPS and PPS of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) in Annex B form. */
function parameterSetsIn(record: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[at++] ?? 0) & mask;
    for (let index = 0; index < count; index++) {
      if (at + 2 > record.length) return Buffer.concat(parts);
      const length = record.readUInt16BE(at);
      const end = at + 2 + length;
      if (end > record.length) return Buffer.concat(parts);
      parts.push(START, record.subarray(at + 2, end));
      at = end;
    }
  }
  return Buffer.concat(parts);
}

/** NAL units with lengths before them become NAL units with start codes; both are four bytes. Undefined without a picture. */
function unitOf(body: Buffer, atMs: number, parameterSets: Buffer): AccessUnit | undefined {
  let isKey = false;
  let hasPicture = false;
  let hasSets = false;
  for (let at = 0; at + 4 < body.length; ) {
    const length = body.readUInt32BE(at);
    const end = at + 4 + length;
    if (length === 0 || end > body.length) return undefined;
    const type = nalTypeOf(body[at + 4]!);
    if (type === nalTypes.idr) isKey = true;
    if (type >= nalTypes.slice && type <= nalTypes.idr) hasPicture = true;
    if (type === nalTypes.sps) hasSets = true;
    at = end;
  }
  if (!hasPicture) return undefined;
  const before = isKey && !hasSets ? parameterSets : Buffer.alloc(0);
  const bytes = Buffer.concat([before, body]);
  for (let at = before.length; at + 4 < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    START.copy(bytes, at);
    at += 4 + length;
  }
  return { bytes, atMs, isKey };
}
