/** Etekcity (VeSync) ESF-551 and relatives, as the vendor's application shows them. Source: ronnnnnnnnnnnnn/etekcity_esf551_ble, openScale. */
import { type BodyWithImpedance, bmiOf, bounded } from './body.ts';

export interface EtekcityComposition {
  readonly bmi: number;
  readonly fatPercent: number;
  readonly fatFreeKg: number;
  readonly visceralFat: number;
  readonly waterPercent: number;
  readonly basalMetabolismKcal: number;
  readonly skeletalMusclePercent: number;
  readonly boneKg: number;
  readonly subcutaneousFatPercent: number;
  readonly muscleKg: number;
  readonly proteinPercent: number;
  readonly weightScore: number;
  readonly fatScore: number;
  readonly bmiScore: number;
  readonly healthScore: number;
  readonly metabolicAge: number;
}

const BY_SEX = {
  male: {
    fat: { perYear: 0.103, perBmi: 1.524, less: 22 },
    visceral: { perBmi: 0.8666, perFat: 0.0082, perFatKg: 0.026, less: 14.2692 },
    bonePart: 0.05,
    water: 0.76,
    muscle: 0.68,
    subcutaneous: { perFat: 0.965, perVisceral: 0.22 },
    proteinPerFat: 1,
    ideal: { perM: 100, less: 80, factor: 0.7 },
    bestFat: 16,
  },
  female: {
    fat: { perYear: 0.097, perBmi: 1.545, less: 12.7 },
    visceral: { perBmi: 0.8895, perFat: 0.0943, perFatKg: -0.0534, less: 16.215 },
    bonePart: 0.06,
    water: 0.73,
    muscle: 0.62,
    subcutaneous: { perFat: 0.983, perVisceral: 0.303 },
    proteinPerFat: 1.05,
    ideal: { perM: 137, less: 110, factor: 0.45 },
    bestFat: 26,
  },
} as const;

export function etekcity(body: BodyWithImpedance): EtekcityComposition {
  const { sex, ageYears, heightCm, weightKg, impedanceOhm } = body;
  const k = BY_SEX[sex];
  const bmi = bmiOf(body);
  const fat = k.fat.perYear * ageYears + k.fat.perBmi * bmi - 500 / impedanceOhm - k.fat.less;
  const fatPercent = bounded(Math.floor(fat * 10) / 10, 5, 75);
  const fatFreeKg = weightKg * (1 - fatPercent / 100);
  const visceral = k.visceral.perBmi * bmi + k.visceral.perFat * fatPercent + k.visceral.perFatKg * (weightKg - fatFreeKg);
  const visceralFat = bounded(visceral - k.visceral.less, 1, 30);
  const boneKg = Math.max(1, k.bonePart * fatFreeKg);
  const softPercent = ((fatFreeKg - boneKg) / weightKg) * 100;
  const waterPercent = bounded(k.water * softPercent, 10, 80);
  const idealKg = k.ideal.factor * (k.ideal.perM * (heightCm / 100) - k.ideal.less);
  const weightScore = weightScoreOf(weightKg, idealKg);
  const fatScore = fatScoreOf(fatPercent, k.bestFat);
  const bmiScore = bmiScoreOf(bmi);
  const healthScore = Math.trunc((weightScore + fatScore + bmiScore) / 3);
  return {
    bmi,
    fatPercent,
    fatFreeKg,
    visceralFat,
    waterPercent,
    basalMetabolismKcal: bounded(370 + 21.6 * fatFreeKg, 900, 2500),
    skeletalMusclePercent: k.muscle * softPercent,
    boneKg,
    subcutaneousFatPercent: k.subcutaneous.perFat * fatPercent - k.subcutaneous.perVisceral * visceralFat,
    muscleKg: fatFreeKg - boneKg,
    proteinPercent: Math.max(5, 100 - k.proteinPerFat * fatPercent - (boneKg / weightKg) * 100 - waterPercent),
    weightScore,
    fatScore,
    bmiScore,
    healthScore,
    metabolicAge: Math.max(18, ageYears + 8 - yearsOff(healthScore)),
  };
}

function weightScoreOf(weightKg: number, idealKg: number): number {
  if (weightKg > 1.3 * idealKg) return 50;
  if (weightKg > 0.7 * idealKg) return Math.trunc(100 - (50 * Math.abs(weightKg - idealKg)) / (0.3 * idealKg));
  for (let tenth = 0; tenth < 6; tenth++) if ((idealKg * tenth) / 10 > weightKg) return tenth * 10;
  return 0;
}

function fatScoreOf(fatPercent: number, best: number): number {
  if (fatPercent >= 45) return 50;
  const reach = fatPercent > best ? 45 - best : best - 5;
  return Math.trunc(100 - (50 * Math.abs(fatPercent - best)) / reach);
}

function bmiScoreOf(bmi: number): number {
  if (bmi >= 35) return 50;
  if (bmi >= 15) return Math.trunc(100 - 3.85 * Math.abs(bmi - 22));
  return bmi >= 10 ? 40 : bmi >= 5 ? 30 : 20;
}

/** One year for each of these scores that is reached. */
const YEAR_STEPS = [50, 60, 65, 68, 70, 73, 75, 80, 85, 88, 90, 93, 95, 97, 98, 99] as const;
const yearsOff = (score: number): number => YEAR_STEPS.filter((step) => score >= step).length;
