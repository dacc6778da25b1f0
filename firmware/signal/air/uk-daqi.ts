/**
 * UK daily air quality index, 1 to 10. Source: Defra, "Update on implementation of the daily air quality index" (2013). A concentration
 * is rounded to whole ug/m3 first. Means: particles 24 h running, ozone 8 h running, NO2 1 h, SO2 15 min.
 */

export type UkPollutant = 'pm2_5' | 'pm10' | 'no2' | 'o3' | 'so2';
export type UkBand = 'low' | 'moderate' | 'high' | 'very-high';

/** Upper ends of the indices 1 to 9, ug/m3. */
const ENDS: Readonly<Record<UkPollutant, readonly number[]>> = {
  pm2_5: [11, 23, 35, 41, 47, 53, 58, 64, 70],
  pm10: [16, 33, 50, 58, 66, 75, 83, 91, 100],
  no2: [67, 134, 200, 267, 334, 400, 467, 534, 600],
  o3: [33, 66, 100, 120, 140, 160, 187, 213, 240],
  so2: [88, 177, 266, 354, 443, 532, 710, 887, 1064],
};

/** Undefined for a concentration that is none. */
export function ukDaqi(pollutant: UkPollutant, ugM3: number): { readonly index: number; readonly band: UkBand } | undefined {
  if (!(ugM3 >= 0)) return undefined;
  const whole = Math.round(ugM3);
  const at = ENDS[pollutant].findIndex((end) => whole <= end);
  const index = at < 0 ? 10 : at + 1;
  return { index, band: index <= 3 ? 'low' : index <= 6 ? 'moderate' : index <= 9 ? 'high' : 'very-high' };
}
