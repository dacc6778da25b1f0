import { type Clock, monotonicMs, utcMs } from '../firmware/protocol/time.ts';

/** A clock that stands still until the test moves it. */
export interface TestClock extends Clock {
  /** Moves time on, waking sleepers in the order of their deadlines and letting their promises run between. */
  advance(ms: number): Promise<void>;
  /** Sets UTC without touching monotonic time, as a clock step does. */
  setUtc(ms: number): void;
  /** Sleepers now waiting. */
  readonly sleeping: number;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export function createTestClock(startUtcMs = Date.UTC(2026, 0, 1)): TestClock {
  let nowMs = 0;
  let zeroUtcMs = startUtcMs;
  const sleepers = new Set<Sleeper>();
  return {
    monotonic: () => monotonicMs(nowMs),
    utc: () => utcMs(zeroUtcMs + nowMs),
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper: Sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            sleepers.delete(sleeper);
            reject(signal.reason);
          },
          { once: true },
        );
      });
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        await settle();
        const [next] = [...sleepers].filter((sleeper) => sleeper.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.atMs);
        sleepers.delete(next);
        next.wake();
      }
      nowMs = untilMs;
      await settle();
    },
    setUtc(ms) {
      zeroUtcMs = ms - nowMs;
    },
    get sleeping() {
      return sleepers.size;
    },
  };
}

/** Lets every promise that is ready run, those that they start included. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
