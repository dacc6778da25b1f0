/** Soehnle Shape Sense: two frequencies, five levels of activity. Source of the coefficients: openScale, SoehnleLib. */
import { type Body, bmiOf } from './body.ts';

export interface SoehnleBody extends Body {
  readonly impedance50kHzOhm: number;
  readonly impedance5kHzOhm: number;
  /** 1 (hardly moves) to 5 (competes). */
  readonly activity: number;
}

export interface SoehnleComposition {
  readonly bmi: number;
  readonly fatPercent: number;
  readonly waterPercent: number;
  /** As the scale has it: some 10 % where other scales say 40 %, for it counts something else. */
  readonly musclePercent: number;
}

/** By activity: 1 to 3, 4, 5. */
const ADDED = {
  male: { fat: [0, 2.5, 4.3], water: [2.83, 3.93, 5.33], muscle: [3.6224, 4.3904, 5.4144] },
  female: { fat: [0, 2.3, 4.1], water: [0, 0.4, 1.4], muscle: [0, 0, 1.664] },
} as const;
const FAT = { male: { perYear: 0.25, less: 65.5 }, female: { perYear: 0.214, less: 55.1 } } as const;

export function soehnle(body: SoehnleBody): SoehnleComposition {
  const { sex, ageYears, heightCm, weightKg, impedance50kHzOhm: high, impedance5kHzOhm: low, activity } = body;
  const level = activity >= 5 ? 2 : activity >= 4 ? 1 : 0;
  const added = ADDED[sex];
  const height2 = heightCm ** 2;
  return {
    bmi: bmiOf(body),
    fatPercent: 1.847 * bmiOf(body) + FAT[sex].perYear * ageYears + 0.062 * high - FAT[sex].less + added.fat[level],
    waterPercent: ((0.3674 * height2) / high + 0.1753 * weightKg - 0.11 * ageYears + 6.53 + added.water[level]) * (100 / weightKg),
    musclePercent:
      ((0.47027 / high - 0.24196 / low) * height2 + 0.13796 * weightKg - 0.1152 * ageYears + 5.12 + added.muscle[level]) * (100 / weightKg),
  };
}
