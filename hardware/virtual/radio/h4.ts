/** Packets out of the byte stream of HCI's UART transport (Bluetooth Core 5.4, Vol 4 Part A, 2: a type byte, then the packet). */
import { PACKET } from './hci.ts';

/** Bytes until a packet of this head is whole; undefined: more of the head is needed, 0: no packet begins like this. */
function lengthOf(bytes: Uint8Array): number | undefined {
  switch (bytes[0]) {
    case PACKET.command:
      return bytes.length < 4 ? undefined : 4 + bytes[3]!;
    case PACKET.acl:
      return bytes.length < 5 ? undefined : 5 + (bytes[3]! | (bytes[4]! << 8));
    case PACKET.event:
      return bytes.length < 3 ? undefined : 3 + bytes[2]!;
    default:
      return 0;
  }
}

/** A reader that is given bytes as they come and gives whole packets, type byte first. A byte that begins no packet is skipped. */
export function createH4Reader(): (bytes: Uint8Array) => Uint8Array[] {
  let rest: Uint8Array = new Uint8Array(0);
  return (bytes) => {
    let buffer: Uint8Array = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const packets: Uint8Array[] = [];
    while (buffer.length > 0) {
      const length = lengthOf(buffer);
      if (length === 0) {
        buffer = buffer.subarray(1);
        continue;
      }
      if (length === undefined || buffer.length < length) break;
      packets.push(buffer.slice(0, length));
      buffer = buffer.subarray(length);
    }
    rest = buffer.slice();
    return packets;
  };
}
