/**
 * Keep S3: two frequencies between the feet. The vendor's routine counts in tenths and in single precision and cuts off rather than
 * rounds, which shows in the last digit, so this does too (Math.fround after each operation).
 * Source of the coefficients: openScale, KeepS3BodyComposition; its outputs were compared with the vendor's own library.
 */
import { type Body, bounded } from './body.ts';

export interface KeepS3Body extends Body {
  readonly impedance50kHzOhm: number;
  readonly impedance100kHzOhm: number;
  readonly isAthlete: boolean;
}

export interface KeepS3Composition {
  readonly fatKg: number;
  readonly fatPercent: number;
  readonly fatFreeKg: number;
  readonly waterPercent: number;
  readonly boneKg: number;
  readonly muscleKg: number;
  readonly musclePercent: number;
  readonly skeletalMuscleKg: number;
  readonly skeletalMusclePercent: number;
  readonly subcutaneousFatKg: number;
  readonly subcutaneousFatPercent: number;
  readonly proteinPercent: number;
  readonly visceralFat: number;
  readonly basalMetabolismKcal: number;
  readonly bodyAge: number;
  /** Weight at a body mass index of 22, kg. */
  readonly referenceWeightKg: number;
}

const f = Math.fround;
/** Product, sum and difference in single precision. */
const mul = (a: number, b: number): number => f(f(a) * f(b));
const add = (a: number, b: number): number => f(f(a) + f(b));
const sub = (a: number, b: number): number => f(f(a) - f(b));
const div = (a: number, b: number): number => f(f(a) / f(b));
const cut = Math.trunc;

/** Sizes in the routine's own steps: tenths of kg, tenths of %. */
export function keepS3(body: KeepS3Body): KeepS3Composition {
  const { sex, ageYears: age, heightCm: height, isAthlete } = body;
  const male = sex === 'male';
  const weight10 = bounded(cut(mul(body.weightKg, 10)), 100, 2000);
  const impedance = (body.impedance50kHzOhm + body.impedance100kHzOhm) >>> 1;
  const height2 = height * height;
  const bmi10 = cut((weight10 * 10_000) / height2);
  const lean = sub(sub(add(add(div(mul(height2, 9.058), 10_000), 12.226), mul(weight10, 0.032)), mul(impedance, 0.0068)), mul(age, 0.0542));
  let fatKg = sub(div(weight10, 10), fatFreeOf(body, lean, weight10, impedance));
  if (isAthlete) fatKg = male ? sub(mul(fatKg, 0.778), 0.93) : sub(mul(fatKg, 0.992), 1.5);
  const fatRate = bounded(cut(div(mul(fatKg, 10_000), weight10)), 50, 750);
  const fat10 = cut((fatRate * weight10) / 1000);
  const fatFree10 = weight10 - fat10;

  const dry = cut(((1000 - fatRate) * 7) / 10);
  let waterRate = cut((dry * (dry > 500 ? 98 : 102)) / 100);
  if (isAthlete) waterRate = cut(add(mul(waterRate, male ? 0.996 : 0.985), male ? 4 : 9));
  waterRate = Math.max(350, waterRate);

  let bone10 = cut(sub(mul(lean, 0.5158), male ? 1.802 : 2.4569));
  bone10 += bone10 > 22 ? 1 : -1;
  if (isAthlete) bone10 += bone10 < 20 ? 1 : bone10 < 30 ? 2 : 3;

  const muscle10 = Math.max(0, fatFree10 - bone10);
  const skeletal10 = Math.max(0, cut(sub(mul(cut((waterRate * weight10) / 1000), 0.832), 27.354)));
  const boneRate = div(mul(bone10, 1000), weight10);
  const proteinRate = bounded(cut(sub(sub(1000 - fatRate, mul(waterRate, 1.08)), boneRate)), 20, 300);

  const deep = sub(add(add(mul(impedance, 0.031), mul(bmi10, 0.94)), mul(age, 1.049)), 210.772);
  let skin10 = add(div(mul(bounded(deep, 10, 300), -9.4), 34), fat10);
  if (isAthlete) skin10 = mul(skin10, 0.85);
  const skinRate = bounded(cut(div(mul(skin10, 1000), weight10)), 10, 600);

  return {
    fatKg: fat10 / 10,
    fatPercent: fatRate / 10,
    fatFreeKg: fatFree10 / 10,
    waterPercent: waterRate / 10,
    boneKg: bone10 / 10,
    muscleKg: muscle10 / 10,
    musclePercent: cut(div(mul(muscle10, 1000), weight10)) / 10,
    skeletalMuscleKg: skeletal10 / 10,
    skeletalMusclePercent: (skeletal10 * 100) / weight10,
    subcutaneousFatKg: cut((skinRate * weight10) / 1000) / 10,
    subcutaneousFatPercent: skinRate / 10,
    proteinPercent: proteinRate / 10,
    visceralFat: visceralOf(body, weight10),
    basalMetabolismKcal: basalOf(body, weight10),
    bodyAge: bodyAgeOf(age, bmi10),
    referenceWeightKg: cut(mul(height2, 0.022)) / 10,
  };
}

