import t from 'tap';
import { decodeBlock, decodeCurve, encodeBlock } from '../../../hub/store/block.ts';
import {
  createByteReader,
  createByteWriter,
  readIntegers,
  readingCodings,
  readReadings,
  writeIntegers,
} from '../../../hub/store/column.ts';
import type { Row } from '../../../hub/store/row.ts';
import fc from '../../property.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
/** A minute of temperature for each index, as a chip of 16 bits gives it, with the jitter of a timer. */
const minute = (index: number, value: number, jitterMs = 0): Row => ({
  seq: index + 1,
  atMs: Math.floor((NOON + index * 60_000) / 1000) * 1000,
  device: 1,
  boot: 0xdead_beef,
  sequence: index + 1,
  code: 97,
  value,
  endMs: NOON + index * 60_000 + jitterMs,
  spanMs: 0,
  quality: 0,
  hubBoot: 3,
  zoneMin: 60,
  deviceLeadMs: null,
  doubt: 0,
});

t.test('columns of whole numbers come back exactly, whatever they are', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.integer(),
          fc.maxSafeInteger().map((value) => Math.trunc(value / 8)),
        ),
      ),
      (values) => {
        const writer = createByteWriter();
        writeIntegers(writer, values);
        return [...readIntegers(createByteReader(writer.finish()), values.length)].every((value, index) => value === values[index]);
      },
    ),
  );
  t.pass('for 100 columns');
  t.end();
});

t.test('readings come back bit for bit, minus zero, infinities and missing ones too', (t) => {
  const reading = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 0.1, 0.30000000000000004, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 5e-324),
    fc.integer({ min: -4000, max: 4000 }).map((value) => value / 100),
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.array(reading, { maxLength: 200 }), fc.array(fc.constantFrom(1 / 3, 2 / 3, 21.7), { minLength: 20 })),
      (values) => {
        const codings = readingCodings(Float64Array.from(values));
        return (
          codings.length > 0 &&
          codings.every((bytes) => {
            const back = readReadings(createByteReader(bytes), values.length);
            return values.every((value, index) => Object.is(back[index], value));
          })
        );
      },
    ),
  );
  t.pass('for 100 columns');
  t.end();
});

t.test('a block gives its rows back, and its curve alone', (t) => {
  const rows = Array.from(
    { length: 1000 },
    (_, index): Row => ({
      ...minute(index, index % 7 === 0 ? Number.NaN : 20 + Math.sin(index / 60), (index * 37) % 41),
      boot: index < 400 ? 1 : 4_000_000_000,
      sequence: index < 400 ? index + 1 : index - 399,
      quality: index % 5,
      zoneMin: index < 10 ? null : index < 500 ? 60 : 120,
      deviceLeadMs: index % 3 === 0 ? null : -1_700_000_000_000 + index,
      doubt: index % 3,
    }),
  );
  const bytes = encodeBlock(rows);
  t.same(decodeBlock(bytes, 1, 97), rows);
  t.same(
    [...decodeCurve(bytes).endMs],
    rows.map(({ endMs }) => endMs),
  );
  t.end();
});

t.test('a block of few values that come again and again gives them back', (t) => {
  // Of a converter of 16 bits: long decimals, few of them, in no order.
  const rows = Array.from({ length: 2000 }, (_, index) => minute(index, -45 + (175 * (26_000 + ((index * 7919) % 50))) / 65_535));
  t.same(decodeBlock(encodeBlock(rows), 1, 97), rows);
  t.end();
});

t.test('what a sensor gives each minute takes few bytes', (t) => {
  const noise = (index: number): number => ((index * 2654435761) >>> 24) / 256 - 0.5;
  const size = (value: (index: number) => number): number =>
    encodeBlock(Array.from({ length: 4096 }, (_, index) => minute(index, value(index), Math.round(noise(index * 7) * 40)))).length / 4096;
  const wave = (index: number): number => 600 + 300 * Math.sin(index / 200) + 10 * noise(index);
  t.ok(size((index) => Math.round(wave(index))) < 3, 'whole ppm');
  t.ok(size((index) => -45 + (175 * Math.round(22_000 + wave(index) * 3)) / 65_535) < 4.5, 'a 16-bit temperature');
  t.ok(size((index) => Math.round(wave(index)) / 10) < 3, 'tenths');
  t.ok(size((index) => wave(index)) < 9.5, 'no number like another');
  t.end();
});

t.test('damaged bytes are an error or other rows, never a crash or endless memory', (t) => {
  const bytes = encodeBlock(Array.from({ length: 50 }, (_, index) => minute(index, index)));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const damaged = bytes.slice();
      damaged[at] = byte;
      try {
        decodeBlock(damaged, 1, 97);
      } catch (error) {
        if (!(error instanceof Error)) return false;
      }
      return true;
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
      try {
        decodeBlock(noise, 1, 97);
      } catch (error) {
        return error instanceof Error;
      }
      return true;
    }),
  );
  t.pass('tried');
  t.end();
});
