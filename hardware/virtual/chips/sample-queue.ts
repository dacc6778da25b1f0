/** The FIFO of a motion chip: samples as they fall due by the chip's own clock, the oldest lost when it is full. */
export interface SampleQueue<T> {
  /** Takes what is due by now. */
  sample(): void;
  readonly length: number;
  readonly isOverrun: boolean;
  shift(): T | undefined;
  /** Empties it and starts its clock. */
  restart(): void;
  clearOverrun(): void;
}

export function createSampleQueue<T>(options: {
  readonly nowMs: () => number;
  readonly depth: number;
  /** Samples a second now; 0: it does not measure. */
  readonly rateHz: () => number;
  readonly take: (atMs: number) => T;
}): SampleQueue<T> {
  const { nowMs, depth, rateHz, take } = options;
  let queue: T[] = [];
  let sampledToMs = nowMs();
  let isOverrun = false;
  return {
    sample() {
      const rate = rateHz();
      if (rate === 0) {
        sampledToMs = nowMs();
        return;
      }
      const periodMs = 1000 / rate;
      const due = Math.floor((nowMs() - sampledToMs) / periodMs);
      // What the queue cannot hold need not be computed, only missed.
      const first = Math.max(1, due - depth + 1);
      if (first > 1) isOverrun = true;
      for (let step = first; step <= due; step++) {
        queue.push(take(sampledToMs + step * periodMs));
        if (queue.length > depth) {
          queue.shift();
          isOverrun = true;
        }
      }
      sampledToMs += due * periodMs;
    },
    get length() {
      return queue.length;
    },
    get isOverrun() {
      return isOverrun;
    },
    shift: () => queue.shift(),
    restart() {
      queue = [];
      isOverrun = false;
      sampledToMs = nowMs();
    },
    clearOverrun() {
      isOverrun = false;
    },
  };
}
