/** What a formula of body composition knows of a person and of the weigh-in. */

export type Sex = 'male' | 'female';

export interface Body {
  readonly sex: Sex;
  readonly ageYears: number;
  readonly heightCm: number;
  readonly weightKg: number;
}

/** A body and what one current of about 50 kHz met between the feet. */
export interface BodyWithImpedance extends Body {
  readonly impedanceOhm: number;
}

/** A constant for each sex: published formulas differ by little else. */
export type BySex = Readonly<Record<Sex, number>>;

/** Body mass index, kg/m2 (Quetelet). */
export const bmiOf = ({ weightKg, heightCm }: Pick<Body, 'weightKg' | 'heightCm'>): number => weightKg / (heightCm / 100) ** 2;

/** Nearest value within bounds. */
export const bounded = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
