/**
 * Two-frequency composition for the Xiaomi S400 and relatives, from published equations only:
 * body water Sun 2003 (Am J Clin Nutr 77:331), extracellular water by Hanai's mixture theory (De Lorenzo 1997, J Appl Physiol 82:1542;
 * resistivities Matthie 2005, J Appl Physiol 99:780), hydration 0.732 of fat-free mass (Pace & Rathbun 1945), skeletal muscle Janssen 2000,
 * basal metabolism Cunningham 1991 or 1980, else Mifflin-St Jeor 1990, body cell mass Kotler 1996, bone Heymsfield 2007.
 * The order of the steps, the limits and the hand-to-foot correction are those of openScale's S400BodyComposition.
 */
import { type Body, bmiOf, bounded } from './body.ts';
import { boneKgOf, janssenMuscleKg, leanCoefficient, miVisceral } from './holtek.ts';

export interface S400Body extends Body {
  /** About 250 kHz. */
  readonly resistanceHighOhm: number;
  /** About 50 kHz. */
  readonly resistanceLowOhm: number;
}

export interface S400Options {
  readonly bone?: 'mi' | 'heymsfield';
  readonly basal?: 'cunningham-1991' | 'cunningham-1980';
  /** A current from foot to foot leaves the arm out: its resistance is lower than the equations expect (Bracco 1996: 1.10). */
  readonly footToFoot?: number;
}

export type S400Reliability = 'ok' | 'approximate' | 'unreliable' | 'not-available';

/** Undefined: suppressed, because what it rests on is outside what a body can be. */
export interface S400Composition {
  readonly bmi: number;
  readonly reliability: S400Reliability;
  /** The scale had its two frequencies the wrong way round. */
  readonly swapped: boolean;
  readonly waterKg?: number;
  readonly extracellularKg?: number;
  readonly intracellularKg?: number;
  readonly extracellularPart?: number;
  readonly fatFreeKg?: number;
  readonly fatKg?: number;
  readonly fatPercent?: number;
  readonly skeletalMuscleKg?: number;
  readonly boneKg?: number;
  readonly visceralFat?: number;
  readonly basalMetabolismKcal?: number;
  readonly cellMassKg?: number;
  readonly proteinKg?: number;
  readonly softLeanKg?: number;
}

const FOOT_TO_FOOT = 1.1;
/** The two resistances of a body differ by more: less means dry feet, or a foot lifted. */
const LEAST_DISPERSION = 0.01;
const HYDRATION = 0.732;
/** Shape 4.3, resistivity of extracellular water 40.5 and 39.0 ohm cm, density 1.05 kg/l. */
const HANAI = { male: Math.cbrt((4.3 * 40.5) ** 2 / 1.05) / 100, female: Math.cbrt((4.3 * 39) ** 2 / 1.05) / 100 } as const;
const WATER = { male: { base: 1.2, perKg: 0.18 }, female: { base: 3.75, perKg: 0.11 } } as const;
/** Fat, %, that a living body can have. */
const FAT_LIMITS = { male: [3, 60], female: [8, 70] } as const;

const within = (value: number, least: number, most: number): boolean => value >= least && value <= most;

/** Where the equations were validated. */
export const isS400Valid = (body: S400Body): boolean =>
  within(body.ageYears, 18, 120) &&
  within(body.heightCm, 100, 230) &&
  within(body.weightKg, 20, 250) &&
  within(body.resistanceHighOhm, 200, 1500) &&
  within(body.resistanceLowOhm, 200, 1500) &&
  within(bmiOf(body), 12, 60);

export function s400(body: S400Body, options: S400Options = {}): S400Composition {
  const bmi = bmiOf(body);
  if (!isS400Valid(body)) return { bmi, reliability: 'not-available', swapped: false };
  const { sex, heightCm, weightKg } = body;
  // Cell membranes block the low frequency, so its resistance is the greater one.
  const high = Math.min(body.resistanceHighOhm, body.resistanceLowOhm);
  const low = Math.max(body.resistanceHighOhm, body.resistanceLowOhm);
  const swapped = body.resistanceLowOhm < body.resistanceHighOhm;
  const lean = leanCoefficient({ ...body, impedanceOhm: high });
  const boneKg = bounded(options.bone === 'heymsfield' ? (sex === 'male' ? 0.041 : 0.036) * weightKg : boneKgOf(sex, lean), 1, 6);
  const visceralFat = bounded(miVisceral(body), 1, 30);
  if ((low - high) / high < LEAST_DISPERSION) return { bmi, reliability: 'unreliable', swapped, boneKg, visceralFat };

  const factor = options.footToFoot ?? FOOT_TO_FOOT;
  const height2 = heightCm ** 2;
  const water = WATER[sex].base + (0.45 * height2) / (high * factor) + WATER[sex].perKg * weightKg;
  const waterKg = within(water / weightKg, 0.3, 0.75) ? water : undefined;
  const extracellular = HANAI[sex] * ((height2 * Math.sqrt(weightKg)) / (low * factor)) ** (2 / 3);
  const extracellularPart = waterKg === undefined ? undefined : extracellular / waterKg;
  const isSplit = extracellularPart !== undefined && within(extracellularPart, 0.3, 0.55);
  const intracellularKg = isSplit ? waterKg! - extracellular : undefined;
  const fatFree = waterKg === undefined ? undefined : waterKg / HYDRATION;
  const fatFreeKg = fatFree !== undefined && within(fatFree / weightKg, 0.3, 0.97) ? fatFree : undefined;
  const fat = fatFreeKg === undefined ? undefined : (1 - fatFreeKg / weightKg) * 100;
  const fatPercent = fat !== undefined && within(fat, FAT_LIMITS[sex][0], FAT_LIMITS[sex][1]) ? fat : undefined;
  return {
    bmi,
    reliability: fatPercent === undefined ? 'approximate' : 'ok',
    swapped,
    boneKg,
    visceralFat,
    skeletalMuscleKg: bounded(janssenMuscleKg(body, high * factor), 8, 75),
    basalMetabolismKcal: bounded(basalOf(body, fatFreeKg, options), 800, 4000),
    ...(waterKg !== undefined && { waterKg, extracellularPart: extracellularPart! }),
    ...(intracellularKg !== undefined && {
      extracellularKg: extracellular,
      intracellularKg,
      cellMassKg: bounded(intracellularKg / 0.7, 10, 60),
    }),
    ...(fatFreeKg !== undefined && {
      fatFreeKg,
      proteinKg: Math.max(0, 0.2 * fatFreeKg - boneKg),
      softLeanKg: Math.max(0, fatFreeKg - boneKg),
    }),
    ...(fatPercent !== undefined && { fatPercent, fatKg: (fatPercent / 100) * weightKg }),
  };
}

function basalOf({ sex, weightKg, heightCm, ageYears }: S400Body, fatFreeKg: number | undefined, { basal }: S400Options): number {
  if (fatFreeKg === undefined) return 10 * weightKg + 6.25 * heightCm - 5 * ageYears + (sex === 'male' ? 5 : -161);
  return basal === 'cunningham-1980' ? 500 + 22 * fatFreeKg : 370 + 21.6 * fatFreeKg;
}
