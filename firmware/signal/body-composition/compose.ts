/** Body composition by a named formula, refused where the formula does not hold, and within what a body can be. */
import { quantities } from '../../protocol/quantities.ts';
import {
  type CompositionInputs,
  type CompositionQuantity,
  type CompositionValues,
  type Formula,
  type FormulaId,
  formulas,
  type Validity,
} from './formulas.ts';

export type Composed =
  | {
      readonly kind: 'composed';
      /** Names the formula, so that values can be computed again from the same inputs, bit for bit. */
      readonly algorithm: { readonly id: FormulaId; readonly version: number };
      readonly values: CompositionValues;
      /** Quantities that the formula put outside what a body can be; given as the nearest that one can. */
      readonly clamped: readonly CompositionQuantity[];
    }
  | { readonly kind: 'refused'; readonly input: keyof CompositionInputs; readonly message: string };

export const isFormulaId = (id: string): id is FormulaId => Object.hasOwn(formulas, id);

const UNITS = { ageYears: 'years', heightCm: 'cm', weightKg: 'kg', impedanceOhm: 'ohm', impedanceLowOhm: 'ohm' } as const;
const WORDS = {
  ageYears: 'the age',
  heightCm: 'the height',
  weightKg: 'the weight',
  impedanceOhm: 'the impedance',
  impedanceLowOhm: 'the impedance at the lower frequency',
} as const;
/** Where nothing is said of it, somebody moves moderately. */
const USUAL_ACTIVITY = 3;

/**
 * Fat, water, muscle and bone of a body by the named formula. The masses that follow from the ratios are filled in.
 * Refused with the input and what would be right when one is missing or outside the formula's range.
 */
export function compose(id: FormulaId, inputs: CompositionInputs): Composed {
  const formula: Formula = formulas[id];
  for (const name of Object.keys(formula.validity) as (keyof Validity)[]) {
    const [least, most] = formula.validity[name]!;
    const value = inputs[name];
    const wanted = `${formula.name} takes ${least} to ${most} ${UNITS[name]}`;
    if (value === undefined) return { kind: 'refused', input: name, message: `${WORDS[name]} is missing: ${wanted}` };
    if (!(value >= least && value <= most)) {
      return { kind: 'refused', input: name, message: `${WORDS[name]} is ${value} ${UNITS[name]}: ${wanted}` };
    }
  }
  const raw = formula.compute({
    ...inputs,
    impedanceOhm: inputs.impedanceOhm ?? 0,
    impedanceLowOhm: inputs.impedanceLowOhm ?? 0,
    activity: inputs.activity ?? USUAL_ACTIVITY,
  });
  const { values, clamped } = withinBody(raw);
  return { kind: 'composed', algorithm: { id, version: formula.version }, values: withMasses(values, inputs.weightKg), clamped };
}

function withinBody(raw: CompositionValues): { values: CompositionValues; clamped: CompositionQuantity[] } {
  const values: CompositionValues = {};
  const clamped: CompositionQuantity[] = [];
  for (const [id, value] of Object.entries(raw) as [CompositionQuantity, number][]) {
    if (!Number.isFinite(value)) continue;
    const { min, max } = quantities[id];
    values[id] = Math.min(max, Math.max(min, value));
    if (values[id] !== value) clamped.push(id);
  }
  return { values, clamped };
}

/** A mass for each ratio and the other way round. */
function withMasses(values: CompositionValues, weightKg: number): CompositionValues {
  const { fat_ratio, water_ratio, muscle_ratio, muscle_mass } = values;
  return {
    ...values,
    ...(fat_ratio !== undefined && { fat_mass: (fat_ratio / 100) * weightKg, fat_free_mass: (1 - fat_ratio / 100) * weightKg }),
    ...(water_ratio !== undefined && { water_mass: (water_ratio / 100) * weightKg }),
    ...(muscle_ratio !== undefined && muscle_mass === undefined && { muscle_mass: (muscle_ratio / 100) * weightKg }),
    ...(muscle_mass !== undefined && muscle_ratio === undefined && { muscle_ratio: (muscle_mass / weightKg) * 100 }),
  };
}
