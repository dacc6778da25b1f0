/** Ogg (RFC 3533) as a pipe carries it: the packets of its one stream. */

const CAPTURE = 0x4f676753; // "OggS"
const HEADER_BYTES = 27;
const SEGMENTS_AT = 26;
/** A segment of this length goes on in the next. */
const FULL_SEGMENT = 255;

export class OggError extends Error {
  override readonly name = 'OggError';
}

export interface OggReader {
  /** The packets that are whole with these bytes. Throws {@link OggError} when this is no Ogg. */
  take(chunk: Uint8Array): Buffer[];
}

/** @param mostBytes of a packet; a longer one is an error */
export function createOggReader(mostBytes: number): OggReader {
  /** Not a whole page yet. */
  let rest: Buffer = Buffer.alloc(0);
  let begun: Buffer[] = [];
  let begunBytes = 0;
  return {
    take(chunk) {
      // Pages of one packet each, some dozens of bytes: nothing grows here.
      rest = Buffer.concat([rest, chunk]);
      const packets: Buffer[] = [];
      while (rest.length >= HEADER_BYTES) {
        if (rest.readUInt32BE(0) !== CAPTURE) throw new OggError('the encoder gives no Ogg');
        const segments = rest[SEGMENTS_AT]!;
        const lengths = rest.subarray(HEADER_BYTES, HEADER_BYTES + segments);
        let at = HEADER_BYTES + segments;
        if (lengths.length < segments || rest.length < at + lengths.reduce((sum, length) => sum + length, 0)) break;
        for (const length of lengths) {
          begun.push(rest.subarray(at, at + length));
          at += length;
          begunBytes += length;
          if (begunBytes > mostBytes) throw new OggError(`the encoder gives a packet of more than ${mostBytes} bytes`);
          if (length === FULL_SEGMENT) continue;
          packets.push(Buffer.concat(begun));
          begun = [];
          begunBytes = 0;
        }
        rest = rest.subarray(at);
      }
      return packets;
    },
  };
}
