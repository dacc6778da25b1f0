/** Somebody is woken in light sleep before the set time, and at the set time at the latest, whatever hub and clock went through. */

import t, { type Test } from 'tap';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { type Clock, monotonicMs, utcMs } from '../../../firmware/protocol/time.ts';
import { type RecentMinute, trackerMinute } from '../../../firmware/signal/sleep/wake-up.ts';
import { openHousehold } from '../../../hub/people/household.ts';
import { openStore } from '../../../hub/store/store.ts';
import { decide, isRinging, type Morning, setTimeNow, type WakeUpSetting } from '../../../hub/wake-up/alarm.ts';
import { openWakeUpSettings, startWakeUp } from '../../../hub/wake-up/wake-up.ts';
import { momentOf } from '../../../hub/wake-up/wall-time.ts';
import fc from '../../property.ts';

const ZONE = 'Europe/Paris';
const MINUTE = 60_000;
const DAY = 86_400_000;
/** A Tuesday. */
const SEVEN = Date.UTC(2026, 10, 24, 6);
const setting: WakeUpSetting = {
  isOn: true,
  minuteOfDay: 7 * 60,
  days: [true, true, true, true, true, true, true],
  windowMin: 30,
  setAtMs: SEVEN - DAY,
};
const still = (nowMs: number): RecentMinute[] => Array.from({ length: 6 }, (_, at) => trackerMinute(nowMs / MINUTE - 5 + at, 0, 'asleep'));
const stirring = (nowMs: number): RecentMinute[] => still(nowMs).map((one) => ({ ...one, stirred: true }));

/** Looks each `everyMs` from one moment to another; gives the morning in the end. */
function night(
  fromMs: number,
  toMs: number,
  recent: (nowMs: number) => RecentMinute[],
  everyMs = 5000,
  before?: Morning,
): Morning | undefined {
  let morning = before;
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += everyMs) morning = decide(setting, ZONE, nowMs, morning, () => recent(nowMs));
  return morning;
}

t.test('light sleep within the window wakes, before it does not, and lying still sleeps on to the set time; each with its reason', (t) => {
  t.equal(night(SEVEN - 3 * 3_600_000, SEVEN - 31 * MINUTE, stirring), undefined);
  const light = night(SEVEN - 3 * 3_600_000, SEVEN, (nowMs) => (nowMs > SEVEN - 12 * MINUTE ? stirring(nowMs) : still(nowMs)))!;
  t.ok(light.rangMs! > SEVEN - 13 * MINUTE && light.rangMs! < SEVEN - 11 * MINUTE);
  t.match(light.trail.at(-1), { because: /light sleep: moved in \d of the last \d min/ });
  t.match(light.trail[0], { because: /lying still/ });
  const deep = night(SEVEN - 3 * 3_600_000, SEVEN, still)!;
  t.equal(deep.rangMs, SEVEN);
  t.match(deep.trail.at(-1), { because: 'it is the set time' });
  t.equal(night(SEVEN - 3 * 3_600_000, SEVEN, () => [])!.rangMs, SEVEN, 'nor does a silent tracker make anybody oversleep');
  t.equal(night(SEVEN, SEVEN + DAY - 31 * MINUTE, still, MINUTE, deep)?.setMs, SEVEN, 'a morning rings once');
  t.equal(night(SEVEN, SEVEN + DAY, still, MINUTE, deep)?.rangMs, SEVEN + DAY, 'and the next day again');
  t.end();
});

t.test('a hub that was off at the set time, or whose clock jumped over it, rings at once and says that it is late', (t) => {
  const late = decide(setting, ZONE, SEVEN + 20 * MINUTE, undefined, () => [])!;
  t.equal(late.rangMs, SEVEN + 20 * MINUTE);
  t.match(late.trail, [{ because: /late, but at once/ }]);
  t.equal(
    decide(setting, ZONE, SEVEN + 3 * 3_600_000, undefined, () => []),
    undefined,
    'but not in the middle of the day',
  );
  const rang = night(SEVEN - MINUTE, SEVEN, still)!;
  t.same(night(SEVEN - 40 * MINUTE, SEVEN + MINUTE, stirring, 5000, rang), rang, 'a clock set back does not ring the same morning twice');
  t.equal(
    setTimeNow({ ...setting, setAtMs: SEVEN + MINUTE }, ZONE, SEVEN + 2 * MINUTE, undefined),
    SEVEN + DAY,
    'set after it, it is tomorrow’s',
  );
  t.equal(setTimeNow({ ...setting, days: [true, false, false, false, false, false, false] }, ZONE, SEVEN, undefined), SEVEN + 6 * DAY);
  t.equal(setTimeNow({ ...setting, isOn: false }, ZONE, SEVEN, undefined), undefined);
  t.end();
});

