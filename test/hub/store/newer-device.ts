/** What devices measure that are newer than the hub. By code: the hub's own table may lack the quantity. */
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import type { TargetSettings } from '../../../hub/sync/settings.ts';

export const NOON = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;
/** More than a vault folds into packed blocks at once. */
export const DUST_ROWS = 16_500;
const PM4 = 106;
const CO2 = 96;
const BRUSHING_SCORE = 82;

const row = (device: string, sequence: number, code: number, value: number): NewMeasurement => ({
  device,
  boot: 7,
  sequence,
  code,
  value,
  endUtcMs: NOON + sequence * MINUTE_MS,
  spanMs: 0,
  timeQuality: 'synced',
});
export const dustOf = (sequence: number): number => (sequence % 97) / 2;

export function firstRows(): { readonly device: string; readonly rows: readonly NewMeasurement[] }[] {
  const dust = Array.from({ length: DUST_ROWS }, (_, index) => row('air-1', index + 1, PM4, dustOf(index + 1)));
  return [
    { device: 'air-1', rows: [...dust, row('air-1', DUST_ROWS + 1, CO2, 600)] },
    { device: 'brush-1', rows: [row('brush-1', 1, BRUSHING_SCORE, 88)] },
  ];
}

export const TOKEN = 'a-token';

export const settings = (url: string, folder: string): TargetSettings => ({
  name: 'charts',
  target: 'influx',
  url,
  org: 'home',
  bucket: 'health',
  tokenFile: `${folder}/token`,
  region: 'home',
  people: ['home'],
  categories: ['environment'],
});
