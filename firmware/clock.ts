import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, monotonicMs, utcMs } from './protocol/time.ts';

/** The machine's own clocks: monotonic from process start, UTC as the system believes it. */
export const systemClock: Clock = {
  monotonic: () => monotonicMs(performance.now()),
  utc: () => utcMs(Date.now()),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
