/** Yunmai scales: older ones give a resistance, newer ones the fat itself; the rest follows from fat. Source: openScale, YunmaiLib. */
import type { Body, BodyWithImpedance } from './body.ts';

export interface YunmaiComposition {
  readonly waterPercent: number;
  readonly musclePercent: number;
  readonly skeletalMusclePercent: number;
  readonly boneKg: number;
  readonly leanKg: number;
  readonly visceralFat: number;
}

/** Fat, %, of devices that give a resistance; 0 stands for "not a body". */
export function yunmaiFatPercent({ sex, ageYears, heightCm, weightKg, impedanceOhm }: BodyWithImpedance): number {
  const over = (impedanceOhm - 100) / 100;
  const resistance = over >= 1 ? Math.sqrt(over) : over;
  const fat = (1.5 * weightKg) / (heightCm / 100) ** 2 + 0.08 * ageYears - (sex === 'male' ? 10.8 : 0) - 7.4 + resistance;
  return fat < 5 || fat > 75 ? 0 : fat;
}

/** What follows from fat. The scale rounds by adding half a step and not cutting it off, so each value is high by that half step. */
export function yunmai(body: Body, fatPercent: number, isAthlete: boolean): YunmaiComposition {
  const { sex, heightCm, weightKg } = body;
  const lean = 100 - fatPercent;
  const musclePercent = lean * (isAthlete ? 0.7 : 0.67) + 0.005;
  const boneFactor = sex === 'male' ? 0.22 * 0.6 : 0.34 * 0.45;
  return {
    waterPercent: lean * 0.726 + 0.005,
    musclePercent,
    skeletalMusclePercent: lean * (isAthlete ? 0.6 : 0.53) + 0.005,
    boneKg: ((weightKg * musclePercent) / 100) * (4 / 7) * boneFactor + (heightCm - 170) / 100 + 0.05,
    leanKg: (weightKg * lean) / 100,
    visceralFat: visceralOf(body, fatPercent, isAthlete),
  };
}

/** Fat, %, at which the rating is 9.5, below each age. */
const MIDDLE = { male: { young: 21, middle: 22, old: 24 }, female: { young: 34, middle: 35, old: 36 } } as const;

function visceralOf({ sex, ageYears }: Body, fatPercent: number, isAthlete: boolean): number {
  const within = (rating: number, most: number): number => Math.min(most, Math.max(1, rating));
  if (isAthlete) return within((fatPercent - 15) / (fatPercent > 15 ? 1.1 : 1.4) + 12, 9);
  const age = ageYears < 18 || ageYears > 120 ? 18 : ageYears;
  const over = fatPercent - MIDDLE[sex][age < 40 ? 'young' : age < 60 ? 'middle' : 'old'];
  const below = sex === 'male' ? 1.4 : 1.8;
  return within(over / (over > 0 ? 1.1 : below) + 9.5, 30);
}
