/** 1byone scales, newer protocol. Source of the coefficients: openScale, OneByoneNewLib. */
import { type BodyWithImpedance, bmiOf, bounded } from './body.ts';
import { boneKgOf, leanCoefficient, oneByoneVisceral } from './holtek.ts';

export interface OneByoneNewComposition {
  readonly bmi: number;
  readonly leanKg: number;
  /** kcal a day for each kg, by age. */
  readonly basalPerKg: number;
  /** As the scale has it: never above 1000, so of no use to a grown person. */
  readonly basalMetabolismKcal: number;
  readonly fatPercent: number;
  readonly boneKg: number;
  readonly muscleKg: number;
  readonly skeletalMusclePercent: number;
  readonly visceralFat: number;
  readonly waterPercent: number;
  readonly proteinPercent: number;
}

/** kcal/kg/day below each age. */
const BASAL_PER_KG = {
  male: [
    [13, 36],
    [16, 30],
    [18, 26],
    [30, 23],
    [50, 21],
    [Number.POSITIVE_INFINITY, 20],
  ],
  female: [
    [13, 34],
    [16, 29],
    [18, 24],
    [30, 22],
    [50, 20],
    [Number.POSITIVE_INFINITY, 19],
  ],
} as const;

export function oneByoneNew(body: BodyWithImpedance): OneByoneNewComposition {
  const { sex, weightKg, heightCm, ageYears } = body;
  const leanKg = leanCoefficient(body);
  const fatPercent = fatOf(body, leanKg);
  const boneKg = bounded(boneKgOf(sex, leanKg), 0.5, 8);
  const dry = (100 - fatPercent) * 0.7;
  const waterPercent = bounded(dry * (dry > 50 ? 0.98 : 1.02), 35, 75);
  const basal =
    sex === 'male'
      ? 14.916 * weightKg + 877.8 - 0.726 * heightCm - 8.976 * ageYears
      : 10.2036 * weightKg + 864.6 - 0.39336 * heightCm - 6.204 * ageYears;
  return {
    bmi: bounded(bmiOf(body), 10, 90),
    leanKg,
    basalPerKg: BASAL_PER_KG[sex].find(([below]) => ageYears < below)![1],
    basalMetabolismKcal: bounded(basal, 500, 1000),
    fatPercent,
    boneKg,
    muscleKg: bounded(weightKg * (1 - fatPercent / 100) - boneKg, 10, 120),
    skeletalMusclePercent: ((waterPercent * weightKg * 0.008422 - 2.9903) / weightKg) * 100,
    visceralFat: bounded(oneByoneVisceral(body), 1, 50),
    waterPercent,
    proteinPercent: 100 - fatPercent - waterPercent * 1.08 - (boneKg / weightKg) * 100,
  };
}

function fatOf({ sex, weightKg, heightCm, ageYears }: BodyWithImpedance, leanKg: number): number {
  let lean = leanKg - (sex === 'male' ? 0.8 : ageYears < 50 ? 9.25 : 7.25);
  if (sex === 'male') lean *= weightKg < 61 ? 0.98 : 1;
  else lean *= (weightKg < 50 ? 1.02 : weightKg > 60 ? 0.96 : 1) * (heightCm > 160 ? 1.03 : 1);
  return 100 * (1 - lean / weightKg);
}
