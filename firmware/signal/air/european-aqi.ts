/**
 * European air quality index: six levels, the worst pollutant counts. Hourly means of NO2, O3 and SO2, and of particles (24-hour running
 * means until 2024). Tables: European Environment Agency, the one used until November 2024 and the stricter one since.
 * A concentration at a limit belongs to the better level.
 */

export type EuropeanPollutant = 'pm2_5' | 'pm10' | 'no2' | 'o3' | 'so2';
export type EuropeanVersion = '2017' | '2024';

export const europeanLevels = ['good', 'fair', 'moderate', 'poor', 'very-poor', 'extremely-poor'] as const;

export interface EuropeanAqi {
  /** 1 good to 6 extremely poor. */
  readonly level: number;
  readonly name: (typeof europeanLevels)[number];
}

/** Upper limits of the levels 1 to 5, ug/m3. */
const LIMITS: Readonly<Record<EuropeanVersion, Readonly<Record<EuropeanPollutant, readonly number[]>>>> = {
  '2017': {
    pm2_5: [10, 20, 25, 50, 75],
    pm10: [20, 40, 50, 100, 150],
    no2: [40, 90, 120, 230, 340],
    o3: [50, 100, 130, 240, 380],
    so2: [100, 200, 350, 500, 750],
  },
  '2024': {
    pm2_5: [5, 15, 50, 90, 140],
    pm10: [15, 45, 120, 195, 270],
    no2: [10, 25, 60, 100, 150],
    o3: [60, 100, 120, 160, 180],
    so2: [20, 40, 125, 190, 275],
  },
};

/** Undefined for a concentration that is none. */
export function europeanAqi(pollutant: EuropeanPollutant, ugM3: number, version: EuropeanVersion): EuropeanAqi | undefined {
  if (!(ugM3 >= 0)) return undefined;
  const at = LIMITS[version][pollutant].findIndex((limit) => ugM3 <= limit);
  const level = at < 0 ? europeanLevels.length : at + 1;
  return { level, name: europeanLevels[level - 1]! };
}

export type Place = 'roadside' | 'background';
export type EuropeanOverall =
  | { readonly kind: 'index'; readonly level: number; readonly dominant: EuropeanPollutant }
  | { readonly kind: 'none'; readonly message: string };

/** Index of a place from several pollutants. The EEA asks for NO2 and particles at a road, and for NO2, O3 and particles elsewhere. */
export function europeanOverall(
  ugM3: Readonly<Partial<Record<EuropeanPollutant, number>>>,
  place: Place,
  version: EuropeanVersion,
): EuropeanOverall {
  if (ugM3.no2 === undefined) return { kind: 'none', message: 'the index requires NO2' };
  if (ugM3.pm2_5 === undefined && ugM3.pm10 === undefined) return { kind: 'none', message: 'the index requires PM2.5 or PM10' };
  if (place === 'background' && ugM3.o3 === undefined) return { kind: 'none', message: 'away from roads the index requires O3' };
  let worst: { level: number; dominant: EuropeanPollutant } | undefined;
  for (const [pollutant, value] of Object.entries(ugM3) as [EuropeanPollutant, number][]) {
    const level = europeanAqi(pollutant, value, version)?.level;
    if (level !== undefined && level > (worst?.level ?? 0)) worst = { level, dominant: pollutant };
  }
  return worst === undefined ? { kind: 'none', message: 'no concentration of 0 or more was given' } : { kind: 'index', ...worst };
}
