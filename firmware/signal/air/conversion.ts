/** Mixing ratio and mass of a gas: the ideal gas law. */

/** Molar mass, g/mol (IUPAC 2021). */
export const molarMasses = { no2: 46.0055, no: 30.006, o3: 47.998, so2: 64.066, co: 28.01, co2: 44.009, ch2o: 30.026 } as const;
export type Gas = keyof typeof molarMasses;

/** J/(mol K) (CODATA 2018). */
const GAS_CONSTANT = 8.314462618;
const STANDARD_PRESSURE_HPA = 1013.25;

/** ug/m3 of a gas at a mixing ratio in ppb; EPA states 25 degrees, the EU 20, both at 1013.25 hPa. */
export function ppbToUgM3(gas: Gas, ppb: number, temperatureC = 25, pressureHpa = STANDARD_PRESSURE_HPA): number {
  const molesPerM3 = (pressureHpa * 100) / (GAS_CONSTANT * (temperatureC + 273.15));
  return ppb * 1e-9 * molesPerM3 * molarMasses[gas] * 1e6;
}

/** The other way round. */
export const ugM3ToPpb = (gas: Gas, ugM3: number, temperatureC = 25, pressureHpa = STANDARD_PRESSURE_HPA): number =>
  ugM3 / ppbToUgM3(gas, 1, temperatureC, pressureHpa);
