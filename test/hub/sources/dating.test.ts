import t from 'tap';
import { dateReadings } from '../../../hub/sources/dating.ts';

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
