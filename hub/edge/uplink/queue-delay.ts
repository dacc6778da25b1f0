/**
 * When a packet would have arrived had only the line's queue held it up. Where packets overtake each other they are late by more than a
 * queue, which keeps the order; libwebrtc's congestion control takes all delay that grows for a queue, and would give way to nothing.
 */

export interface QueueDelay {
  /**
   * @param sentMs the sender's time of sending, of a clock that begins anew each 64 s
   * @param overtakenMs by how much packets overtake each other now
   */
  take(sentMs: number, arrivedMs: number, overtakenMs: number): number;
}

/** Abs-send-time (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time): 24 bits of 1/2^18 s. */
export const SEND_CLOCK_MS = 64_000;
/** As many times of what packets overtake each other by, as the least delay is looked for among: one of them was hardly late. */
const SPAN = 2;
/** At least: a machine with much to do lets a packet wait so long before it looks at it. */
const LEAST_SPAN_MS = 100;
/** Of a slow picture too few come within that time, where they overtake each other; but not for longer than a queue may go unnoticed. */
const LEAST_PACKETS = 12;
const MOST_SPAN_MS = 2000;

export function createQueueDelay(): QueueDelay {
  let recent: { readonly delayMs: number; readonly arrivedMs: number; readonly packet: number }[] = [];
  let zeroMs: number | undefined;
  let packet = 0;
  return {
    take(sentMs, arrivedMs, overtakenMs) {
      zeroMs ??= arrivedMs - sentMs;
      const turns = Math.round((arrivedMs - sentMs - zeroMs) / SEND_CLOCK_MS);
      const delayMs = arrivedMs - sentMs - turns * SEND_CLOCK_MS;
      packet++;
      const counts = (one: { readonly arrivedMs: number; readonly packet: number }): boolean => {
        const agoMs = arrivedMs - one.arrivedMs;
        if (agoMs <= Math.max(LEAST_SPAN_MS, overtakenMs * SPAN)) return true;
        return overtakenMs > 0 && packet - one.packet < LEAST_PACKETS && agoMs <= MOST_SPAN_MS;
      };
      // What came before, and was later, can never be the least again.
      recent = [...recent.filter((one) => one.delayMs < delayMs && counts(one)), { delayMs, arrivedMs, packet }];
      return arrivedMs - (delayMs - recent[0]!.delayMs);
    },
  };
}
