import { zstdCompressSync } from 'node:zlib';
import t from 'tap';
import { BatchError } from '../../../hub/edge/batch-error.ts';
import { type Entry, timeQualities } from '../../../hub/edge/entry.ts';
import { entriesOf, packOf } from '../../../hub/edge/pack.ts';
import { senmlEntries } from '../../../hub/edge/senml.ts';
import fc from '../../property.ts';
import { measured, minutes, NOON } from './entries.ts';

const throughWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
/** JSON has no negative zero. */
const value = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -1e9, max: 1e9 }).map((count) => count / 100 + 0),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
);
const row = fc.record({
  value,
  step: fc.integer({ min: 1, max: 1000 }),
  device: fc.constantFrom('scale-1', 'ble:a4c138', 'ü'),
  boot: fc.nat(),
  code: fc.integer({ min: 0, max: 65_535 }),
  sequence: fc.nat(),
  endUtcMs: fc.integer({ min: -1e12, max: 4e12 }),
  spanMs: fc.nat(),
  timeQuality: fc.constantFrom(...timeQualities),
});

t.test('a pack gives back exactly what went in', async (t) => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.nat(), (rows, after) => {
      let seq = after;
      const entries: Entry[] = rows.map(({ step, ...more }) => {
        seq += step;
        return measured(seq, more);
      });
      entries.push({ kind: 'removed', seq: seq + 1, of: 1 }, { kind: 'amended', seq: seq + 2, of: 1, value: null });
      const pack = packOf({ after, upTo: seq + 5, entries });
      t.strictSame(entriesOf(throughWire(pack)), { after, upTo: seq + 5, entries });
    }),
    { numRuns: 60 },
  );
});

t.test('whatever else comes is refused in words, and nothing crashes', async (t) => {
  const anything = fc.anything();
  const damaged = fc
    .tuple(fc.constantFrom('seq', 'sequence', 'end', 'span', 'quality', 'value', 'decimals', 'device'), anything)
    .map(([key, other]) => {
      const pack = packOf({ after: 0, upTo: 9, entries: minutes(9) });
      return { ...pack, series: [{ ...pack.series[0], [key]: other }] };
    });
  fc.assert(
    fc.property(fc.oneof(anything, damaged), (body) => {
      try {
        entriesOf(body);
      } catch (error) {
        if (!(error instanceof BatchError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
  const pack = packOf({ after: 0, upTo: 2, entries: [measured(1), measured(2)] });
  t.throws(() => entriesOf({ ...pack, upTo: 1 }), /position 2 lies beyond upTo 1/);
  t.throws(() => entriesOf({ ...pack, series: [...pack.series, ...pack.series] }), /position 1 is there twice/);
  t.throws(() => entriesOf({ ...pack, series: [{ ...pack.series[0]!, value: [1] }] }), /differ in length/);
});

t.test('minute data takes under three bytes a measurement on the wire', async (t) => {
  const entries = minutes(9000);
  const bytes = zstdCompressSync(JSON.stringify(packOf({ after: 0, upTo: 9000, entries }))).length;
  t.ok(bytes / entries.length < 3, `${(bytes / entries.length).toFixed(2)} bytes`);
});

t.test('SenML of other writers becomes measurements numbered from where they say', async (t) => {
  const body = [
    { bn: 'scale-9/', bt: NOON / 1000, n: 'weight', u: 'kg', v: 71.5 },
    { n: 'weight', t: 60.5, v: 71.6 },
    { bn: 'air-2/', n: 'humidity', u: '%RH', v: 40 },
  ];
  t.match(senmlEntries(body, 10), [
    { seq: 11, device: 'scale-9', code: 1, value: 71.5, endUtcMs: NOON },
    { seq: 12, value: 71.6, endUtcMs: NOON + 60_500 },
    { seq: 13, device: 'air-2', value: 40 },
  ]);
  t.throws(() => senmlEntries([{ n: 'scale-9/weight', u: 'g', t: NOON / 1000, v: 71_500 }], 0), /is in 'g': weight is in 'kg'/);
  t.throws(() => senmlEntries([{ n: 'scale-9/mood', t: NOON / 1000, v: 1 }], 0), /a quantity of the table/);
  t.throws(() => senmlEntries([{ n: 'scale-9/weight', v: 70 }], 0), /no absolute time/);
  t.throws(() => senmlEntries([{ n: 'scale-9/weight', t: NOON / 1000 }], 0), /only numbers are taken/);
});
