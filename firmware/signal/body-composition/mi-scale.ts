/** Xiaomi Mi Body Composition Scale as openScale computes it, unbounded: Mi Fit's regression, with Janssen's skeletal muscle. */
import { type BodyWithImpedance, bmiOf, bounded } from './body.ts';
import { janssenMuscleKg, miBoneKg, miFatPercent, miLeanKg, miVisceral, waterPercentOf } from './holtek.ts';

export interface MiScaleComposition {
  readonly bmi: number;
  readonly fatPercent: number;
  readonly boneKg: number;
  /** Without fat and bone. */
  readonly leanKg: number;
  /** Skeletal, % of weight. */
  readonly musclePercent: number;
  readonly waterPercent: number;
  /** Not bounded: below nothing for light women. */
  readonly visceralFat: number;
}

/** Part of the lean mass that is skeletal muscle where no impedance was measured. */
const MUSCLE_OF_LEAN = { male: 0.52, female: 0.46 } as const;

export function miScale(body: BodyWithImpedance): MiScaleComposition {
  const fatPercent = miFatPercent(body);
  const boneKg = miBoneKg(body);
  const leanKg = miLeanKg(body, fatPercent, boneKg);
  const muscleKg = body.impedanceOhm > 0 ? janssenMuscleKg(body, body.impedanceOhm) : leanKg * MUSCLE_OF_LEAN[body.sex];
  return {
    bmi: bmiOf(body),
    fatPercent,
    boneKg,
    leanKg,
    musclePercent: bounded((muscleKg / body.weightKg) * 100, 10, 60),
    waterPercent: waterPercentOf(fatPercent),
    visceralFat: miVisceral(body),
  };
}