function fatFreeOf({ sex, ageYears, heightCm }: KeepS3Body, lean: number, weight10: number, impedance: number): number {
  let kg = sub(lean, sex === 'male' ? 0.8 : ageYears < 50 ? 9.25 : 7.25);
  const times = (factor: number, applies: boolean): void => {
    if (applies) kg = mul(kg, factor);
  };
  if (sex === 'male') {
    const conducts = div(impedance, heightCm) < f(2.6);
    times(1.05, true);
    times(1.03, conducts);
    times(0.96, !conducts);
    times(0.97, !conducts && weight10 < 610);
    times(0.98, !conducts && heightCm > 170);
  } else {
    times(1.02, true);
    times(1.02, weight10 < 500);
    times(0.96, weight10 > 600);
    times(1.03, heightCm > 160);
  }
  return kg;
}

function basalOf({ sex, ageYears, heightCm, isAthlete }: KeepS3Body, weight10: number): number {
  const male = sex === 'male';
  const base = add(mul(weight10, male ? 1.4916 : 1.0204), male ? 877.8 : 864.6);
  const kcal = cut(sub(sub(base, mul(heightCm, male ? 0.726 : 0.3934)), mul(ageYears, male ? 8.976 : 6.204)));
  return Math.max(500, isAthlete ? cut(sub(mul(kcal, 1.16), 149)) : kcal);
}

function bodyAgeOf(age: number, bmi10: number): number {
  const first = bounded(cut(sub(add(age, 28.428), mul(bmi10, 0.1428))), age - 5, age + 5);
  const second = bounded(cut(sub(add(mul(bmi10, 0.1724), age), 34.931)), age - 8, age + 8);
  const part = bmi10 < 30 ? 0.6 : 0.4;
  return bounded(cut(add(mul(first, part), mul(second, bmi10 < 30 ? 0.4 : 0.6))), 6, 99);
}

function visceralOf({ sex, ageYears, heightCm: height, isAthlete }: KeepS3Body, weight10: number): number {
  const height2 = height * height;
  let rating: number;
  if (sex === 'male') {
    rating =
      add(mul(weight10, 0.16), 63) > height
        ? add(sub(div(mul(weight10, 30.5), add(sub(mul(height2, 0.0826), mul(height, 0.4)), 48)), 2.9), mul(ageYears, 0.15))
        : sub(add(sub(div(mul(add(mul(height, -0.0015), 0.765), weight10), 10), mul(height, 0.143)), mul(ageYears, 0.15)), 5);
  } else {
    rating =
      sub(mul(height, 5), 130) < weight10
        ? add(sub(div(mul(weight10, 50), sub(add(mul(height2, 0.1158), mul(height, 1.45)), 144)), 6), mul(ageYears, 0.07))
        : sub(add(sub(div(mul(add(mul(height, -0.0024), 0.691), weight10), 10), mul(height, 0.027)), mul(ageYears, 0.07)), 10.5);
  }
  if (isAthlete) rating = rating < 2 ? 1 : rating < 10 ? sub(rating, 2) : mul(rating, rating < 20 ? 0.8 : 0.85);
  return bounded(cut(rating), 1, 50);
}
