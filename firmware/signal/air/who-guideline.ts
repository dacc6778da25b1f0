/** Whether a mean concentration meets the WHO global air quality guidelines of 2021 or one of the interim targets on the way. */

export type WhoPollutant = 'pm2_5' | 'pm10' | 'o3' | 'no2' | 'so2' | 'co';
export type WhoPeriod = 'annual' | 'peak-season' | '24h' | '8h' | '1h' | '15min' | '10min';
export type WhoTarget = 'guideline' | 'interim-1' | 'interim-2' | 'interim-3' | 'interim-4';
type Limits = Partial<Record<WhoTarget, number>>;

/** ug/m3; CO in mg/m3. Source: ISBN 978-92-4-003422-8, table 0.1. */
// biome-ignore format: a table reads by columns
const LIMITS: Readonly<Record<WhoPollutant, Partial<Record<WhoPeriod, Limits>>>> = {
  pm2_5: {
    annual: { 'interim-1': 35, 'interim-2': 25, 'interim-3': 15, 'interim-4': 10, guideline: 5 },
    '24h': { 'interim-1': 75, 'interim-2': 50, 'interim-3': 37.5, 'interim-4': 25, guideline: 15 },
  },
  pm10: {
    annual: { 'interim-1': 70, 'interim-2': 50, 'interim-3': 30, 'interim-4': 20, guideline: 15 },
    '24h': { 'interim-1': 150, 'interim-2': 100, 'interim-3': 75, 'interim-4': 50, guideline: 45 },
  },
  o3: {
    'peak-season': { 'interim-1': 100, 'interim-2': 70, guideline: 60 },
    '8h': { 'interim-1': 160, 'interim-2': 120, guideline: 100 },
  },
  no2: {
    annual: { 'interim-1': 40, 'interim-2': 30, 'interim-3': 20, guideline: 10 },
    '24h': { 'interim-1': 120, 'interim-2': 50, guideline: 25 },
    '1h': { guideline: 200 },
  },
  so2: { '24h': { 'interim-1': 125, 'interim-2': 50, guideline: 40 }, '10min': { guideline: 500 } },
  co: { '24h': { 'interim-1': 7, guideline: 4 }, '8h': { guideline: 10 }, '1h': { guideline: 35 }, '15min': { guideline: 100 } },
};

export interface WhoResult {
  readonly limit: number;
  readonly meets: boolean;
  /** Concentration over limit. */
  readonly ratio: number;
}

/** Undefined where WHO sets no such limit. */
export function whoGuideline(
  pollutant: WhoPollutant,
  period: WhoPeriod,
  concentration: number,
  target: WhoTarget = 'guideline',
): WhoResult | undefined {
  const limit = LIMITS[pollutant][period]?.[target];
  if (limit === undefined || !Number.isFinite(concentration)) return undefined;
  return { limit, meets: concentration <= limit, ratio: concentration / limit };
}
