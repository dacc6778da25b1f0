import t from 'tap';
import { dateRecord, utcOfCivil } from '../../../../hub/sources/ble/record-time.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const HOUR = 3_600_000;
/** Two hours east in summer, one in winter, as in Berlin. */
const berlin = (atUtcMs: number): number => (atUtcMs >= Date.UTC(2026, 2, 29, 1) && atUtcMs < Date.UTC(2026, 9, 25, 1) ? 120 : 60);

t.test("a record is dated by the device's clock in the zone of the home", async (t) => {
  t.match(dateRecord({ deviceTime: '2026-06-01T11:30:00' }, NOW, berlin), {
    endUtcMs: Date.UTC(2026, 5, 1, 9, 30),
    deviceEndUtcMs: Date.UTC(2026, 5, 1, 9, 30),
    timeQuality: 'device',
    timeDoubt: 'none',
  });
  t.equal(utcOfCivil('2026-03-29T00:30:00', berlin), Date.UTC(2026, 2, 28, 23, 30), 'before the change of the clocks');
  t.equal(utcOfCivil('2026-03-29T03:30:00', berlin), Date.UTC(2026, 2, 29, 1, 30), 'and after it');
  t.equal(utcOfCivil('yesterday', berlin), undefined);
});

t.test(
  'a clock of 1970 or 2000 dates nothing by itself: the record is of its arrival, what the device said stands beside it, flagged',
  async (t) => {
    for (const deviceTime of ['1970-01-01T00:02:00', '2000-01-01T00:02:00'])
      t.match(dateRecord({ deviceTime }, NOW, berlin), {
        endUtcMs: NOW,
        timeQuality: 'estimated',
        timeDoubt: 'ancient',
        deviceEndUtcMs: utcOfCivil(deviceTime, berlin),
      });
    t.match(dateRecord({ deviceTime: '2026-06-01T23:00:00' }, NOW, berlin), { endUtcMs: NOW, timeDoubt: 'future' });
  },
);

t.test('what a clock was seen to be off by is taken away, whatever it shows', async (t) => {
  const deviceNow = Date.UTC(2000, 0, 2);
  const record = dateRecord({ deviceTime: '2000-01-01T23:00:00', leadMs: deviceNow - NOW }, NOW, () => 0);
  t.match(record, { endUtcMs: NOW - HOUR, timeQuality: 'device', timeDoubt: 'ancient', deviceEndUtcMs: deviceNow - HOUR });
  // A clock in UTC in a home two hours east of it.
  const behind = dateRecord({ deviceTime: '2026-06-01T11:00:00', leadMs: -2 * HOUR }, NOW, berlin);
  t.match(behind, { endUtcMs: NOW - HOUR, timeDoubt: 'none', deviceEndUtcMs: NOW - 3 * HOUR });
});

t.test('what was seen to come about is of now; what says how old it is, is of then', async (t) => {
  t.match(dateRecord({ deviceTime: '2020-01-01T00:00:00', isLive: true }, NOW, berlin), {
    endUtcMs: NOW,
    timeQuality: 'synced',
    deviceEndUtcMs: utcOfCivil('2020-01-01T00:00:00', berlin),
  });
  t.match(dateRecord({ agoMs: 90_000 }, NOW, berlin), { endUtcMs: NOW - 90_000, timeQuality: 'synced', deviceEndUtcMs: null });
  t.match(dateRecord({ agoMs: 20 * 365 * 24 * HOUR }, NOW, berlin), { endUtcMs: NOW, timeDoubt: 'ancient' });
});

t.test('no record is of a time after its arrival', async (t) => {
  for (const leadMs of [undefined, 0, -60_000, 60_000])
    for (const deviceTime of ['2026-06-01T14:00:30', '2026-06-01T14:01:59', '2030-01-01T00:00:00'])
      t.ok(dateRecord({ deviceTime, leadMs }, NOW, berlin).endUtcMs <= NOW);
});
