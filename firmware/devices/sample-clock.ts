/**
 * When each sample of a FIFO was taken. The chip's clock spaces the samples, ours says where a batch ends: a chip that runs 2 % fast or slow
 * is followed little by little, and samples that were lost, or hours in which nobody fetched, show as a gap. Plain state, no clock.
 */

/** Further off than this, samples are missing: a batch is fetched several times a second. */
const GAP_MS = 1500;
/** Part of the difference to our clock that each batch makes up; at four batches a second it is gone in some five seconds. */
const FOLLOW = 0.05;
/** And never more than this part of a sample's period times the batch, so that spacing stays even. */
const MOST_STRETCH = 0.06;

export interface PlacedBatch {
  /** Monotonic milliseconds of each sample, growing. */
  readonly atMs: readonly number[];
  /** Samples that are missing before the batch; 0: it follows on the last. */
  readonly missed: number;
  /** Where the gap before the batch began; meaningful with `missed`. */
  readonly gapFromMs: number;
}

export interface SampleClock {
  /** `isFull`: the FIFO was full, samples may be missing before these. */
  place(count: number, nowMs: number, isFull: boolean): PlacedBatch;
}

export function createSampleClock(rateHz: number, startMs: number): SampleClock {
  const periodMs = 1000 / rateHz;
  let sampledToMs = startMs;
  return {
    place(count, nowMs, isFull) {
      const gapFromMs = sampledToMs;
      const offMs = nowMs - (sampledToMs + count * periodMs);
      if ((isFull && offMs > periodMs) || Math.abs(offMs) > GAP_MS) {
        sampledToMs = nowMs - count * periodMs;
        // Behind our clock: samples are missing. Ahead of it cannot be by samples alone: our clock was set back, and nothing is.
        const missed = Math.max(0, Math.round((sampledToMs - gapFromMs) / periodMs));
        if (count === 0) {
          // Nothing to place yet: the gap is told with the samples that end it.
          sampledToMs = gapFromMs;
          return { atMs: [], missed: 0, gapFromMs };
        }
        const atMs = times(sampledToMs, count, periodMs);
        sampledToMs = nowMs;
        return { atMs, missed, gapFromMs };
      }
      const most = periodMs * count * MOST_STRETCH;
      const stretch = count === 0 ? 0 : Math.max(-most, Math.min(most, offMs * FOLLOW)) / count;
      const atMs = times(sampledToMs, count, periodMs + stretch);
      sampledToMs += count * (periodMs + stretch);
      return { atMs, missed: 0, gapFromMs };
    },
  };
}

const times = (fromMs: number, count: number, periodMs: number): number[] =>
  Array.from({ length: count }, (_, index) => fromMs + (index + 1) * periodMs);
