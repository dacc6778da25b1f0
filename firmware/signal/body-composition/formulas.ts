/** The formulas of body composition by name: what each needs, where it holds, and its values as quantities. */
import type { QuantityId } from '../../protocol/quantities.ts';
import type { Body } from './body.ts';
import { etekcity } from './etekcity.ts';
import { keepS3 } from './keep-s3.ts';
import { miFit } from './mi-fit.ts';
import { miScale } from './mi-scale.ts';
import { oneByone, type PeopleType } from './one-byone.ts';
import { oneByoneNew } from './one-byone-new.ts';
import { genericFatPercent, profileEstimate } from './profile-estimate.ts';
import { s400 } from './s400.ts';
import { soehnle } from './soehnle.ts';
import { standardImpedance } from './standard-impedance.ts';
import { trisa } from './trisa.ts';
import { yunmai, yunmaiFatPercent } from './yunmai.ts';

/** 1 hardly moves, 2 light, 3 moderate, 4 trains, 5 competes. */
export type ActivityLevel = 1 | 2 | 3 | 4 | 5;

export interface CompositionInputs extends Body {
  readonly impedanceOhm?: number;
  /** At the lower of two frequencies. */
  readonly impedanceLowOhm?: number;
  readonly activity?: ActivityLevel;
}

export type CompositionQuantity = Extract<
  QuantityId,
  | 'bmi'
  | 'fat_mass'
  | 'fat_ratio'
  | 'fat_free_mass'
  | 'water_mass'
  | 'water_ratio'
  | 'muscle_mass'
  | 'muscle_ratio'
  | 'bone_mass'
  | 'visceral_fat'
  | 'protein_ratio'
  | 'basal_metabolism'
  | 'metabolic_age'
>;
export type CompositionValues = Partial<Record<CompositionQuantity, number>>;

type Range = readonly [least: number, most: number];
export interface Validity {
  readonly ageYears: Range;
  readonly heightCm: Range;
  readonly weightKg: Range;
  readonly impedanceOhm?: Range;
  readonly impedanceLowOhm?: Range;
}

export interface Formula {
  /** Changes when a value of the formula changes. */
  readonly version: number;
  readonly name: string;
  readonly source: string;
  /** Outside, the formula is not defined, and is refused. A range that is given makes the input required. */
  readonly validity: Validity;
  /** The raw formula: unbounded where its source is. */
  compute(inputs: Required<CompositionInputs>): CompositionValues;
}

const OPEN_SCALE = 'openScale (github.com/oliexdev/openScale), core/bluetooth/libs';
/** Beyond these no body is known, and no foot-to-foot current makes sense: below 50 ohm the electrodes are shorted. */
const ANY_BODY: Validity = { ageYears: [2, 120], heightCm: [50, 250], weightKg: [5, 400] };
const WITH_IMPEDANCE: Validity = { ...ANY_BODY, impedanceOhm: [50, 3000] };

const isAthlete = ({ activity }: Required<CompositionInputs>): boolean => activity >= 4;
const peopleOf = (activity: ActivityLevel): PeopleType => (activity >= 5 ? 2 : activity >= 4 ? 1 : 0);
const partOf = (kg: number, { weightKg }: Body): number => (kg / weightKg) * 100;

