/** Trisa Body Analyze and Medisana: four lines in body mass index, impedance and age. Source of the coefficients: openScale, TrisaBodyAnalyzeLib. */
import { type BodyWithImpedance, bmiOf } from './body.ts';

export interface TrisaComposition {
  readonly bmi: number;
  readonly waterPercent: number;
  readonly fatPercent: number;
  readonly musclePercent: number;
  /** % of weight. */
  readonly bonePercent: number;
}

/** base + perBmi * bmi + perOhm * ohm + perBmiOhm * bmi * ohm + perYear * age */
const LINES = {
  male: {
    water: { base: 87.51, perBmi: -1.162, perOhm: -0.00813, perBmiOhm: 0, perYear: 0.07594 },
    fat: { base: -21.764, perBmi: 1.479, perOhm: 0, perBmiOhm: 4.4e-4, perYear: 0.1 },
    muscle: { base: 74.627, perBmi: -0.811, perOhm: -0.00565, perBmiOhm: 0, perYear: -0.367 },
    bone: { base: 7.829, perBmi: -0.0855, perOhm: -5.92e-4, perBmiOhm: 0, perYear: -0.0389 },
  },
  female: {
    water: { base: 77.721, perBmi: -1.148, perOhm: -0.00573, perBmiOhm: 0, perYear: 0.06448 },
    fat: { base: -12.834, perBmi: 1.506, perOhm: 0, perBmiOhm: 3.908e-4, perYear: 0.1 },
    muscle: { base: 57, perBmi: -0.694, perOhm: -0.00344, perBmiOhm: 0, perYear: -0.255 },
    bone: { base: 7.98, perBmi: -0.0973, perOhm: -4.84e-4, perBmiOhm: 0, perYear: -0.036 },
  },
} as const;

export function trisa(body: BodyWithImpedance): TrisaComposition {
  const { sex, ageYears, impedanceOhm } = body;
  const bmi = bmiOf(body);
  const line = (name: keyof (typeof LINES)['male']): number => {
    const { base, perBmi, perOhm, perBmiOhm, perYear } = LINES[sex][name];
    return base + perBmi * bmi + perOhm * impedanceOhm + perBmiOhm * bmi * impedanceOhm + perYear * ageYears;
  };
  return { bmi, waterPercent: line('water'), fatPercent: line('fat'), musclePercent: line('muscle'), bonePercent: line('bone') };
}
