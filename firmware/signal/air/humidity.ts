/**
 * Water in air. Saturation pressure by Magnus with the coefficients of WMO (CIMO guide, 2008): within 0.1 % of the reference between -45
 * and 60 degrees over water.
 */

const A = 17.62;
const B = 243.12;
const REFERENCE_HPA = 6.112;
/** Gas constant of water vapour, J/(kg K). */
const VAPOUR = 461.52;

export const saturationHpa = (temperatureC: number): number => REFERENCE_HPA * Math.exp((A * temperatureC) / (B + temperatureC));

/** Grams of water in a cubic metre of air. */
export const absoluteHumidity = (temperatureC: number, humidityPercent: number): number =>
  ((humidityPercent / 100) * saturationHpa(temperatureC) * 100 * 1000) / (VAPOUR * (temperatureC + 273.15));

/** Temperature at which dew falls, degrees Celsius; undefined for air without water, which has none, and for no air at all. */
export function dewPoint(temperatureC: number, humidityPercent: number): number | undefined {
  if (!(humidityPercent > 0) || !Number.isFinite(humidityPercent) || !Number.isFinite(temperatureC)) return undefined;
  const x = Math.log(humidityPercent / 100) + (A * temperatureC) / (B + temperatureC);
  return (B * x) / (A - x);
}
