import t from 'tap';
import { bytesOf, le16, le32 } from '../../../../../hub/sources/ble/gatt/bytes.ts';
import { encodeFloat, encodeSfloat, floatAt, sfloatAt } from '../../../../../hub/sources/ble/gatt/floats.ts';
import fc from '../../../../property.ts';
import { readVectorJson, skipWithoutVectors } from '../../../../vectors.ts';
import { near, reasonsOf, tally } from './cases.ts';

interface File {
  readonly cases: readonly {
    readonly type: 'SFLOAT' | 'FLOAT';
    readonly raw_le_hex: string;
    readonly expect: number | string;
    readonly note?: string;
  }[];
}

t.test('each recorded decimal float has its recorded value', { skip: skipWithoutVectors }, async (t) => {
  const counted = tally();
  for (const { type, raw_le_hex, expect, note } of readVectorJson<File>('2-gatt/ieee11073-floats.json').cases) {
    const id = `${type} ${raw_le_hex}`;
    const value = type === 'SFLOAT' ? sfloatAt(bytesOf(raw_le_hex), 0) : floatAt(bytesOf(raw_le_hex), 0);
    const isSame = typeof expect === 'number' ? near(value, expect) : Object.is(value, Number(expect));
    if (isSame) counted.passed++;
    else if (note !== undefined)
      counted.listed.push({ id, reason: 'reserved by the standard for "not at this resolution", which is no number' });
    else counted.failed.push(`${id}: ours ${value}, theirs ${expect}`);
  }
  t.comment(reasonsOf('IEEE 11073 floats', counted));
  t.same(counted.failed, []);
  t.ok(counted.listed.length <= 1);
});

t.test('the reserved mantissas are no numbers', async (t) => {
  for (const raw of [0x07ff, 0x0800, 0x0801]) t.ok(Number.isNaN(sfloatAt(Uint8Array.from(le16(raw)), 0)), `SFLOAT ${raw.toString(16)}`);
  for (const raw of [0x007f_ffff, 0x0080_0000, 0x0080_0001])
    t.ok(Number.isNaN(floatAt(Uint8Array.from(le32(raw)), 0)), `FLOAT ${raw.toString(16)}`);
  t.equal(sfloatAt(Uint8Array.from(le16(0x07fe)), 0), Number.POSITIVE_INFINITY);
  t.equal(floatAt(Uint8Array.from(le32(0x0080_0002)), 0), Number.NEGATIVE_INFINITY);
});

t.test('bytes that are not there are no number', async (t) => {
  t.ok(Number.isNaN(sfloatAt(Uint8Array.of(0x6c), 0)));
  t.ok(Number.isNaN(floatAt(Uint8Array.of(0x6c, 1, 0), 0)));
});

t.test('a value of up to three digits survives an SFLOAT, one of up to six a FLOAT', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -2045, max: 2045 }), fc.integer({ min: -8, max: 7 }), (digits, exponent) => {
      const value = exponent < 0 ? digits / 10 ** -exponent : digits * 10 ** exponent;
      t.ok(near(sfloatAt(Uint8Array.from(le16(encodeSfloat(value))), 0), value));
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (raw) => {
      const value = floatAt(Uint8Array.from(le32(raw)), 0);
      const again = floatAt(Uint8Array.from(le32(encodeFloat(value))), 0);
      // However mantissa and exponent share out its zeros; 0 and -0 are one.
      t.ok(again === value || (Number.isNaN(again) && Number.isNaN(value)), `${raw.toString(16)}: ${value}, ${again}`);
    }),
    { numRuns: 2000, examples: [[0x43_03_45_eb]] },
  );
  t.equal(encodeSfloat(36.4), 0xf16c, 'as few digits as say it');
  t.equal(encodeSfloat(120), 0x0078);
  t.equal(encodeSfloat(Number.POSITIVE_INFINITY), 0x07fe);
  t.equal(encodeSfloat(Number.NaN), 0x07ff);
});
