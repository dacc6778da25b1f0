/**
 * A bed mat: a load cell under a leg of the bed or under the mattress; whether somebody lies there, how much they move, and their heart
 * and breathing where they show.
 */
import { type LoadCellRow, loadCellChips } from '../chips/registry.ts';
import type { StatedCalibration } from '../protocol/calibration.ts';
import type { BedDevice } from '../rig.ts';
import type { Kept } from '../state.ts';
import type { DeviceProgram } from './device.ts';
import { createHealth, healthQuantities } from './health.ts';
import { createLoadLine } from './load-line.ts';
import { createLoadWatch } from './load-watch.ts';
import { createOccupancy } from './occupancy.ts';
import { openChip } from './open-chip.ts';
import { createVitals } from './vitals.ts';

const POLL_MS = 12;
const SILENT_MS = 6000;

export function createBed(device: BedDevice, kept: Kept<StatedCalibration>): DeviceProgram {
  const line = createLoadLine(device.calibration, kept);
  const row: LoadCellRow = loadCellChips[device.loadCell.chip];
  return {
    id: device.id,
    kind: 'bed',
    name: device.name,
    quantities: ['bed_occupied', 'movement', 'heart_rate', 'respiration_rate', 'load_cell_counts', ...healthQuantities, 'noise_floor'],
    calibration: line.stated,
    calibrate: line.use,
    temperature: line.temperature,
    sample: line.sample,
    async run({ board, clock, measured, live, status, signal }) {
      const around = { clock, air: () => undefined, pressureHpa: () => undefined };
      const { chip, close } = await openChip(row, device.loadCell, board, around);
      try {
        status({ state: 'running', message: '' });
        const watch = createLoadWatch();
        const occupancy = createOccupancy();
        const vitals = createVitals();
        const health = createHealth(clock.monotonic(), chip.rateHz, () => board.isSupplyLow());
        let note = '';
        let lastCounts: number | undefined;
        let heardAtMs: number = clock.monotonic();
        while (!signal.aborted) {
          const reading = await chip.read();
          const at = clock.monotonic();
          if (reading.kind === 'counts' || reading.kind === 'mass') {
            heardAtMs = at;
            health.samples(1, at);
            const counts = reading.kind === 'counts' ? reading.counts : reading.kg;
            const isSaturated = reading.kind === 'counts' && reading.isSaturated;
            const trembles = chip.rateHz !== undefined;
            if (isSaturated) health.saturated();
            const { zeroCounts, countsPerKg } = line.calibration;
            const kg = (counts - zeroCounts) / countsPerKg - line.driftKg(at);
            const isUsable = watch.push({ atMs: at, kg, counts: reading.kind === 'counts' ? counts : undefined, isSaturated, trembles });
            status(watch.fault === undefined ? { state: 'running', message: note } : { state: 'fault', message: watch.message });
            const still = isUsable ? line.push(at, counts) : undefined;
            if (still?.kind === 'still')
              measured([{ quantity: 'calibration_counts', value: still.counts, at, spanMs: Math.round(still.spanMs) }]);
            if (isUsable) {
              lastCounts = counts;
              if (!occupancy.isOccupied) health.quiet(counts);
              const event = occupancy.push(at, kg);
              const shown = occupancy.isOccupied ? vitals.push(at, kg) : vitals.empty();
              if (shown.length > 0) {
                live(shown);
                measured(shown);
              }
              if (event?.kind === 'occupied') {
                const bed = [{ quantity: 'bed_occupied', value: event.isOccupied ? 1 : 0, at, spanMs: 0 }] as const;
                live(bed);
                measured([...bed, { quantity: 'load_cell_counts', value: counts, at, spanMs: 0 }]);
              } else if (event?.kind === 'movement') {
                measured([{ quantity: 'movement', value: event.part, at, spanMs: event.spanMs }]);
              }
            }
          } else {
            if (reading.kind === 'spoiled') health.spoiled();
            if (at - heardAtMs > SILENT_MS)
              throw new Error(`${device.loadCell.chip} gave no reading for ${SILENT_MS / 1000} s: check its supply and its wires`);
          }
          const report = health.due(at);
          if (report !== undefined) {
            // The empty mat, for its drift.
            const idle = lastCounts === undefined || occupancy.isOccupied ? [] : [lastCounts];
            measured([...report.readings, ...idle.map((value) => ({ quantity: 'load_cell_counts', value, at, spanMs: 0 }) as const)]);
            note = report.message;
          }
          await clock.sleep(POLL_MS, signal).catch(() => undefined);
        }
      } finally {
        await close();
      }
    },
  };
}