t.test('never later than the set time: whatever is known of the night, and however the hub’s looks fall', (t) => {
  const minute = fc.record({
    endedAt: fc.double({ noNaN: true }),
    stirred: fc.boolean(),
    heartRose: fc.boolean(),
    by: fc.constantFrom('tracker' as const, 'bed mat' as const),
    state: fc.constantFrom('asleep' as const, 'awake' as const),
  });
  fc.assert(
    fc.property(
      fc.array(minute, { maxLength: 6 }),
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: 1, max: 7_000_000 }),
      (recent, windowMin, lateMs) => {
        const own = { ...setting, windowMin };
        const morning = decide(own, ZONE, SEVEN + lateMs - 1, undefined, () => recent);
        return morning?.rangMs !== undefined && isRinging(morning, SEVEN + lateMs);
      },
    ),
  );
  t.end();
});

t.test('the wall clock’s hours that come twice wake at the first, those left out at the change', (t) => {
  t.equal(momentOf(ZONE, { year: 2026, month: 10, day: 25 }, 150), Date.UTC(2026, 9, 25, 0, 30), '02:30 in summer time');
  t.equal(momentOf(ZONE, { year: 2026, month: 3, day: 29 }, 150), Date.UTC(2026, 2, 29, 1), '02:30 does not come: at 03:00');
  t.equal(momentOf(ZONE, { year: 2026, month: 3, day: 29 }, 420), Date.UTC(2026, 2, 29, 5));
  t.equal(momentOf('Pacific/Auckland', { year: 2026, month: 11, day: 25 }, 0), Date.UTC(2026, 10, 24, 11));
  t.end();
});

/** Time that passes by waiting; a step of UTC is not one of monotonic time. */
function handClock(startMs: number) {
  let ms = 0;
  let zero = startMs;
  const clock: Clock = {
    monotonic: () => monotonicMs(ms),
    utc: () => utcMs(zero + ms),
    async sleep(waitMs) {
      ms += waitMs;
    },
  };
  return {
    clock,
    step(by: number): void {
      zero += by;
    },
    nowMs: () => zero + ms,
  };
}

/** A hub's wake-up on a data folder, until the moment given. */
async function wakeUpUntil(
  t: Test,
  folder: string,
  hand: ReturnType<typeof handClock>,
  untilMs: number,
  prepare: (w: ReturnType<typeof startWakeUp>) => void = () => undefined,
) {
  const household = openHousehold(folder);
  const store = openStore(folder);
  const rings: [number, boolean][] = [];
  const stop = new AbortController();
  const sleep: Clock['sleep'] = async (ms, signal) => {
    // A look at a time, as timers make it.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) return;
    await hand.clock.sleep(ms);
    if (hand.nowMs() >= untilMs) stop.abort();
  };
  const wakeUp = startWakeUp({
    settings: openWakeUpSettings(household),
    store,
    zone: ZONE,
    clock: { ...hand.clock, sleep },
    ring: (isOn) => rings.push([hand.nowMs(), isOn]),
    onChange: () => undefined,
    failed: (message) => t.fail(message),
    signal: stop.signal,
  });
  prepare(wakeUp);
  await wakeUp.done;
  const state = wakeUp.of('anna');
  store[Symbol.dispose]();
  household.close();
  return { rings, state };
}

