/** 1byone scales, older protocol, and its many relatives (Eufy C1, Digoo). Source of the coefficients: openScale, OneByoneLib. */
import { type Body, type BodyWithImpedance, bmiOf, bounded } from './body.ts';
import { janssenMuscleKg, leanOffsetKg, oneByoneVisceral, waterPercentOf } from './holtek.ts';

/** 0 sedentary, 1 active, 2 an athlete. */
export type PeopleType = 0 | 1 | 2;

export interface OneByoneComposition {
  readonly bmi: number;
  readonly fatPercent: number;
  readonly leanKg: number;
  /** Skeletal, % of weight; not bounded, so absurd for an absurd impedance. */
  readonly musclePercent: number;
  readonly waterPercent: number;
  readonly boneKg: number;
  readonly visceralFat: number;
}

const ACTIVITY_FACTOR: Readonly<Record<PeopleType, number>> = { 0: 1, 1: 1.0427, 2: 1.0958 };

export function oneByone(body: BodyWithImpedance, people: PeopleType): OneByoneComposition {
  const fatPercent = fatOf(body, people);
  return {
    bmi: bmiOf(body),
    fatPercent,
    leanKg: body.weightKg * (1 - fatPercent / 100),
    musclePercent: (janssenMuscleKg(body, body.impedanceOhm) / body.weightKg) * 100,
    waterPercent: waterPercentOf(fatPercent),
    boneKg: boneOf(body, people),
    visceralFat: visceralOf(body, people),
  };
}

function fatOf(body: BodyWithImpedance, people: PeopleType): number {
  const { sex, weightKg, heightCm, ageYears, impedanceOhm } = body;
  // Impedance counts between 200 and 1200 ohm; below 50 ohm the electrodes touch nothing.
  const resistance = impedanceOhm < 50 ? 0 : 0.0068 * bounded(impedanceOhm, 200, 1200);
  let lean = 9.058 * (heightCm / 100) ** 2 + 12.226 + 0.32 * weightKg - resistance - leanOffsetKg(body) - 0.0542 * ageYears;
  lean *= ACTIVITY_FACTOR[people];
  if (sex === 'male') lean *= weightKg < 61 ? 0.98 : 1;
  else lean *= (weightKg < 50 ? 1.02 : weightKg > 60 ? 0.96 : 1) * (heightCm > 160 ? 1.03 : 1);
  return bounded(100 * (1 - lean / weightKg), 1, 45);
}

function boneOf({ sex, weightKg, heightCm, ageYears, impedanceOhm }: BodyWithImpedance, people: PeopleType): number {
  const base = 9.058 * (heightCm / 100) ** 2 + 12.226 + 0.32 * weightKg - 0.0068 * impedanceOhm;
  const lean = base - (sex === 'male' ? 3.49305 : 4.76325) - 0.0542 * ageYears * ACTIVITY_FACTOR[people];
  return bounded((lean <= 2.2 ? lean - 0.1 : lean + 0.1) * 0.05158, 0.5, 8);
}

function visceralOf(body: Body, people: PeopleType): number {
  const rating = oneByoneVisceral(body);
  if (people === 0) return rating;
  if (rating < 10) return rating - 4;
  return rating * (rating > 20 ? 0.85 : 0.8);
}
