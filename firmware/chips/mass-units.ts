/**
 * Kilograms in each unit that scales name. Source: International Yard and Pound Agreement, 1959 (avoirdupois pound), and NIST Handbook 44,
 * appendix C, for the rest.
 */
const POUND_KG = 0.453_592_37;
const kgIn: Readonly<Record<string, number>> = {
  kg: 1,
  g: 1e-3,
  mg: 1e-6,
  ug: 1e-9,
  t: 1000,
  lb: POUND_KG,
  lbs: POUND_KG,
  st: 14 * POUND_KG,
  oz: POUND_KG / 16,
  ozt: 31.103_476_8e-3,
  dwt: 1.555_173_84e-3,
  gn: 64.798_91e-6,
  ct: 0.2e-3,
  kgs: 1,
  gr: 1e-3,
  gram: 1e-3,
  grams: 1e-3,
};

export const massUnits = Object.keys(kgIn);

/** Undefined: no unit of mass (a percentage, pieces). Newtons are no mass. */
export function massKg(value: number, unit: string): number | undefined {
  const factor = kgIn[unit.toLowerCase()];
  return factor === undefined ? undefined : value * factor;
}
