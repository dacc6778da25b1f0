/** The one true time of a simulation, and the wrong clocks that machines make of it. */
import { type Clock, monotonicMs, utcMs } from '../../firmware/protocol/time.ts';

export interface WorldTime {
  /** Milliseconds since the simulation began; what really passed. */
  readonly elapsedMs: number;
  /** The true UTC. */
  readonly utcMs: number;
  /** A machine that starts now: its monotonic time begins at 0 and has fractions, its UTC has none and is off by what `errorMs` says then. */
  machine(errorMs: () => number): Clock;
  /** Time goes on; whoever slept until then wakes, once. */
  advance(ms: number): void;
}

export function createWorldTime(startUtcMs: number): WorldTime {
  let elapsedMs = 0;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  return {
    get elapsedMs() {
      return elapsedMs;
    },
    get utcMs() {
      return startUtcMs + elapsedMs;
    },
    machine(errorMs) {
      const zeroMs = elapsedMs;
      return {
        monotonic: () => monotonicMs(elapsedMs - zeroMs),
        utc: () => utcMs(Math.floor(startUtcMs + elapsedMs + errorMs())),
        sleep: (ms, signal) =>
          new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            const sleeper = { atMs: elapsedMs + ms, wake: resolve };
            sleepers.add(sleeper);
            const leave = (): void => {
              sleepers.delete(sleeper);
              reject(signal?.reason);
            };
            signal?.addEventListener('abort', leave, { once: true });
          }),
      };
    },
    advance(ms) {
      elapsedMs += ms;
      const due = [...sleepers].filter(({ atMs }) => atMs <= elapsedMs).sort((a, b) => a.atMs - b.atMs);
      for (const sleeper of due) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** Lets everything that is ready run, what it starts included. */
export async function settle(turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