export const formulas = {
  'standard-impedance': {
    version: 1,
    name: 'Published equations (Sun 2003, Janssen 2000)',
    source: 'Am J Clin Nutr 77 (2003) 331-340; J Appl Physiol 89 (2000) 465-471',
    validity: { ageYears: [12, 94], heightCm: [120, 220], weightKg: [25, 200], impedanceOhm: [200, 1200] },
    compute(inputs) {
      const body = standardImpedance(inputs);
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_ratio: body.skeletalMusclePercent,
        bone_mass: body.boneKg,
        basal_metabolism: body.basalMetabolismKcal,
      };
    },
  },
  'mi-fit': {
    version: 1,
    name: 'Xiaomi Mi Fit',
    source: 'github.com/wiecosystem/Bluetooth, body_metrics',
    validity: { ageYears: [1, 99], heightCm: [50, 220], weightKg: [10, 200], impedanceOhm: [0, 3000] },
    compute(inputs) {
      const body = miFit(inputs);
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_mass: body.muscleKg,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
        basal_metabolism: body.basalMetabolismKcal,
      };
    },
  },
  'mi-scale': {
    version: 1,
    name: 'Xiaomi Mi Body Composition Scale',
    source: OPEN_SCALE,
    validity: WITH_IMPEDANCE,
    compute(inputs) {
      const body = miScale(inputs);
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_ratio: body.musclePercent,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
      };
    },
  },
  's400-two-frequencies': {
    version: 1,
    name: 'Two frequencies, published equations (Xiaomi S400)',
    source: 'Sun 2003, De Lorenzo 1997, Matthie 2005, Janssen 2000, Cunningham 1991, Kotler 1996',
    validity: {
      ageYears: [18, 120],
      heightCm: [100, 230],
      weightKg: [20, 250],
      impedanceOhm: [200, 1500],
      impedanceLowOhm: [200, 1500],
    },
    compute(inputs) {
      const body = s400({ ...inputs, resistanceHighOhm: inputs.impedanceOhm, resistanceLowOhm: inputs.impedanceLowOhm });
      return {
        bmi: body.bmi,
        ...(body.fatPercent !== undefined && { fat_ratio: body.fatPercent }),
        ...(body.waterKg !== undefined && { water_ratio: partOf(body.waterKg, inputs) }),
        ...(body.skeletalMuscleKg !== undefined && { muscle_ratio: partOf(body.skeletalMuscleKg, inputs) }),
        ...(body.boneKg !== undefined && { bone_mass: body.boneKg }),
        ...(body.visceralFat !== undefined && { visceral_fat: body.visceralFat }),
        ...(body.basalMetabolismKcal !== undefined && { basal_metabolism: body.basalMetabolismKcal }),
        ...(body.proteinKg !== undefined && { protein_ratio: partOf(body.proteinKg, inputs) }),
      };
    },
  },
  'keep-s3': {
    version: 1,
    name: 'Keep S3',
    source: OPEN_SCALE,
    validity: { ageYears: [6, 99], heightCm: [90, 220], weightKg: [10, 200], impedanceOhm: [200, 1200], impedanceLowOhm: [200, 1200] },
    compute(inputs) {
      const body = keepS3({
        ...inputs,
        isAthlete: isAthlete(inputs),
        impedance50kHzOhm: inputs.impedanceLowOhm,
        impedance100kHzOhm: inputs.impedanceOhm,
      });
      return {
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_mass: body.muscleKg,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
        protein_ratio: body.proteinPercent,
        basal_metabolism: body.basalMetabolismKcal,
        metabolic_age: body.bodyAge,
      };
    },
  },
  etekcity: {
    version: 1,
    name: 'Etekcity ESF-551',
    source: OPEN_SCALE,
    validity: WITH_IMPEDANCE,
    compute(inputs) {
      const body = etekcity(inputs);
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_mass: body.muscleKg,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
        protein_ratio: body.proteinPercent,
        basal_metabolism: body.basalMetabolismKcal,
        metabolic_age: body.metabolicAge,
      };
    },
  },
  'one-byone': {
    version: 1,
    name: '1byone, older protocol',
    source: OPEN_SCALE,
    validity: WITH_IMPEDANCE,
    compute(inputs) {
      const body = oneByone(inputs, peopleOf(inputs.activity));
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_ratio: body.musclePercent,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
      };
    },
  },
  'one-byone-new': {
    version: 1,
    name: '1byone, newer protocol',
    source: OPEN_SCALE,
    validity: WITH_IMPEDANCE,
    compute(inputs) {
      const body = oneByoneNew(inputs);
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_mass: body.muscleKg,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
        protein_ratio: body.proteinPercent,
      };
    },
  },
  soehnle: {
    version: 1,
    name: 'Soehnle Shape Sense',
    source: OPEN_SCALE,
    validity: { ...WITH_IMPEDANCE, impedanceLowOhm: [50, 3000] },
    compute(inputs) {
      const body = soehnle({ ...inputs, impedance50kHzOhm: inputs.impedanceOhm, impedance5kHzOhm: inputs.impedanceLowOhm });
      return { bmi: body.bmi, fat_ratio: body.fatPercent, water_ratio: body.waterPercent, muscle_ratio: body.musclePercent };
    },
  },
  trisa: {
    version: 1,
    name: 'Trisa Body Analyze',
    source: OPEN_SCALE,
    validity: WITH_IMPEDANCE,
    compute(inputs) {
      const body = trisa(inputs);
      return {
        bmi: body.bmi,
        fat_ratio: body.fatPercent,
        water_ratio: body.waterPercent,
        muscle_ratio: body.musclePercent,
        bone_mass: (body.bonePercent / 100) * inputs.weightKg,
      };
    },
  },
  yunmai: {
    version: 1,
    name: 'Yunmai',
    source: OPEN_SCALE,
    validity: WITH_IMPEDANCE,
    compute(inputs) {
      const fat = yunmaiFatPercent(inputs);
      // No fat: the scale's own sign that the resistance is not a body's.
      if (fat === 0) return {};
      const body = yunmai(inputs, fat, isAthlete(inputs));
      return {
        fat_ratio: fat,
        water_ratio: body.waterPercent,
        muscle_ratio: body.musclePercent,
        bone_mass: body.boneKg,
        visceral_fat: body.visceralFat,
      };
    },
  },
  'generic-impedance': {
    version: 1,
    name: 'Generic regression for scales that give a resistance',
    source: 'github.com/KristianP26/ble-scale-sync, body-comp-helpers',
    validity: { ...ANY_BODY, impedanceOhm: [150, 1200] },
    compute(inputs) {
      const body = { ...inputs, isAthlete: isAthlete(inputs) };
      return ofProfile(profileEstimate(body, { fatPercent: genericFatPercent(body, inputs.impedanceOhm) }));
    },
  },
  'profile-only': {
    version: 1,
    name: 'From profile and weight alone (Deurenberg 1991)',
    source: 'Br J Nutr 65 (1991) 105-114; Am J Clin Nutr 51 (1990) 241-247',
    validity: { ...ANY_BODY, ageYears: [7, 120] },
    compute: (inputs) => ofProfile(profileEstimate({ ...inputs, isAthlete: isAthlete(inputs) })),
  },
} as const satisfies Record<string, Formula>;

export type FormulaId = keyof typeof formulas;

const ofProfile = (body: ReturnType<typeof profileEstimate>): CompositionValues => ({
  bmi: body.bmi,
  fat_ratio: body.fatPercent,
  water_ratio: body.waterPercent,
  muscle_mass: body.muscleKg,
  bone_mass: body.boneKg,
  visceral_fat: body.visceralFat,
  basal_metabolism: body.basalMetabolismKcal,
  metabolic_age: body.metabolicAge,
});
