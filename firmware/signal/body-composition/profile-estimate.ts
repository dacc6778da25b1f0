/**
 * What profile and weight say where a scale gives little more: fat by Deurenberg, or from impedance by a generic regression; the rest
 * as fixed parts of lean mass. Basal metabolism: Mifflin & St Jeor, Am J Clin Nutr 51 (1990) 241-247.
 */
import { type Body, bmiOf, bounded } from './body.ts';

export interface AthleteBody extends Body {
  readonly isAthlete: boolean;
}

/** Fat, %, from body mass index, age and sex: Deurenberg et al., Br J Nutr 65 (1991) 105-114, SEE 4.1 %; another line to the age of 15. */
export function deurenbergFatPercent(
  bmi: number,
  { sex, ageYears, isAthlete }: Pick<AthleteBody, 'sex' | 'ageYears' | 'isAthlete'>,
): number {
  const isMale = sex === 'male' ? 1 : 0;
  const fat = ageYears <= 15 ? 1.51 * bmi - 0.7 * ageYears - 3.6 * isMale + 1.4 : 1.2 * bmi + 0.23 * ageYears - 10.8 * isMale - 5.4;
  return bounded(fat * (isAthlete ? 0.85 : 1), 3, 60);
}

/** Lean mass, kg: a height2/ohm + b weight + c age + d. Source: ble-scale-sync (origin of the coefficients not stated there). */
const GENERIC = {
  male: { usual: [0.503, 0.165, -0.158, 17.8], athlete: [0.637, 0.205, -0.18, 12.5] },
  female: { usual: [0.49, 0.15, -0.13, 11.5], athlete: [0.55, 0.18, -0.15, 8.5] },
} as const;

/** Fat, %, from impedance by the generic regression. */
export function genericFatPercent({ sex, ageYears, heightCm, weightKg, isAthlete }: AthleteBody, impedanceOhm: number): number {
  const [a, b, c, d] = GENERIC[sex][isAthlete ? 'athlete' : 'usual'];
  const lean = (a * heightCm ** 2) / impedanceOhm + b * weightKg + c * ageYears + d;
  return bounded((1 - (lean > weightKg ? 0.96 : lean / weightKg)) * 100, 3, 60);
}

/** 1 (much fat, little muscle) to 9 (little fat, much muscle). Muscle is the skeletal estimate. */
export function physiqueRating(fatPercent: number, skeletalMuscleKg: number, weightKg: number): number {
  const part = skeletalMuscleKg / weightKg;
  if (fatPercent > 25) return part > 0.4 ? 2 : 1;
  if (fatPercent < 18) return part > 0.45 ? 9 : part > 0.4 ? 8 : 7;
  return part > 0.45 ? 6 : part < 0.38 ? 4 : 5;
}

/** What a scale measured itself. */
export interface ScaleValues {
  readonly fatPercent?: number;
  readonly waterPercent?: number;
  /** % of weight. */
  readonly musclePercent?: number;
  readonly boneKg?: number;
  readonly visceralFat?: number;
}

export interface ProfileComposition {
  readonly bmi: number;
  readonly fatPercent: number;
  readonly waterPercent: number;
  readonly boneKg: number;
  readonly muscleKg: number;
  readonly visceralFat: number;
  readonly physiqueRating: number;
  readonly basalMetabolismKcal: number;
  readonly metabolicAge: number;
}

/** The scale's own values, and an estimate for each that it did not give. */
export function profileEstimate(body: AthleteBody, scale: ScaleValues = {}): ProfileComposition {
  const { sex, ageYears, heightCm, weightKg, isAthlete } = body;
  const bmi = bmiOf(body);
  const fatPercent = scale.fatPercent ?? deurenbergFatPercent(bmi, body);
  const leanKg = weightKg * (1 - fatPercent / 100);
  const boneKg = scale.boneKg ?? leanKg * 0.042;
  const guess = fatPercent > 10 ? fatPercent * 0.55 - 4 + ageYears * 0.08 : 1;
  const basalAt = (age: number): number => 10 * weightKg + 6.25 * heightCm - 5 * age + (sex === 'male' ? 5 : -161);
  const basal = basalAt(ageYears) * (isAthlete ? 1.05 : 1);
  const age = Math.max(12, ageYears + Math.trunc((basalAt(25) - basal) / 15));
  return {
    bmi,
    fatPercent,
    waterPercent: scale.waterPercent ?? ((leanKg * (isAthlete ? 0.74 : 0.73)) / weightKg) * 100,
    boneKg,
    muscleKg: scale.musclePercent === undefined ? leanKg - boneKg : (scale.musclePercent / 100) * weightKg,
    visceralFat: bounded(Math.trunc(scale.visceralFat ?? guess), 1, 59),
    physiqueRating: physiqueRating(fatPercent, leanKg * (isAthlete ? 0.6 : 0.54), weightKg),
    basalMetabolismKcal: Math.trunc(basal),
    metabolicAge: isAthlete && age > ageYears ? ageYears - 5 : age,
  };
}
