import { type Clock, monotonicMs, utcMs } from '../../../firmware/protocol/time.ts';

/** A clock on which waiting is passing time. */
export function createRunningClock(): Clock {
  let nowMs = 0;
  return {
    monotonic: () => monotonicMs(nowMs),
    utc: () => utcMs(Date.UTC(2026, 0, 1) + nowMs),
    async sleep(ms) {
      nowMs += ms;
    },
  };
}
