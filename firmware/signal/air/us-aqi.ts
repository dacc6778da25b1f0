/**
 * US EPA air quality index, 0 to 500: 40 CFR part 58, appendix G. A concentration is cut off (not rounded) to the table's digits,
 * then the index is a straight line between two breakpoints, rounded half up. In force since 2024-05-06; the PM2.5 table before that
 * (78 FR 3086, 2013) is kept for old values.
 */

export type UsPollutant =
  | 'pm2_5_24h_ugm3'
  | 'pm10_24h_ugm3'
  | 'o3_8h_ppm'
  | 'o3_1h_ppm'
  | 'co_8h_ppm'
  | 'so2_1h_ppb'
  | 'so2_24h_ppb'
  | 'no2_1h_ppb';
export type UsAqiVersion = '2024' | '2013';
export type UsCategory = 'good' | 'moderate' | 'unhealthy-for-sensitive' | 'unhealthy' | 'very-unhealthy' | 'hazardous';

export type UsAqi =
  | {
      readonly kind: 'index';
      readonly index: number;
      readonly category: UsCategory /** Above the end of the table, shown as 500. */;
      readonly beyond: boolean;
    }
  /** The table says nothing here, as for one hour of ozone below 0.125 ppm: another averaging time does. */
  | { readonly kind: 'none'; readonly message: string };

const INDEX_STEPS = [0, 51, 101, 151, 201, 301, 401] as const;
const INDEX_ENDS = [50, 100, 150, 200, 300, 400, 500] as const;
const CATEGORIES = ['good', 'moderate', 'unhealthy-for-sensitive', 'unhealthy', 'very-unhealthy', 'hazardous', 'hazardous'] as const;

interface Table {
  readonly decimals: number;
  /** First of the seven index ranges that the table has. */
  readonly from: number;
  /** Lower end of the first range, then the upper end of each. The next range begins one last digit higher. */
  readonly lowest: number;
  readonly ends: readonly number[];
}

// biome-ignore format: a table reads by columns
const TABLES: Readonly<Record<UsPollutant, Table>> = {
  pm2_5_24h_ugm3: { decimals: 1, from: 0, lowest: 0, ends: [9.0, 35.4, 55.4, 125.4, 225.4, 325.4, 500.4] },
  pm10_24h_ugm3: { decimals: 0, from: 0, lowest: 0, ends: [54, 154, 254, 354, 424, 504, 604] },
  o3_8h_ppm: { decimals: 3, from: 0, lowest: 0, ends: [0.054, 0.07, 0.085, 0.105, 0.2] },
  o3_1h_ppm: { decimals: 3, from: 2, lowest: 0.125, ends: [0.164, 0.204, 0.404, 0.504, 0.604] },
  co_8h_ppm: { decimals: 1, from: 0, lowest: 0, ends: [4.4, 9.4, 12.4, 15.4, 30.4, 40.4, 50.4] },
  so2_1h_ppb: { decimals: 0, from: 0, lowest: 0, ends: [35, 75, 185, 304] },
  so2_24h_ppb: { decimals: 0, from: 4, lowest: 305, ends: [604, 804, 1004] },
  no2_1h_ppb: { decimals: 0, from: 0, lowest: 0, ends: [53, 100, 360, 649, 1249, 1649, 2049] },
};
const PM2_5_OF_2013: Table = { decimals: 1, from: 0, lowest: 0, ends: [12.0, 35.4, 55.4, 150.4, 250.4, 350.4, 500.4] };

/** Binary fractions lie just below some decimal ones (0.07 * 1000); far less than a digit of any table. */
const DECIMAL_SLACK = 1e-7;

export function usAqi(pollutant: UsPollutant, concentration: number, version: UsAqiVersion = '2024'): UsAqi {
  if (!(concentration >= 0)) return { kind: 'none', message: `a concentration of ${concentration} is none: it must be 0 or more` };
  const table = version === '2013' && pollutant === 'pm2_5_24h_ugm3' ? PM2_5_OF_2013 : TABLES[pollutant];
  // Counted in units of the last digit, the line is exact.
  const scale = 10 ** table.decimals;
  const units = Math.floor(concentration * scale + DECIMAL_SLACK);
  const ends = table.ends.map((end) => Math.round(end * scale));
  if (units < Math.round(table.lowest * scale))
    return { kind: 'none', message: `${pollutant} has no index below ${table.lowest}: use the other averaging time` };
  const at = ends.findIndex((end) => units <= end);
  if (at < 0) {
    const isEndOfScale = table.from + ends.length === INDEX_ENDS.length;
    if (!isEndOfScale)
      return { kind: 'none', message: `${pollutant} has no index above ${table.ends.at(-1)}: use the other averaging time` };
    return { kind: 'index', index: 500, category: 'hazardous', beyond: true };
  }
  const low = at === 0 ? Math.round(table.lowest * scale) : ends[at - 1]! + 1;
  const range = table.from + at;
  const rise = INDEX_ENDS[range]! - INDEX_STEPS[range]!;
  const width = ends[at]! - low;
  const index = Math.floor((2 * rise * (units - low) + width) / (2 * width)) + INDEX_STEPS[range]!;
  return { kind: 'index', index, category: CATEGORIES[range]!, beyond: false };
}
