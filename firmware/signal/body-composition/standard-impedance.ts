/**
 * Published equations for impedance at 50 kHz, the best choice where a scale gives nothing but the resistance.
 *
 * Fat-free mass and body water: Sun et al., Am J Clin Nutr 77 (2003) 331-340 (1830 persons of 12 to 94 years, four-compartment
 * reference; RMSE 3.9 kg for men, 2.9 kg for women). Skeletal muscle: Janssen et al. (2000). Basal metabolism: Katch and McArdle.
 * They were made for hand-to-foot current: a foot-to-foot scale reads lower by about a tenth.
 */
import { type BodyWithImpedance, type BySex, bmiOf } from './body.ts';
import { janssenMuscleKg } from './holtek.ts';

export interface StandardComposition {
  readonly bmi: number;
  readonly fatFreeKg: number;
  readonly fatPercent: number;
  readonly waterPercent: number;
  readonly basalMetabolismKcal: number;
  readonly skeletalMusclePercent: number;
  readonly boneKg: number;
}

const FAT_FREE = {
  male: { base: -10.68, perHeight2OverOhm: 0.65, perKg: 0.26, perOhm: 0.02 },
  female: { base: -9.53, perHeight2OverOhm: 0.69, perKg: 0.17, perOhm: 0.02 },
} as const;
const WATER_LITRES = {
  male: { base: 1.2, perHeight2OverOhm: 0.45, perKg: 0.18 },
  female: { base: 3.75, perHeight2OverOhm: 0.45, perKg: 0.11 },
} as const;
/** Density of water at 36.5 degrees, kg/l. */
const KG_PER_LITRE = 0.99513;
/** Part of the fat-free mass that is bone mineral. */
const BONE_PART: BySex = { male: 0.057, female: 0.05 };

export function standardImpedance(body: BodyWithImpedance): StandardComposition {
  const { sex, heightCm, weightKg, impedanceOhm } = body;
  const ratio = heightCm ** 2 / impedanceOhm;
  const lean = FAT_FREE[sex];
  const fatFreeKg = lean.base + lean.perHeight2OverOhm * ratio + lean.perKg * weightKg + lean.perOhm * impedanceOhm;
  const water = WATER_LITRES[sex];
  const waterKg = KG_PER_LITRE * (water.base + water.perHeight2OverOhm * ratio + water.perKg * weightKg);
  return {
    bmi: bmiOf(body),
    fatFreeKg,
    fatPercent: (1 - fatFreeKg / weightKg) * 100,
    waterPercent: (waterKg / weightKg) * 100,
    basalMetabolismKcal: 370 + 21.6 * fatFreeKg,
    skeletalMusclePercent: (janssenMuscleKg(body, impedanceOhm) / weightKg) * 100,
    boneKg: BONE_PART[sex] * fatFreeKg,
  };
}
