/** What follows from a weigh-in by its family's formula, where the scale measures an impedance and computes nothing itself. */
import { type Composed, compose } from '../../../../../firmware/signal/body-composition/compose.ts';
import type { ActivityLevel } from '../../../../../firmware/signal/body-composition/formulas.ts';
import type { ScaleProfile } from './family.ts';
import type { ScaleMeasurement } from './session.ts';

/** An athlete trains: what the formulas call their fourth level of five. */
const TRAINS: ActivityLevel = 4;

/**
 * Composition of a settled measurement by the formula that it names; undefined where it names none, is not settled, or is of
 * another than the person of `profile`: whose weight it is has to be known first. Refused as the formula refuses.
 */
export function composed({ values, settled, formula }: ScaleMeasurement, profile: ScaleProfile): Composed | undefined {
  const value = (quantity: string): number | undefined => values.find((one) => one.quantity === quantity)?.value;
  const weightKg = value('weight');
  const impedanceOhm = value('impedance');
  if (!settled || formula === undefined || weightKg === undefined || impedanceOhm === undefined) return undefined;
  const { sex, ageYears, heightCm, athlete } = profile;
  return compose(formula, { sex, ageYears, heightCm, weightKg, impedanceOhm, ...(athlete === true && { activity: TRAINS }) });
}
