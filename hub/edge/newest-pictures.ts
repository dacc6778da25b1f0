/**
 * What a camera sent since its newest key frame: who joins is given that at once, and need not wait for the camera's next key frame, which
 * many cameras make each few seconds and never on request.
 */

/** An RTP packet, as far as it matters here. */
export interface Packet {
  readonly header: { timestamp: number };
  readonly payload: Uint8Array;
  clone(): this;
}

export interface NewestPictures<P extends Packet> {
  /** @param beginsKeyFrame whether a picture begins in it that a decoder can begin at */
  take(packet: P, beginsKeyFrame: boolean): void;
  /**
   * Copies of them, of the pictures' own order; empty where a viewer has to wait. Their times are drawn together, so that they are shown
   * one right after the other and the live picture is not late by the time that they took.
   */
  forViewer(): P[];
}

/** Longer, and to decode it takes no less time than to wait. */
const MOST_TICKS = 5 * 90_000;
/** Three seconds at 2 Mbit/s: they go out at once, and the Wi-Fi of a home carries them in a tenth of a second. */
const MOST_BYTES = 768 * 1024;
/** Of video's clock of 90 kHz (RFC 6184, RFC 7741): 1 ms. */
const APART_TICKS = 90;

const since = (later: number, earlier: number): number => (later - earlier) | 0;

export function createNewestPictures<P extends Packet>(): NewestPictures<P> {
  let packets: P[] = [];
  let bytes = 0;
  /** Where the newest picture begins, which may turn out to be a key frame after the packets of its parameters. */
  let newest = 0;
  let holdsKeyFrame = false;
  const forget = (): void => {
    packets = [];
    bytes = 0;
    newest = 0;
    holdsKeyFrame = false;
  };
  return {
    take(packet, beginsKeyFrame) {
      const { timestamp } = packet.header;
      const last = packets[newest]?.header.timestamp;
      if (last === undefined || since(timestamp, last) > 0) {
        // Without a key frame before it a picture is of no use to anybody.
        if (!holdsKeyFrame) forget();
        newest = packets.length;
      }
      packets.push(packet);
      bytes += packet.payload.length;
      if (beginsKeyFrame && timestamp === packets[newest]!.header.timestamp) {
        packets = packets.slice(newest);
        bytes = packets.reduce((sum, { payload }) => sum + payload.length, 0);
        newest = 0;
        holdsKeyFrame = true;
      }
      if (bytes > MOST_BYTES || since(timestamp, packets[0]!.header.timestamp) > MOST_TICKS) forget();
    },
    forViewer() {
      if (!holdsKeyFrame) return [];
      const times = [...new Set(packets.map(({ header }) => header.timestamp))].sort(since);
      const last = times.at(-1)!;
      const drawn = new Map(times.map((time, index) => [time, (last - (times.length - 1 - index) * APART_TICKS) >>> 0]));
      return packets.map((packet) => {
        const copy = packet.clone();
        copy.header.timestamp = drawn.get(packet.header.timestamp)!;
        return copy;
      });
    },
  };
}
