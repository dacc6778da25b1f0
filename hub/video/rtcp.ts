/** RTCP (RFC 3550, section 6) as far as a sender of pictures must hear it: a viewer that needs a whole picture, and what the network lost. */

const VERSION = 2;
const RECEIVER_REPORT = 201;
const PAYLOAD_SPECIFIC = 206;
/** RFC 3550, 6.4.2: header and sender come before the first block, in which the lost part follows the source. */
const LOST_AT = 12;
/** RFC 4585, 6.3.1: picture loss indication. */
const PICTURE_LOSS = 1;
/** RFC 5104, 4.3.1: full intra request. */
const FULL_INTRA = 4;
const HEADER_BYTES = 4;

/** Whether a compound packet asks for a key frame. What is no RTCP, or is cut short, asks for nothing. */
export function wantsKeyFrame(compound: Uint8Array): boolean {
  for (let at = 0; at + HEADER_BYTES <= compound.length; ) {
    const first = compound[at]!;
    if (first >> 6 !== VERSION) return false;
    const words = (compound[at + 2]! << 8) | compound[at + 3]!;
    const end = at + HEADER_BYTES + words * 4;
    if (end > compound.length) return false;
    const format = first & 0x1f;
    // Sender and media source are two words that every such packet has.
    if (compound[at + 1] === PAYLOAD_SPECIFIC && words >= 2 && (format === PICTURE_LOSS || format === FULL_INTRA)) return true;
    at = end;
  }
  return false;
}

/** Part of the packets that the first receiver report of a compound packet says were lost since the one before, 0 to 1. */
export function lostIn(compound: Uint8Array): number | undefined {
  for (let at = 0; at + HEADER_BYTES <= compound.length; ) {
    const first = compound[at]!;
    if (first >> 6 !== VERSION) return undefined;
    const end = at + HEADER_BYTES + ((compound[at + 2]! << 8) | compound[at + 3]!) * 4;
    if (end > compound.length) return undefined;
    if (compound[at + 1] === RECEIVER_REPORT && (first & 0x1f) > 0 && at + LOST_AT < end) return compound[at + LOST_AT]! / 256;
    at = end;
  }
  return undefined;
}
