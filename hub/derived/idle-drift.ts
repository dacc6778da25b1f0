/**
 * How an empty plate drifts with the room's temperature and with creep: fitted to what the load cell read between weigh-ins, beside the
 * temperature that the home's own sensors gave then. Pure but for reading the vault.
 */
import { type DriftModel, fitDrift, type IdleReading } from '../../firmware/signal/drift.ts';
import type { Vault } from '../store/vault.ts';

/** A temperature further away in time is not that of the cell. */
const NEAR_MS = 20 * 60_000;
/** Further from the middle something lies on the plate. */
const MOST_IDLE_KG = 2;

export type DriftReport =
  | { readonly kind: 'fitted'; readonly model: DriftModel; readonly readings: number }
  | { readonly kind: 'unknown'; readonly because: string };

/** The device's own chip's thermometer, where it has one, before the room's. */
export function idleDrift(home: Vault, device: string, countsPerKg: number, fromMs: number, toMs: number): DriftReport {
  const counts = [...home.range({ quantity: 'load_cell_counts', device, fromMs, toMs })]
    .filter(({ start, end }) => start === end)
    .sort((a, b) => a.end - b.end);
  const own = [...home.range({ quantity: 'chip_temperature', device, fromMs, toMs })];
  const temperatures = (own.length > 0 ? own : [...home.range({ quantity: 'temperature', fromMs: fromMs - NEAR_MS, toMs })])
    .filter(({ flag }) => flag === 'ok')
    .sort((a, b) => a.end - b.end);
  if (temperatures.length === 0) return { kind: 'unknown', because: 'no thermometer was heard meanwhile: add one to the home' };
  const middle = counts.map(({ value }) => value).sort((a, b) => a - b)[counts.length >> 1] ?? 0;
  let next = 0;
  const readings = counts.flatMap(({ end, value }): IdleReading[] => {
    const kg = (value - middle) / countsPerKg;
    while (next + 1 < temperatures.length && Math.abs(temperatures[next + 1]!.end - end) <= Math.abs(temperatures[next]!.end - end)) next++;
    const nearest = temperatures[next]!;
    if (Math.abs(kg) > MOST_IDLE_KG || Math.abs(nearest.end - end) > NEAR_MS) return [];
    return [{ atMs: end, kg, temperatureC: nearest.value }];
  });
  const model = fitDrift(readings);
  if (model === undefined)
    return { kind: 'unknown', because: `${readings.length} readings of the empty plate are too few: look again in some hours` };
  return { kind: 'fitted', model, readings: readings.length };
}
