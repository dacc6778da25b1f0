/** Whether an RTP payload begins a picture that a decoder can begin at. */

/** RFC 7741, 4.2 and 4.3: the first packet of the first partition; the frame's own first bit is 0 for a key frame. */
export function beginsVp8KeyFrame(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  // S is set and the partition's index is 0.
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return false;
  let at = 1;
  if ((first & 0x80) !== 0) {
    const extensions = payload[at++] ?? 0;
    if ((extensions & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extensions & 0x40) !== 0) at++;
    if ((extensions & 0x30) !== 0) at++;
  }
  return ((payload[at] ?? 1) & 1) === 0;
}

const IDR = 5;
const STAP_A = 24;
const FU_A = 28;

/** RFC 6184, 5.6, 5.7.1 and 5.8: a slice of an IDR picture alone, within an aggregation, or in its first fragment. */
export function beginsH264KeyFrame(payload: Uint8Array): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === FU_A) return ((payload[1] ?? 0) & 0x80) !== 0 && ((payload[1] ?? 0) & 0x1f) === IDR;
  if (type !== STAP_A) return type === IDR;
  for (let at = 1; at + 2 < payload.length; at += 2 + (payload[at]! << 8) + payload[at + 1]!)
    if ((payload[at + 2]! & 0x1f) === IDR) return true;
  return false;
}
