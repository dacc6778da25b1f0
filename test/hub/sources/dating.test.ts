import t from 'tap';
import { ANCIENT_MS, dateReadings, noWitness, witnessed } from '../../../hub/sources/dating.ts';

const HUB_NOW = Date.UTC(2026, 10, 24, 12);
const frameOf = (clock: { nowMs: number | null; zeroUtcMs: number | null }, at: number) => ({
  sequence: 40,
  clock,
  readings: [{ code: 1, value: 72.35, at, spanMs: 0 }],
});

t.test('a reading is as long ago as the device says, by the time of the hub', async (t) => {
  t.match(dateReadings(frameOf({ nowMs: 100_000, zeroUtcMs: null }, 40_000), HUB_NOW), [
    { sequence: 40, endUtcMs: HUB_NOW - 60_000, timeQuality: 'synced' },
  ]);
});

t.test('a device whose own clock stands at 1970 does not date anything to 1970', async (t) => {
  const [dated] = dateReadings(frameOf({ nowMs: 100_000, zeroUtcMs: 0 }, 99_000), HUB_NOW);
  t.equal(dated?.endUtcMs, HUB_NOW - 1000);
});

t.test('a reading from the future ends now', async (t) => {
  t.match(dateReadings(frameOf({ nowMs: 1000, zeroUtcMs: null }, 9_000_000), HUB_NOW), [{ endUtcMs: HUB_NOW }]);
});

t.test('of an earlier boot the device is the only witness, and the row says so', async (t) => {
  t.match(dateReadings(frameOf({ nowMs: null, zeroUtcMs: HUB_NOW - 500_000 }, 1000), HUB_NOW), [
    { endUtcMs: HUB_NOW - 499_000, timeQuality: 'device' },
  ]);
});

t.test('without any witness it is dated by its arrival, as an estimate', async (t) => {
  t.match(dateReadings(frameOf({ nowMs: null, zeroUtcMs: null }, 1000), HUB_NOW), [{ endUtcMs: HUB_NOW, timeQuality: 'estimated' }]);
});

t.test('a date that cannot be is not taken: the reading is dated by its arrival, marked, and the date it gave is kept', async (t) => {
  const dated = (zeroUtcMs: number, more = {}) => dateReadings(frameOf({ nowMs: null, zeroUtcMs }, 1000), HUB_NOW, more)[0];
  t.match(dated(0), { endUtcMs: HUB_NOW, timeQuality: 'estimated', timeDoubt: 'ancient', deviceEndUtcMs: 1000 });
  t.match(dated(ANCIENT_MS - 2000), { timeDoubt: 'ancient' });
  t.match(dated(ANCIENT_MS), { timeDoubt: 'none', timeQuality: 'device' });
  t.match(dated(HUB_NOW + 600_000), { endUtcMs: HUB_NOW, timeQuality: 'estimated', timeDoubt: 'future' });
  t.match(
    dated(HUB_NOW + 600_000, { isKnown: false }),
    { endUtcMs: HUB_NOW + 601_000, timeQuality: 'device' },
    'a hub without time is no judge',
  );
  t.match(dateReadings(frameOf({ nowMs: 1000, zeroUtcMs: null }, 9_000_000), HUB_NOW), [{ timeDoubt: 'future' }]);
});

t.test(
  'a device clock that runs an hour ahead is a witness: both times are kept, and its earlier boots are corrected by the hour',
  async (t) => {
    const HOUR = 3_600_000;
    let witness = noWitness;
    for (const delayMs of [5, 7, 900, 6, 5])
      witness = witnessed(witness, { nowMs: 10_000, zeroUtcMs: HUB_NOW - 10_000 + HOUR - delayMs }, HUB_NOW);
    t.equal(witness.leadMs, HOUR - 6, 'one frame that waited does not matter');
    t.equal(witnessed(witness, { nowMs: null, zeroUtcMs: 5 }, HUB_NOW), witness, 'an earlier boot says nothing of now');
    t.match(dateReadings(frameOf({ nowMs: null, zeroUtcMs: HUB_NOW }, 1000), HUB_NOW, witness), [
      { endUtcMs: HUB_NOW + 1000 - HOUR + 6, deviceEndUtcMs: HUB_NOW + 1000, timeQuality: 'device', timeDoubt: 'none' },
    ]);
  },
);