t.test(
  'on a running hub: light sleep from kept counts, a kill before the set time, a clock stepped over it, stop and snooze',
  async (t) => {
    const folder = t.testdir({});
    const store = openStore(folder);
    await store.vault('anna').commit(
      Array.from({ length: 20 }, (_, at) => ({
        device: 'tracker',
        boot: 1,
        sequence: at + 1,
        code: quantities.activity_counts.code,
        value: at > 15 ? 30 : 0,
        endUtcMs: SEVEN - 40 * MINUTE + at * MINUTE,
        spanMs: MINUTE,
        timeQuality: 'synced' as const,
      })),
    );
    store[Symbol.dispose]();
    const on = { isOn: true, minuteOfDay: 420, days: setting.days, windowMin: 30 };
    const hand = handClock(SEVEN - 26 * MINUTE);
    const first = await wakeUpUntil(t, folder, hand, SEVEN - 20 * MINUTE, (wakeUp) => wakeUp.set('anna', on));
    const [rangMs] = first.rings[0]!;
    t.ok(rangMs >= SEVEN - 24 * MINUTE && rangMs <= SEVEN - 22 * MINUTE, new Date(rangMs).toISOString());
    t.match(first.state.morning?.trail.at(-1), { because: /light sleep/ });
    t.equal(first.state.isRinging, true);
    const after = await wakeUpUntil(t, folder, hand, SEVEN - 19 * MINUTE);
    t.same(after.rings[0]?.[1], true, 'a restart goes on ringing');
    const snoozed = await wakeUpUntil(t, folder, hand, SEVEN, (wakeUp) => t.ok(wakeUp.snooze('anna')));
    t.match(snoozed.rings.filter(([, isOn]) => isOn).length > 0, true, 'again after nine minutes');
    const stopped = await wakeUpUntil(t, folder, hand, SEVEN + 10 * MINUTE, (wakeUp) => t.ok(wakeUp.stop('anna')));
    t.equal(stopped.state.isRinging, false);
    t.same(
      stopped.rings.map(([, isOn]) => isOn),
      [true, false],
      'what was stopped stays silent, at the set time too',
    );

    const next = handClock(SEVEN + DAY - 63 * MINUTE);
    await wakeUpUntil(t, folder, next, SEVEN + DAY - 60 * MINUTE);
    // Off for an hour, and an NTP step of two minutes: it comes up at 07:02.
    next.step(62 * MINUTE);
    const late = await wakeUpUntil(t, folder, next, SEVEN + DAY + 3 * MINUTE);
    t.ok(late.rings[0]![0] <= SEVEN + DAY + 2 * MINUTE + 5000 && late.rings[0]![1], 'at once');

    const exact = handClock(SEVEN + 2 * DAY - 2 * MINUTE);
    const night = await wakeUpUntil(t, folder, exact, SEVEN + 2 * DAY + 10_000);
    t.equal(night.rings[0]![0], SEVEN + 2 * DAY, 'to the second, without any data');
  },
);

t.test('on a running hub: a bed mat without a tracker wakes before the set time', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  let sequence = 0;
  const row = (code: number, value: number, endUtcMs: number) => ({
    device: 'mat',
    boot: 1,
    sequence: ++sequence,
    code,
    value,
    endUtcMs,
    spanMs: MINUTE / 2,
    timeQuality: 'synced' as const,
  });
  await store.vault('anna').commit([
    row(quantities.bed_occupied.code, 1, SEVEN - 8 * 3_600_000),
    ...Array.from({ length: 80 }, (_, at) => {
      const endMs = SEVEN - 60 * MINUTE + (at * MINUTE) / 2;
      return row(quantities.movement.code, endMs > SEVEN - 24 * MINUTE ? 0.1 : 0, endMs);
    }),
  ]);
  store[Symbol.dispose]();
  const on = { isOn: true, minuteOfDay: 420, days: setting.days, windowMin: 30 };
  const { rings, state } = await wakeUpUntil(t, folder, handClock(SEVEN - 29 * MINUTE), SEVEN - 20 * MINUTE, (w) => w.set('anna', on));
  t.ok(rings[0]![0] >= SEVEN - 24 * MINUTE && rings[0]![0] <= SEVEN - 21 * MINUTE, new Date(rings[0]![0]).toISOString());
  t.match(
    state.morning?.trail.map(({ because }) => because),
    [/lying still.*bed mat/, /light sleep: moved in \d of .*bed mat/],
  );
});
