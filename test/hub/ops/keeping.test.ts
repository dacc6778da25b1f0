import t from 'tap';
import type { HubClock } from '../../../hub/ops/clock/hub-clock.ts';
import { zoneOffsetMin } from '../../../hub/ops/clock/zone.ts';
import { stamped } from '../../../hub/ops/keeping.ts';

const SUMMER = Date.UTC(2026, 6, 1);
const reading = { sequence: 1, code: 1, value: 72.35, endUtcMs: SUMMER, spanMs: 0, timeQuality: 'synced' } as const;
const clock = (isKnown: boolean): HubClock =>
  ({ isKnown, hubBoot: 7, zoneMin: (atUtcMs: number) => zoneOffsetMin('Europe/Paris', atUtcMs) }) as HubClock;

t.test('the offset of the home from UTC is kept where the time is known, and never guessed from one that is not', async (t) => {
  t.match(stamped(clock(true), 'scale', 3, reading), { zoneMin: 120, isUnset: false, hubBoot: 7 });
  t.match(stamped(clock(false), 'scale', 3, reading), { zoneMin: null, isUnset: true });
});
