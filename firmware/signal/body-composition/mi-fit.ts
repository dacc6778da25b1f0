/** Xiaomi's Mi Fit application: its regression with the bounds that the application applies. Source: wiecosystem/Bluetooth, body_metrics. */
import { type BodyWithImpedance, type BySex, bmiOf, bounded, type Sex } from './body.ts';
import { leanCoefficient, miBoneKg, miFatPercent, miLeanKg, miVisceral } from './holtek.ts';

export interface MiFitComposition {
  readonly leanCoefficientKg: number;
  readonly basalMetabolismKcal: number;
  readonly fatPercent: number;
  readonly waterPercent: number;
  readonly boneKg: number;
  readonly muscleKg: number;
  readonly visceralFat: number;
  readonly bmi: number;
  readonly idealWeightKg: number;
  /** 0 obese, 1 overweight, 2 thick-set, 3 lacking exercise, 4 balanced, 5 balanced muscular, 6 skinny, 7 balanced skinny, 8 skinny muscular. */
  readonly bodyType: number;
}

const BASAL = {
  male: { base: 877.8, perKg: 14.916, perCm: 0.726, perYear: 8.976, most: 2322 },
  female: { base: 864.6, perKg: 10.2036, perCm: 0.39336, perYear: 6.204, most: 2996 },
} as const;

export function miFit(body: BodyWithImpedance): MiFitComposition {
  const { sex, weightKg, heightCm } = body;
  const fatPercent = bounded(miFatPercent(body), 5, 75);
  const boneKg = bounded(miBoneKg(body), 0.5, 8);
  const muscleKg = bounded(miLeanKg(body, fatPercent, boneKg), 10, 120);
  return {
    leanCoefficientKg: leanCoefficient(body),
    basalMetabolismKcal: basalOf(body),
    fatPercent,
    waterPercent: waterOf(fatPercent),
    boneKg,
    muscleKg,
    visceralFat: bounded(miVisceral(body), 1, 50),
    bmi: bounded(bmiOf({ weightKg, heightCm }), 10, 90),
    idealWeightKg: sex === 'male' ? (heightCm - 80) * 0.7 : (heightCm - 70) * 0.6,
    bodyType: bodyTypeOf(body, fatPercent, muscleKg),
  };
}

function basalOf({ sex, weightKg, heightCm, ageYears }: BodyWithImpedance): number {
  const { base, perKg, perCm, perYear, most } = BASAL[sex];
  const kcal = base + perKg * weightKg - perCm * heightCm - perYear * ageYears;
  return kcal > most ? 5000 : Math.max(500, kcal);
}

function waterOf(fatPercent: number): number {
  const lean = (100 - fatPercent) * 0.7;
  const factor = lean <= 50 ? 1.02 : 0.98;
  return bounded((lean * factor >= 65 ? 75 : lean) * factor, 35, 75);
}

/** Fat, %: below the first is lean, above the second heavy, for ages up to the key. */
const FAT_BANDS: readonly { readonly toAge: number; readonly low: BySex; readonly high: BySex }[] = [
  { toAge: 11, low: { male: 16, female: 21 }, high: { male: 25, female: 30 } },
  { toAge: 13, low: { male: 16, female: 24 }, high: { male: 25, female: 33 } },
  { toAge: 15, low: { male: 16, female: 27 }, high: { male: 25, female: 36 } },
  { toAge: 17, low: { male: 16, female: 28 }, high: { male: 25, female: 37 } },
  { toAge: 39, low: { male: 17, female: 28 }, high: { male: 22, female: 35 } },
  { toAge: 59, low: { male: 18, female: 29 }, high: { male: 23, female: 36 } },
  { toAge: Number.POSITIVE_INFINITY, low: { male: 20, female: 30 }, high: { male: 25, female: 37 } },
];
/** Muscle, kg: little below the first, much above the second, from this height. */
const MUSCLE_BANDS: Readonly<Record<Sex, readonly { readonly fromCm: number; readonly low: number; readonly high: number }[]>> = {
  male: [
    { fromCm: 170, low: 49.4, high: 59.5 },
    { fromCm: 160, low: 44, high: 52.5 },
    { fromCm: 0, low: 38.5, high: 46.6 },
  ],
  female: [
    { fromCm: 160, low: 36.5, high: 42.6 },
    { fromCm: 150, low: 32.9, high: 37.6 },
    { fromCm: 0, low: 29.1, high: 34.8 },
  ],
};

function bodyTypeOf({ sex, ageYears, heightCm }: BodyWithImpedance, fatPercent: number, muscleKg: number): number {
  const fat = FAT_BANDS.find(({ toAge }) => ageYears <= toAge)!;
  const muscle = MUSCLE_BANDS[sex].find(({ fromCm }) => heightCm >= fromCm)!;
  const row = fatPercent > fat.high[sex] ? 0 : fatPercent < fat.low[sex] ? 2 : 1;
  const column = muscleKg > muscle.high ? 2 : muscleKg < muscle.low ? 0 : 1;
  return row * 3 + column;
}
