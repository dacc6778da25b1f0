/** RTP (RFC 3550, 5.1) as far as who counts packets must know it. */

const HEADER_BYTES = 12;

/** What a packet carries, without padding. Undefined when it is no RTP or is cut short. */
export function payloadOf(packet: Uint8Array): Uint8Array | undefined {
  if (packet.length < HEADER_BYTES || packet[0]! >> 6 !== 2) return undefined;
  const first = packet[0]!;
  let from = HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (packet.length < from + 4) return undefined;
    from += 4 + 4 * ((packet[from + 2]! << 8) | packet[from + 3]!);
  }
  const until = packet.length - ((first & 0x20) !== 0 ? packet.at(-1)! : 0);
  return from <= until ? packet.subarray(from, until) : undefined;
}
