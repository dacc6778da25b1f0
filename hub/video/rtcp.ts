/** RTCP (RFC 3550, section 6) as far as a sender of pictures must hear it: a viewer that needs a whole picture, and what the network lost. */

const VERSION = 2;
const RECEIVER_REPORT = 201;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_SPECIFIC = 206;
/** RFC 3550, 6.4.2: header and sender come before the first block, in which the lost part follows the source. */
const LOST_AT = 12;
/** After it and the number of all that were lost: the highest sequence number, counted on. */
const HIGHEST_AT = 16;
/** RFC 4585, 6.2.1: one packet, and which of the sixteen after it. */
const GENERIC_NACK = 1;
const ITEMS_AT = 12;
/** Of packets that were asked for, to know those that are asked for again: some seconds of the worst line. */
const MOST_ASKED = 1024;
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

/**
 * Counts what the network lost of a sender's packets, by what its receiver says. What is sent again hides from receiver reports what was
 * lost before, as long as the line can carry both: so those are counted too that it asked for (RFC 4585, 6.2.1).
 */
export function createLossCount(): { hear(compound: Uint8Array): number | undefined } {
  const asked = new Set<number>();
  let newlyAsked = 0;
  let highest: number | undefined;
  const ask = (sequence: number): void => {
    const number = sequence & 0xffff;
    if (asked.has(number)) return;
    asked.add(number);
    newlyAsked++;
    if (asked.size > MOST_ASKED) asked.delete(asked.values().next().value!);
  };
  return {
    /** Part of the packets that were lost since the report before, 0 to 1, when a compound packet has a report. What is cut short tells nothing. */
    hear(compound) {
      let lost: number | undefined;
      const view = new DataView(compound.buffer, compound.byteOffset, compound.byteLength);
      for (let at = 0; at + HEADER_BYTES <= compound.length; ) {
        const first = compound[at]!;
        if (first >> 6 !== VERSION) break;
        const end = at + HEADER_BYTES + view.getUint16(at + 2) * 4;
        if (end > compound.length) break;
        const type = compound[at + 1];
        if (type === TRANSPORT_FEEDBACK && (first & 0x1f) === GENERIC_NACK)
          for (let item = at + ITEMS_AT; item + 4 <= end; item += 4) {
            const from = view.getUint16(item);
            const more = view.getUint16(item + 2);
            ask(from);
            for (let bit = 0; bit < 16; bit++) if (((more >> bit) & 1) === 1) ask(from + bit + 1);
          }
        if (type === RECEIVER_REPORT && (first & 0x1f) > 0 && at + HIGHEST_AT + 4 <= end && lost === undefined) {
          const now = view.getUint32(at + HIGHEST_AT);
          const sent = highest === undefined ? 0 : (now - highest) | 0;
          lost = Math.max(compound[at + LOST_AT]! / 256, sent > 0 ? Math.min(1, newlyAsked / sent) : 0);
          newlyAsked = 0;
          highest = now;
        }
        at = end;
      }
      return lost;
    },
  };
}
