import { readdirSync } from 'node:fs';
import t, { type Test } from 'tap';
import { compose } from '../../../../firmware/signal/body-composition/compose.ts';
import { etekcity } from '../../../../firmware/signal/body-composition/etekcity.ts';
import { keepS3 } from '../../../../firmware/signal/body-composition/keep-s3.ts';
import { miFit } from '../../../../firmware/signal/body-composition/mi-fit.ts';
import { miScale } from '../../../../firmware/signal/body-composition/mi-scale.ts';
import { oneByone, type PeopleType } from '../../../../firmware/signal/body-composition/one-byone.ts';
import { oneByoneNew } from '../../../../firmware/signal/body-composition/one-byone-new.ts';
import {
  deurenbergFatPercent,
  genericFatPercent,
  physiqueRating,
  profileEstimate,
} from '../../../../firmware/signal/body-composition/profile-estimate.ts';
import { type S400Options, s400 } from '../../../../firmware/signal/body-composition/s400.ts';
import { soehnle } from '../../../../firmware/signal/body-composition/soehnle.ts';
import { standardImpedance } from '../../../../firmware/signal/body-composition/standard-impedance.ts';
import { trisa } from '../../../../firmware/signal/body-composition/trisa.ts';
import { yunmai, yunmaiFatPercent } from '../../../../firmware/signal/body-composition/yunmai.ts';
import { readVectorJson, skipWithoutVectors, vectorPath } from '../../../vectors.ts';

type Input = Record<string, number | string | boolean>;
type Expected = Record<string, unknown>;
interface Case {
  readonly id?: string;
  readonly input: Input;
  readonly options?: Record<string, string>;
  readonly expect?: Expected;
  readonly error?: string;
  readonly tolerance?: number | Record<string, number>;
}
interface File {
  readonly cases: readonly Case[];
}
interface Call {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly result: unknown;
}

const number = (input: Input, key: string): number => Number(input[key]);
const bodyOf = (input: Input) => ({
  sex: (input.sex ?? (input.isMale === true || input.sex_1_male === 1 ? 'male' : 'female')) as 'male' | 'female',
  ageYears: number(input, 'age'),
  heightCm: number(input, 'height_cm'),
  weightKg: number(input, 'weight_kg'),
  impedanceOhm: number(input, 'impedance_ohm'),
});

