import t from 'tap';
import { isPlausible, type QuantityId } from '../../../../firmware/protocol/quantities.ts';
import { compose, isFormulaId } from '../../../../firmware/signal/body-composition/compose.ts';
import { type CompositionInputs, type FormulaId, formulas } from '../../../../firmware/signal/body-composition/formulas.ts';
import fc from '../../../property.ts';

const ids = Object.keys(formulas) as FormulaId[];
const grown: CompositionInputs = { sex: 'female', ageYears: 34, heightCm: 168, weightKg: 63, impedanceOhm: 540, impedanceLowOhm: 590 };

t.test('a composition names its formula and version, and gives masses beside ratios', async (t) => {
  const composed = compose('standard-impedance', grown);
  if (composed.kind === 'refused') return t.fail(composed.message);
  t.same(composed.algorithm, { id: 'standard-impedance', version: 1 });
  const { fat_ratio, fat_mass, fat_free_mass, water_mass, water_ratio } = composed.values;
  t.ok(Math.abs(fat_mass! + fat_free_mass! - 63) < 1e-9);
  t.ok(Math.abs(fat_mass! - (fat_ratio! / 100) * 63) < 1e-9);
  t.ok(Math.abs(water_mass! - (water_ratio! / 100) * 63) < 1e-9);
  t.same(composed.clamped, []);
});

t.test('the same inputs give the same values, bit for bit', async (t) => {
  for (const id of ids) t.same(compose(id, grown), compose(id, grown), id);
});

t.test('without an impedance a formula that needs one refuses and says so', async (t) => {
  const { impedanceOhm: _, ...without } = grown;
  const refused = compose('etekcity', without);
  t.ok(refused.kind === 'refused' && refused.input === 'impedanceOhm');
  t.match(refused.kind === 'refused' && refused.message, /the impedance is missing: Etekcity ESF-551 takes 50 to 3000 ohm/);
  t.equal(compose('profile-only', without).kind, 'composed');
});

t.test('a child is refused by a formula that was made for adults, with the age it takes', async (t) => {
  const refused = compose('s400-two-frequencies', { ...grown, ageYears: 10 });
  t.match(refused.kind === 'refused' && refused.message, /the age is 10 years: .* takes 18 to 120 years/);
});

t.test('what a formula puts outside a body is given as the nearest that a body can be, and named', async (t) => {
  // A light woman: Mi's visceral fat comes out near -36.
  const composed = compose('mi-scale', { ...grown, weightKg: 44, heightCm: 170, ageYears: 45 });
  t.ok(composed.kind === 'composed' && composed.clamped.includes('visceral_fat') && composed.values.visceral_fat === 0);
});

t.test('whatever the inputs, every formula refuses or gives values that a body can have', async () => {
  const any = fc.oneof(fc.double(), fc.double({ min: 0, max: 3000, noNaN: true }));
  fc.assert(
    fc.property(
      fc.record({
        sex: fc.constantFrom('male' as const, 'female' as const),
        ageYears: fc.oneof(any, fc.integer({ min: 18, max: 90 })),
        heightCm: fc.oneof(any, fc.integer({ min: 140, max: 200 })),
        weightKg: fc.oneof(any, fc.integer({ min: 40, max: 150 })),
        impedanceOhm: fc.oneof(any, fc.integer({ min: 300, max: 800 })),
        impedanceLowOhm: fc.oneof(any, fc.integer({ min: 300, max: 800 })),
        activity: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const),
      }),
      fc.constantFrom(...ids),
      (inputs, id) => {
        const composed = compose(id, inputs);
        if (composed.kind === 'refused') return composed.message.length > 0;
        const bounded = Object.entries(composed.values).filter(([quantity]) => !quantity.endsWith('_mass') && quantity !== 'muscle_ratio');
        return bounded.every(([quantity, value]) => isPlausible(quantity as QuantityId, value));
      },
    ),
  );
});

t.test('a name that no formula has is known to be none', async (t) => {
  t.notOk(isFormulaId('toString'));
  t.ok(isFormulaId('trisa'));
});
