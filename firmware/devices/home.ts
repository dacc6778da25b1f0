/** The home's air: any set of air chips, each going on when another fails. */
import type { Values } from '../chips/chip-reading.ts';
import { type AirRow, airChips } from '../chips/registry.ts';
import type { Reading } from '../protocol/measurement.ts';
import type { DeviceStatus } from '../protocol/messages.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import { airOf, type HomeDevice } from '../rig.ts';
import type { Kept } from '../state.ts';
import type { DeviceProgram } from './device.ts';
import { createGasIndices, type KeptGas } from './gas.ts';
import { createHealth, healthQuantities } from './health.ts';
import { type ChipState, keepChip } from './keep-chip.ts';
import { openChip } from './open-chip.ts';

/** A row each half minute, the mean of what came in it, draws any curve of a room's air; each second's would be thirty times the disk. */
const KEEP_EVERY_MS = 30_000;
/** A number that changes more often cannot be read. */
const LIVE_EVERY_MS = 1000;
/** A neighbour's value older than this does not describe the air now. */
const FRESH_MS = 60_000;

export function createHome(device: HomeDevice, keptGas: Kept<KeptGas>): DeviceProgram {
  const chips = airOf(device);
  const rowOf = (index: number): AirRow => airChips[chips[index]!.chip];
  /** Which chip gives a quantity: the first in the rig file that measures it. */
  const giver = new Map<QuantityId, number>();
  for (const index of chips.keys()) for (const id of quantitiesOf(rowOf(index))) if (!giver.has(id)) giver.set(id, index);

  let knownCo2Ppm: number | undefined;
  let measuresCo2 = false;

  return {
    id: device.id,
    kind: 'home',
    name: device.name,
    quantities: [...giver.keys(), ...healthQuantities],
    recalibrate(co2Ppm) {
      if (!giver.has('co2')) return { ok: false, message: 'it has no CO2 sensor' };
      if (!measuresCo2) return { ok: false, message: 'its CO2 sensor does not measure now: try again when it does' };
      knownCo2Ppm = co2Ppm;
      return { ok: true };
    },
    async run({ board, clock, measured, live, status, signal }) {
      const states: ChipState[] = chips.map(() => ({ kind: 'starting' }));
      const newest = new Map<QuantityId, { value: number; atMs: number }>();
      const sums = new Map<QuantityId, { sum: number; count: number; fromMs: number }>();
      const gas = createGasIndices(keptGas, clock.utc());
      let note = '';
      const health = createHealth(clock.monotonic(), undefined, () => board.isSupplyLow());
      const keptAtMs = new Map<QuantityId, number>();
      const shownAtMs = new Map<QuantityId, number>();

      const fresh = (id: QuantityId): number | undefined => {
        const found = newest.get(id);
        return found === undefined || clock.monotonic() - found.atMs > FRESH_MS ? undefined : found.value;
      };
      const around = {
        clock,
        air: () => {
          const temperatureC = fresh('temperature');
          const humidityPercent = fresh('humidity');
          return temperatureC === undefined || humidityPercent === undefined ? undefined : { temperatureC, humidityPercent };
        },
        pressureHpa: () => fresh('pressure'),
      };

      const take = (index: number, values: Values): void => {
        const at = clock.monotonic();
        health.samples(1, at);
        const shown: Reading[] = [];
        const kept: Reading[] = [];
        for (const [quantity, value] of Object.entries(gas.of(values, at, clock.utc())) as [QuantityId, number][]) {
          if (giver.get(quantity) !== index) continue;
          newest.set(quantity, { value, atMs: at });
          if (at - (shownAtMs.get(quantity) ?? Number.NEGATIVE_INFINITY) >= LIVE_EVERY_MS) {
            shownAtMs.set(quantity, at);
            shown.push({ quantity, value, at, spanMs: 0 });
          }
          const window = sums.get(quantity) ?? { sum: 0, count: 0, fromMs: at };
          window.sum += value;
          window.count++;
          sums.set(quantity, window);
          if (at - (keptAtMs.get(quantity) ?? Number.NEGATIVE_INFINITY) < KEEP_EVERY_MS) continue;
          keptAtMs.set(quantity, at);
          kept.push({ quantity, value: window.sum / window.count, at, spanMs: Math.round(at - window.fromMs) });
          sums.delete(quantity);
        }
        if (shown.length > 0) live(shown);
        if (kept.length > 0) measured(kept);
        const report = health.due(at);
        if (report !== undefined) {
          measured(report.readings);
          note = report.message;
          status(statusOf(states, note));
        }
      };

      const running = chips.map((chosen, index) => {
        const row = rowOf(index);
        return keepChip({
          name: chosen.chip,
          open: () => openChip(row, chosen, board, around),
          everyMs: row.everyMs,
          silentMs: row.silentMs,
          clock,
          signal,
          knownCo2Ppm() {
            if (giver.get('co2') !== index) return undefined;
            const co2Ppm = knownCo2Ppm;
            knownCo2Ppm = undefined;
            return co2Ppm;
          },
          onRecalibrated(words) {
            note = words;
            status(statusOf(states, note));
          },
          onValues: (values) => take(index, values),
          onSpoiled: health.spoiled,
          onState(state) {
            states[index] = state;
            if (giver.get('co2') === index) {
              measuresCo2 = state.kind === 'running';
              // By the time it measures again the air is another.
              if (!measuresCo2) knownCo2Ppm = undefined;
            }
            status(statusOf(states, note));
          },
        });
      });
      await Promise.all(running);
    },
  };
}

/** What a chip gives, with what is computed from it. */
function quantitiesOf({ quantities }: AirRow): QuantityId[] {
  const has = (id: QuantityId): boolean => quantities.includes(id);
  return [...(has('voc_ticks') ? (['voc_index'] as const) : []), ...(has('nox_ticks') ? (['nox_index'] as const) : []), ...quantities];
}

/** The device's state from its chips': a fault of one is the device's, with every fault's words. */
export function statusOf(states: readonly ChipState[], note = ''): DeviceStatus {
  const messages = (kind: 'fault' | 'warming-up'): string =>
    [...new Set(states.flatMap((state) => (state.kind === kind ? [state.message] : [])))].join('; ');
  const faults = messages('fault');
  if (faults !== '') return { state: 'fault', message: faults };
  if (states.every(({ kind }) => kind === 'starting')) return { state: 'starting', message: '' };
  return { state: 'running', message: [messages('warming-up'), note].filter((one) => one !== '').join('; ') };
}