/** By file: how its words map to ours. */
const readers: Record<string, (one: Case) => Record<string, unknown>> = {
  'openscale.MiScaleLib.json': ({ input }) => {
    const body = miScale(bodyOf(input));
    return {
      bmi: body.bmi,
      bodyFat: body.fatPercent,
      bone: body.boneKg,
      lbm: body.leanKg,
      musclePct: body.musclePercent,
      waterPct: body.waterPercent,
      visceralFat: body.visceralFat,
    };
  },
  'openscale.OneByoneLib.json': ({ input }) => {
    const body = oneByone(bodyOf(input), number(input, 'peopleType') as PeopleType);
    return {
      bmi: body.bmi,
      bf: body.fatPercent,
      lbm: body.leanKg,
      muscle: body.musclePercent,
      water: body.waterPercent,
      bone: body.boneKg,
      vf: body.visceralFat,
    };
  },
  'openscale.OneByoneNewLib.json': ({ input }) => {
    const body = oneByoneNew(bodyOf(input));
    return {
      bmi: body.bmi,
      lbm: body.leanKg,
      bmmrCoeff: body.basalPerKg,
      bmmr: body.basalMetabolismKcal,
      bodyFatPct: body.fatPercent,
      boneMass: body.boneKg,
      muscleMass: body.muscleKg,
      skelMusclePct: body.skeletalMusclePercent,
      visceralFat: body.visceralFat,
      waterPct: body.waterPercent,
      proteinPct: body.proteinPercent,
    };
  },
  'openscale.SoehnleLib.json': ({ input }) => {
    const body = soehnle({
      ...bodyOf(input),
      activity: number(input, 'activity'),
      impedance50kHzOhm: number(input, 'impedance50_ohm'),
      impedance5kHzOhm: number(input, 'impedance5_ohm'),
    });
    return { bmi: body.bmi, fat: body.fatPercent, water: body.waterPercent, muscle: body.musclePercent };
  },
  'openscale.StandardImpedanceLib.json': ({ input }) => {
    const body = standardImpedance(bodyOf(input));
    return {
      bmi: body.bmi,
      fatFreeMassKg: body.fatFreeKg,
      totalFatPercentage: body.fatPercent,
      totalBodyWaterPercentage: body.waterPercent,
      basalMetabolicRate: body.basalMetabolismKcal,
      skeletalMusclePercentage: body.skeletalMusclePercent,
      boneMassKg: body.boneKg,
    };
  },
  'openscale.TrisaBodyAnalyzeLib.json': ({ input }) => {
    const body = trisa(bodyOf(input));
    return { bmi: body.bmi, water: body.waterPercent, fat: body.fatPercent, muscle: body.musclePercent, bone: body.bonePercent };
  },
  'openscale.YunmaiLib.json': ({ input }) => {
    const body = { ...bodyOf(input), impedanceOhm: number(input, 'resistance_ohm') };
    const rest = yunmai(body, number(input, 'body_fat_pct_in'), ['HEAVY', 'EXTREME'].includes(String(input.activity)));
    return {
      fat_pct_from_res: yunmaiFatPercent(body),
      water_pct_from_bf: rest.waterPercent,
      muscle_pct_from_bf: rest.musclePercent,
      skeletal_muscle_pct_from_bf: rest.skeletalMusclePercent,
      bone_kg: rest.boneKg,
      lean_body_mass_kg: rest.leanKg,
      visceral_fat: rest.visceralFat,
    };
  },
  'openscale.EtekcityLib.json': ({ input }) => {
    const body = etekcity(bodyOf(input));
    return {
      ...body,
      bodyFatPercentage: body.fatPercent,
      fatFreeWeight: body.fatFreeKg,
      water: body.waterPercent,
      basalMetabolicRate: body.basalMetabolismKcal,
      skeletalMusclePercentage: body.skeletalMusclePercent,
      boneMass: body.boneKg,
      subcutaneousFat: body.subcutaneousFatPercent,
      muscleMass: body.muscleKg,
      proteinPercentage: body.proteinPercent,
    };
  },
  'openscale.KeepS3BodyComposition.json': ({ input }) => {
    const body = keepS3({
      ...bodyOf(input),
      isAthlete: input.athlete === true,
      impedance50kHzOhm: number(input, 'impedance50_ohm'),
      impedance100kHzOhm: number(input, 'impedance100_ohm'),
    });
    return {
      ...body,
      bodyFatKg: body.fatKg,
      bodyFatPercent: body.fatPercent,
      fatFreeMassKg: body.fatFreeKg,
      visceralFatLevel: body.visceralFat,
      basalMetabolicRateKcal: body.basalMetabolismKcal,
      bmi22ReferenceWeightKg: body.referenceWeightKg,
    };
  },
  'openscale.S400BodyComposition.json': ({ input, options = {} }) => {
    const ours: S400Options = {
      ...(options.boneFormula === 'HEYMSFIELD' && { bone: 'heymsfield' }),
      ...(options.bmrFormula === 'CUNNINGHAM_1980' && { basal: 'cunningham-1980' }),
    };
    const resistance = { resistanceHighOhm: number(input, 'r_high_ohm'), resistanceLowOhm: number(input, 'r_low_ohm') };
    const body = s400({ ...bodyOf(input), ...resistance }, ours);
    const weightKg = number(input, 'weight_kg');
    const part = (kg: number | undefined): number | null => (kg === undefined ? null : (kg / weightKg) * 100);
    return {
      weightKg,
      bmi: body.bmi,
      tbwKg: body.waterKg ?? null,
      tbwPct: part(body.waterKg),
      ecwKg: body.extracellularKg ?? null,
      ecwPct: part(body.extracellularKg),
      icwKg: body.intracellularKg ?? null,
      icwPct: part(body.intracellularKg),
      ecwTbwRatio: body.extracellularPart ?? null,
      ffmKg: body.fatFreeKg ?? null,
      ffmPct: part(body.fatFreeKg),
      bfKg: body.fatKg ?? null,
      bfPct: body.fatPercent ?? null,
      smmKg: body.skeletalMuscleKg ?? null,
      smmPct: part(body.skeletalMuscleKg),
      boneKg: body.boneKg ?? null,
      vfi: body.visceralFat ?? null,
      bmrKcal: body.basalMetabolismKcal ?? null,
      bcmKg: body.cellMassKg ?? null,
      proteinKg: body.proteinKg ?? null,
      proteinPct: part(body.proteinKg),
      slmKg: body.softLeanKg ?? null,
      // The scale gives no reactance.
      phaseAngleDeg: null,
      labelSwapApplied: body.swapped,
      reliability: { ok: 'OK', approximate: 'APPROXIMATE', unreliable: 'UNRELIABLE', 'not-available': 'NOT_AVAILABLE' }[body.reliability],
    };
  },
  'mi-fit.wiecosystem.json': ({ input }) => {
    const body = miFit(bodyOf(input));
    return {
      lbm_coefficient: body.leanCoefficientKg,
      bmr_kcal: body.basalMetabolismKcal,
      fat_pct: body.fatPercent,
      water_pct: body.waterPercent,
      bone_kg: body.boneKg,
      muscle_kg: body.muscleKg,
      visceral_fat: body.visceralFat,
      bmi: body.bmi,
      ideal_weight_kg: body.idealWeightKg,
      body_type: body.bodyType,
    };
  },
};

