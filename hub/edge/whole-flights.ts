/**
 * A flight of the DTLS handshake as one datagram, as RFC 6347, 4.2.3 advises. The engine sends each record by itself; where the network
 * lets one overtake another, a change of keys comes before what it belongs to, is refused, and is taken for a replay each time that it
 * comes again: no connection ever.
 */
import type { RTCPeerConnection } from 'werift';

/** With IP, UDP and a relay's headers this stays under the 1280 bytes that every path carries (RFC 8200, section 5). */
const MOST_BYTES = 1200;
/** RFC 7983, section 7: the first byte of a datagram that is DTLS. */
const isDtls = (first: number): boolean => first >= 20 && first <= 63;

export type Send = (datagram: Buffer) => Promise<void>;

/** Holds handshake records until the code that makes them has made the last; all else goes at once. */
export function wholeFlights(send: Send): Send {
  let held: Buffer[] = [];
  let sending: Promise<void> | undefined;
  const flush = async (): Promise<void> => {
    // Records of one flight are handed over in one go, without a wait between them.
    await undefined;
    const records = held;
    [held, sending] = [[], undefined];
    let datagram = records[0]!;
    for (const record of records.slice(1)) {
      if (datagram.length + record.length <= MOST_BYTES) datagram = Buffer.concat([datagram, record]);
      else {
        await send(datagram);
        datagram = record;
      }
    }
    await send(datagram);
  };
  return (datagram) => {
    if (!isDtls(datagram[0] ?? 0)) return send(datagram);
    held.push(datagram);
    sending ??= flush();
    return sending;
  };
}

const whole = new WeakSet<object>();

/** To be called once the connection has its transports and before it connects, as often as one likes: the engine names no other place for it. */
export function sendWholeFlights(connection: RTCPeerConnection): void {
  for (const { connection: ice } of connection.iceTransports) {
    if (whole.has(ice)) continue;
    whole.add(ice);
    ice.send = wholeFlights(ice.send.bind(ice));
  }
}
