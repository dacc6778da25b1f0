import t from 'tap';
import { dateReadings } from '../../../hub/sources/dating.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import { odditiesOf } from '../../../hub/web/oddities.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const WEIGHT = 1;
/** Of no quantity of this hub. */
const STRANGE = 65_000;
const row = (sequence: number, code: number, value: number, more: Partial<NewMeasurement> = {}): NewMeasurement => ({
  device: 'scale-1',
  boot: 7,
  sequence,
  code,
  value,
  endUtcMs: NOON,
  spanMs: 0,
  timeQuality: 'synced',
  ...more,
});

t.test('two values of one measurement, what is not known yet, what cannot be: kept, and said', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder, { now: () => NOON });
  const vault = store.vault('person-1');
  await vault.commit([row(1, WEIGHT, 72.4)]);
  await vault.commit([row(1, WEIGHT, 81.1), row(2, STRANGE, 5.5), row(3, WEIGHT, Number.NaN, { device: 'scale-2' })]);
  await vault.commit([row(4, WEIGHT, 4000, { device: 'scale-3' })]);
  const said = odditiesOf([vault]);
  t.match(said, {
    conflicts: [{ device: 'scale-1', unit: 'kg', kept: 72.4, other: 81.1, end: '2026-11-24T12:00:00.000Z' }],
    unknown: [{ device: 'scale-1', code: STRANGE, value: 5.5 }],
    doubted: [
      { device: 'scale-2', why: 'the value is no number' },
      { device: 'scale-3', why: /beyond what can be/ },
    ],
  });
  t.match(
    vault.log(0, 10).map(({ value }) => value),
    [72.4, Number.NaN, 4000],
    'what counts is what came first',
  );
  t.match(vault.entries(0, 10), [{}, { kind: 'conflict' }, { kind: 'uncoded', measurement: { code: STRANGE, value: 5.5 } }, {}, {}]);
  store[Symbol.dispose]();
});

t.test('a device that says a time to come or long past is dated by its arrival, and both times are kept', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder, { now: () => NOON });
  const vault = store.vault('person-1');
  const told = (sequence: number, zeroUtcMs: number): NewMeasurement[] =>
    dateReadings({ sequence, clock: { nowMs: null, zeroUtcMs }, readings: [{ code: WEIGHT, value: 72, at: 0, spanMs: 0 }] }, NOON).map(
      (reading) => ({ ...reading, device: `scale-${sequence}`, boot: 7 }),
    );
  await vault.commit([...told(1, Date.UTC(2051, 0, 1)), ...told(2, 0)]);
  t.match(odditiesOf([vault]).doubted, [
    { device: 'scale-1', why: /a time to come: it is dated by its arrival/ },
    { device: 'scale-2', why: /a time long past/ },
  ]);
  t.match(vault.latest(), [
    { end: NOON, deviceEnd: Date.UTC(2051, 0, 1) },
    { end: NOON, deviceEnd: 0 },
  ]);
  store[Symbol.dispose]();
});