/** Upstream computes in single precision, so the last digits of large numbers differ. */
const SINGLE_PRECISION = 0.001;

function compare(t: Test, one: Case, got: Record<string, unknown>): void {
  for (const [key, wanted] of Object.entries(one.expect ?? {})) {
    const tolerance = (typeof one.tolerance === 'object' ? one.tolerance[key] : one.tolerance) ?? SINGLE_PRECISION;
    const value = got[key];
    if (typeof wanted === 'number') t.ok(Math.abs(Number(value) - wanted) <= tolerance + 1e-9, `${key}: ${value} is not ${wanted}`);
    else if (typeof wanted === 'object' && wanted !== null && 'any_of' in wanted)
      t.ok((wanted.any_of as unknown[]).includes(value), `${key}: ${value}`);
    else t.equal(value, wanted, key);
  }
}

const profileOf = (value: unknown): { sex: 'male' | 'female'; heightCm: number; ageYears: number; isAthlete: boolean } => {
  const { gender, height, age, isAthlete } = value as { gender: 'male' | 'female'; height: number; age: number; isAthlete: boolean };
  return { sex: gender, heightCm: height, ageYears: age, isAthlete };
};
const round2 = (value: number): number => Math.round(value * 100) / 100;

/** By function of the recorded suite; the rest of it (UUIDs, checksums, rounding) is not about bodies. */
const helpers: Record<string, (args: readonly unknown[]) => unknown> = {
  estimateBodyFat: ([bmi, profile]) => deurenbergFatPercent(Number(bmi), profileOf(profile)),
  computeBiaFat: ([weightKg, ohm, profile]) => genericFatPercent({ ...profileOf(profile), weightKg: Number(weightKg) }, Number(ohm)),
  computePhysiqueRating: ([fat, muscle, weight]) => physiqueRating(Number(fat), Number(muscle), Number(weight)),
  buildPayload([weightKg, impedance, given, profile]) {
    const { fat, water, muscle, bone, visceralFat } = given as Record<string, number>;
    const body = profileEstimate(
      { ...profileOf(profile), weightKg: Number(weightKg) },
      {
        ...(fat !== undefined && { fatPercent: fat }),
        ...(water !== undefined && { waterPercent: water }),
        ...(muscle !== undefined && { musclePercent: muscle }),
        ...(bone !== undefined && { boneKg: bone }),
        ...(visceralFat !== undefined && { visceralFat }),
      },
    );
    return {
      weight: round2(Number(weightKg)),
      impedance: round2(Number(impedance)),
      bmi: round2(body.bmi),
      bodyFatPercent: round2(body.fatPercent),
      waterPercent: round2(body.waterPercent),
      boneMass: round2(body.boneKg),
      muscleMass: round2(body.muscleKg),
      visceralFat: body.visceralFat,
      physiqueRating: body.physiqueRating,
      bmr: body.basalMetabolismKcal,
      metabolicAge: body.metabolicAge,
    };
  },
};
const NOT_ABOUT_BODIES = ['r2', 'uuid16', 'xorChecksum'];

t.test('each named formula gives what its origin gives', { skip: skipWithoutVectors }, async (t) => {
  const files = readdirSync(vectorPath('3-body-composition')).filter((file) => file.endsWith('.json'));
  for (const file of files.filter((name) => !name.startsWith('body-comp-helpers'))) {
    const read = readers[file];
    t.ok(read, `${file} is compared`);
    for (const one of readVectorJson<File>(`3-body-composition/${file}`).cases) {
      await t.test(`${file}: ${one.id ?? JSON.stringify(one.input)}`, async (t) => {
        if (one.error !== undefined) {
          const refused = compose('mi-fit', bodyOf(one.input));
          t.equal(refused.kind, 'refused', one.error);
        } else compare(t, one, read!(one));
      });
    }
  }
});

t.test('profile estimates give what their origin gives', { skip: skipWithoutVectors }, async (t) => {
  const { cases } = readVectorJson<{ cases: { id: string; calls: Call[] }[] }>('3-body-composition/body-comp-helpers.ble-scale-sync.json');
  let compared = 0;
  for (const { id, calls } of cases) {
    for (const { fn, args, result } of calls.filter((call) => !NOT_ABOUT_BODIES.includes(call.fn))) {
      const ours = helpers[fn];
      t.ok(ours, `${fn} is compared`);
      compared++;
      const got = ours!(args);
      if (typeof result === 'number') t.ok(Math.abs(Number(got) - result) < 1e-5, `${id}: ${got} is not ${result}`);
      else t.same(got, result, id);
    }
  }
  t.ok(compared > 0);
});
