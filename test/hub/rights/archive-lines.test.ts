import t from 'tap';
import { type QuantityId, quantities } from '../../../firmware/protocol/quantities.ts';
import { utcMs } from '../../../firmware/protocol/time.ts';
import { isoTime, remembered } from '../../../hub/rights/archive/iso.ts';
import { entryOfLine, lineOf } from '../../../hub/rights/archive/log-line.ts';
import type { LogEntry, StoredMeasurement } from '../../../hub/store/log-entry.ts';
import fc from '../../property.ts';

const MOST_MS = 8.64e15;

t.test('a time is written as the language writes it, whatever was written before', (t) => {
  const time = fc.oneof(
    fc.integer({ min: -MOST_MS, max: MOST_MS }),
    fc.integer({ min: 0, max: 2e12 }),
    fc.double({ min: 0, max: 2e12, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 5 }), (times) => times.every((ms) => isoTime(ms) === new Date(ms).toISOString())),
  );
  t.throws(() => isoTime(Number.NaN), RangeError);
  t.throws(() => isoTime(MOST_MS * 2), RangeError);
  t.equal(isoTime(0), '1970-01-01T00:00:00.000Z', 'and after a time that is none it goes on');
  t.end();
});

t.test('a measured line is JSON to the letter, whatever the device is called, and reads back as it was', (t) => {
  const devices = fc.oneof(fc.string({ minLength: 1, unit: 'binary', maxLength: 20 }), fc.constantFrom('a"b', 'a\\b', 'a/b', '\u2028'));
  const measurement = fc.record({
    device: devices,
    boot: fc.nat(),
    sequence: fc.nat(),
    seq: fc.integer({ min: 1, max: 1e9 }),
    quantity: fc.constantFrom(...(Object.keys(quantities) as QuantityId[])),
    value: fc.double(),
    start: fc.integer({ min: 0, max: 2e12 }).map(utcMs),
    zoneMin: fc.option(fc.integer({ min: -840, max: 840 })),
    isComputed: fc.boolean(),
  });
  fc.assert(
    fc.property(measurement, ({ isComputed, ...of }) => {
      const own: StoredMeasurement = {
        ...of,
        end: utcMs(of.start + 1000),
        subject: 'me',
        timeQuality: 'synced',
        flag: 'ok',
        timeDoubt: 'none',
        deviceEnd: null,
      };
      const entry: LogEntry = { seq: of.seq, atMs: 1_700_000_000_000, by: `device:${of.device}`, kind: 'measured', measurement: own };
      const provenance = isComputed ? { algorithm: 'a', version: '1', inputs: [of.device] } : undefined;
      const line = lineOf(entry, provenance, 'me');
      const back = entryOfLine(line.trimEnd(), 1, 'me');
      const value = Number.isFinite(own.value) ? own.value || 0 : Number.NaN;
      return (
        line === `${JSON.stringify(JSON.parse(line))}\n` &&
        lineOf(back.entry, back.provenance, 'me') === line &&
        back.entry.kind === 'measured' &&
        back.entry.measurement.device === own.device &&
        Object.is(back.entry.measurement.value, value)
      );
    }),
  );
  t.end();
});

t.test('what is remembered is made once, and not for ever', (t) => {
  let made = 0;
  const own = remembered((text) => `${text}${++made}`);
  t.equal(own('a'), own('a'));
  for (let index = 0; index < 2000; index++) own(String(index));
  t.not(own('a'), 'a1');
  t.end();
});
