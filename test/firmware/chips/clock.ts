import type { Clock } from '../../../firmware/protocol/time.ts';
import { createTestClock } from '../../clock.ts';

/** A clock on which waiting is passing time. */
export function createRunningClock(): Clock {
  const clock = createTestClock();
  return { ...clock, sleep: (ms) => clock.advance(ms) };
}
