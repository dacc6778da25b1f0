/** What follows from a weigh-in of a person of whom height, sex and age are known. Pure; raw impedance is kept beside, to compute again. */
import { compose } from '../../firmware/signal/body-composition/compose.ts';
import type { FormulaId } from '../../firmware/signal/body-composition/formulas.ts';
import { ageOn, birthDateOf, type Day } from '../people/age.ts';
import type { Identity } from '../people/identity.ts';
import type { StoredMeasurement } from '../store/vault.ts';
import { type Derived, sourcesOf } from './derived.ts';

/** Measurements of one moment of one scale, by quantity. */
export type WeighIn = ReadonlyMap<string, StoredMeasurement>;

/** Where a scale has two frequencies, both tell more than one. */
const TWO_FREQUENCIES: FormulaId = 's400-two-frequencies';
const ONE_FREQUENCY: FormulaId = 'standard-impedance';
const BMI = { algorithm: 'body-mass-index', version: '1' } as const;

/**
 * Body mass index with the height alone; fat, water, muscle and bone with impedance, sex and birth date as well. What the scale gave
 * itself is not computed beside it, and what a formula refuses gives nothing. `ofFamily` is the formula that belongs to the scale.
 */
export function bodyOf(weighIn: WeighIn, { heightM, sex, birthDate }: Identity, today: Day, ofFamily?: FormulaId): Derived[] {
  const weight = weighIn.get('weight');
  if (weight === undefined || heightM === undefined) return [];
  const out: Derived[] = [];
  if (!weighIn.has('bmi')) out.push({ quantity: 'bmi', value: weight.value / heightM ** 2, ...BMI, inputs: sourcesOf([weight]) });
  const impedance = weighIn.get('impedance');
  if (impedance === undefined || sex === undefined || birthDate === undefined || weighIn.has('fat_ratio')) return out;
  const low = weighIn.get('impedance_low');
  const composed = compose(ofFamily ?? (low === undefined ? ONE_FREQUENCY : TWO_FREQUENCIES), {
    sex,
    ageYears: ageOn(birthDateOf(birthDate, today), today),
    heightCm: heightM * 100,
    weightKg: weight.value,
    impedanceOhm: impedance.value,
    ...(low !== undefined && { impedanceLowOhm: low.value }),
  });
  if (composed.kind === 'refused') return out;
  const inputs = sourcesOf([weight, impedance, ...(low === undefined ? [] : [low])]);
  const { id, version } = composed.algorithm;
  for (const [quantity, value] of Object.entries(composed.values) as [Derived['quantity'], number][]) {
    // A value at the end of what a body can be was put there: it says nothing of this body.
    if (quantity === 'bmi' || weighIn.has(quantity) || composed.clamped.some((one) => one === quantity)) continue;
    out.push({ quantity, value, algorithm: id, version: String(version), inputs });
  }
  return out;
}
