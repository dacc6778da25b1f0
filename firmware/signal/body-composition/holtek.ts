/**
 * The regression that most consumer scales of the 2010s share (a Holtek reference design, known from the Mi Fit application): lean mass
 * from height, weight, impedance and age, and bone and visceral fat as empirical functions of it.
 *
 * Source of the coefficients: public reverse engineering of Mi Fit (github.com/prototux/MIBCS-reverse-engineering, wiecosystem/Bluetooth).
 * Nobody published a validation against DXA: good for a trend of one person on one scale, not for comparing persons.
 */
import type { Body, BodyWithImpedance, BySex } from './body.ts';

/** Lean mass before the correction by sex, kg. */
export const leanCoefficient = ({ heightCm, weightKg, impedanceOhm, ageYears }: BodyWithImpedance): number =>
  9.058 * (heightCm / 100) ** 2 + 0.32 * weightKg + 12.226 - 0.0068 * impedanceOhm - 0.0542 * ageYears;

/** What is taken off lean mass, kg: women carry essential fat that the regression counts as lean; less after fifty. */
export const leanOffsetKg = ({ sex, ageYears }: Body): number => (sex === 'male' ? 0.8 : ageYears <= 49 ? 9.25 : 7.25);

const BONE_BASE: BySex = { male: 0.18016894, female: 0.245691014 };

/** Bone mineral mass, kg: a fixed part of lean mass, spread apart around 2.2 kg. Impedance does not see bone. */
export function boneKgOf(sex: Body['sex'], lean: number): number {
  const bone = lean * 0.05158 - BONE_BASE[sex];
  return bone > 2.2 ? bone + 0.1 : bone - 0.1;
}

/** Water from fat, both % of weight: 70 % of what is not fat, drawn towards 50 %. */
export function waterPercentOf(fatPercent: number): number {
  const water = (100 - fatPercent) * 0.7;
  return water * (water < 50 ? 1.02 : 0.98);
}

/** Visceral fat of a heavy man: weight against a square of height, plus age. */
export const visceralOfHeavyMan = ({ weightKg, heightCm, ageYears }: Body): number =>
  (weightKg * 305) / (0.0826 * heightCm ** 2 - 0.4 * heightCm + 48) - 2.9 + 0.15 * ageYears;

export const visceralOfLightMan = ({ weightKg, heightCm, ageYears }: Body): number =>
  weightKg * (0.765 - 0.0015 * heightCm) - 0.143 * heightCm + 0.15 * ageYears - 5;

export const visceralOfHeavyWoman = ({ weightKg, heightCm, ageYears }: Body): number =>
  (weightKg * 500) / (1.45 * heightCm + 0.1158 * heightCm ** 2 - 120) - 6 + 0.07 * ageYears;

/** Visceral fat rating as Mi Fit has it. A light woman's comes out far below nothing: the application shows 1 there. */
export function miVisceral(body: Body): number {
  const { sex, weightKg, heightCm, ageYears } = body;
  if (sex === 'male') return heightCm < 1.6 * weightKg ? visceralOfHeavyMan(body) : visceralOfLightMan(body);
  if (weightKg > 0.5 * heightCm - 13) return visceralOfHeavyWoman(body);
  return weightKg * (0.691 - 0.0048 * heightCm) - 0.027 * heightCm + 0.07 * ageYears - ageYears;
}

/** Visceral fat rating as 1byone has it: other borders, another line for light women. */
export function oneByoneVisceral(body: Body): number {
  const { sex, weightKg, heightCm, ageYears } = body;
  if (sex === 'male') return heightCm < 1.6 * weightKg + 63 ? visceralOfHeavyMan(body) : visceralOfLightMan(body);
  if (weightKg > 0.5 * heightCm - 13) return visceralOfHeavyWoman(body);
  return weightKg * (0.691 - 0.0024 * heightCm) - 0.027 * heightCm + 0.07 * ageYears - 10.5;
}

/** Fat, %, as Mi Fit has it: the height of a woman matters only when her weight does. */
export function miFatPercent(body: BodyWithImpedance): number {
  const { sex, weightKg, heightCm } = body;
  const isTall = heightCm > 160 ? 1.03 : 1;
  let factor = 1;
  if (sex === 'male') factor = weightKg < 61 ? 0.98 : 1;
  else if (weightKg > 60) factor = 0.96 * isTall;
  else if (weightKg < 50) factor = 1.02 * isTall;
  const fat = (1 - ((leanCoefficient(body) - leanOffsetKg(body)) * factor) / weightKg) * 100;
  return fat > 63 ? 75 : fat;
}

/** Bone, kg, as Mi Fit has it: what exceeds the table jumps to its end. */
export function miBoneKg(body: BodyWithImpedance): number {
  const bone = boneKgOf(body.sex, leanCoefficient(body));
  return bone > (body.sex === 'male' ? 5.2 : 5.1) ? 8 : bone;
}

/** Lean mass without bone, kg, as Mi Fit has it ("muscle"). */
export function miLeanKg(body: BodyWithImpedance, fatPercent: number, boneKg: number): number {
  const lean = body.weightKg * (1 - fatPercent / 100) - boneKg;
  return lean >= (body.sex === 'male' ? 93.5 : 84) ? 120 : lean;
}

/** Skeletal muscle from resistance, kg: Janssen et al., J Appl Physiol 89 (2000) 465-471, r2 = 0.86, SEE 2.7 kg against MRI. */
export const janssenMuscleKg = ({ sex, heightCm, ageYears }: Body, resistanceOhm: number): number =>
  (0.401 * heightCm ** 2) / resistanceOhm + (sex === 'male' ? 3.825 : 0) - 0.071 * ageYears + 5.102;
