/** A body scale: a converter on a load cell, or an instrument, and the weight of whoever stands still on it. */
import { type LoadCellRow, loadCellChips } from '../chips/registry.ts';
import type { StatedCalibration } from '../protocol/calibration.ts';
import type { ScaleDevice } from '../rig.ts';
import { expandedUncertaintyKg } from '../signal/calibration.ts';
import { createWeigher, type Weigher } from '../signal/weigh.ts';
import type { Kept, KeptValue } from '../state.ts';
import { type DeviceProgram, LIVE_EVERY_MS } from './device.ts';
import { createHealth, healthQuantities } from './health.ts';
import { createLoadLine } from './load-line.ts';
import { createLoadWatch } from './load-watch.ts';
import { openChip } from './open-chip.ts';
import { createRawCapture } from './raw-capture.ts';

/** Faster than any converter here, so that no conversion is missed for long. */
const POLL_MS = 12;
/** No conversion for so long: the chip has lost its supply or its setting. */
const SILENT_MS = 6000;
const RESTLESS = 'the load does not come to rest, so it was not measured: lay the mass in the middle, let go, and try again';
/** A tare is for a mat or a bath towel, not for a person. */
const MOST_TARE_KG = 5;

/** What a scale keeps over restarts: its tare in counts (of an instrument: in kilograms), and how it was calibrated. */
export interface KeptScale {
  readonly tare: KeptValue;
  readonly calibration: Kept<StatedCalibration>;
}

export function createScale(device: ScaleDevice, kept: KeptScale): DeviceProgram {
  const line = createLoadLine(device.calibration, kept.calibration);
  const row: LoadCellRow = loadCellChips[device.loadCell.chip];
  let tareCounts = kept.tare.load() ?? 0;
  let lastCounts: number | undefined;
  /** Of the plate with temperature; it stands while somebody is on it. */
  let driftKg = 0;
  let weigher: Weigher = createWeigher();
  /** What a person should know of a calibration under way. */
  let note = '';

  return {
    id: device.id,
    kind: 'scale',
    name: device.name,
    quantities: [
      'weight',
      'weight_uncertainty',
      'load_cell_counts',
      'load_cell_zero',
      'calibration_version',
      ...healthQuantities,
      'noise_floor',
    ],
    tare() {
      if (lastCounts === undefined)
        return { ok: false, message: 'the load cell has given no reading yet: wait until the scale is running' };
      const { zeroCounts, countsPerKg } = line.calibration;
      const kg = (lastCounts - zeroCounts) / countsPerKg - driftKg;
      if (Math.abs(kg) > MOST_TARE_KG)
        return { ok: false, message: `${kg.toFixed(1)} kg lie on the scale; a tare takes ${MOST_TARE_KG} kg at most: clear the plate` };
      tareCounts = lastCounts - zeroCounts - driftKg * countsPerKg;
      kept.tare.save(tareCounts);
      weigher = createWeigher();
      return { ok: true };
    },
    calibration: line.stated,
    temperature: line.temperature,
    calibrate(calibration) {
      const done = line.use(calibration);
      if (!done.ok) return done;
      // Its zero is the empty plate as it is now.
      tareCounts = 0;
      kept.tare.save(0);
      weigher = createWeigher();
      return done;
    },
    sample() {
      note = '';
      return line.sample();
    },
    async run({ board, clock, measured, live, status, samples: raw, signal }) {
      const around = { clock, air: () => undefined, pressureHpa: () => undefined };
      const { chip, close } = await openChip(row, device.loadCell, board, around);
      try {
        status({ state: 'running', message: '' });
        weigher = createWeigher();
        const watch = createLoadWatch();
        const capture = raw === undefined || chip.rateHz === undefined ? undefined : createRawCapture(['counts'], chip.rateHz, raw);
        const health = createHealth(clock.monotonic(), chip.rateHz, () => board.isSupplyLow());
        const overload = 'more lies on the scale than it weighs: take it off';
        let drift = '';
        let isOverloaded = false;
        let isRestless = false;
        let shownAtMs = Number.NEGATIVE_INFINITY;
        let heardAtMs = clock.monotonic();
        const tell = (): void => {
          if (isOverloaded) status({ state: 'fault', message: overload });
          else if (watch.fault !== undefined) status({ state: 'fault', message: watch.message });
          else
            status({
              state: 'running',
              message: note !== '' ? note : isRestless ? 'whoever is on the scale moves: stand still to be weighed' : drift,
              plate: weigher.phase !== 'empty' ? 'occupied' : weigher.isReady ? 'ready' : 'unsettled',
            });
        };

        while (!signal.aborted) {
          const reading = await chip.read();
          const at = clock.monotonic();
          const report = health.due(at);
          if (report !== undefined) {
            measured([
              ...report.readings,
              ...(lastCounts === undefined ? [] : ([{ quantity: 'load_cell_counts', value: lastCounts, at, spanMs: 0 }] as const)),
            ]);
            drift = report.message;
          }
          if (reading.kind === 'spoiled') health.spoiled();
          if (reading.kind === 'none' || reading.kind === 'spoiled') {
            if (at - heardAtMs > SILENT_MS)
              throw new Error(`${device.loadCell.chip} gave no reading for ${SILENT_MS / 1000} s: check its supply and its wires`);
            await clock.sleep(POLL_MS, signal).catch(() => undefined);
            continue;
          }
          heardAtMs = at;
          health.samples(1, at);
          isOverloaded = reading.kind === 'overload' || reading.kind === 'underload';
          if (reading.kind === 'overload' || reading.kind === 'underload') {
            tell();
            continue;
          }
          const counts = reading.kind === 'counts' ? reading.counts : reading.kg;
          if (reading.kind === 'counts') capture?.push(at, [counts]);
          const isSaturated = reading.kind === 'counts' && reading.isSaturated;
          const trembles = chip.rateHz !== undefined;
          if (isSaturated) health.saturated();
          lastCounts = counts;
          const { zeroCounts, countsPerKg, version } = line.calibration;
          if (weigher.phase === 'empty') driftKg = line.driftKg(at);
          const kg = (counts - zeroCounts - tareCounts) / countsPerKg - driftKg;
          const isUsable = watch.push({ atMs: at, kg, counts: reading.kind === 'counts' ? counts : undefined, isSaturated, trembles });
          if (!isUsable) {
            tell();
            continue;
          }
          const still = line.push(at, counts);
          if (still?.kind === 'restless') note = RESTLESS;
          if (still?.kind === 'still')
            measured([{ quantity: 'calibration_counts', value: still.counts, at, spanMs: Math.round(still.spanMs) }]);
          const before = weigher.phase;
          if (before === 'empty') health.quiet(counts);
          const event = weigher.push({ atMs: at, kg });
          if (event?.kind === 'restless') isRestless = true;
          if (event?.kind === 'stepped-off') isRestless = false;
          tell();
          if (event?.kind === 'weighed') {
            const span = { at, spanMs: Math.round(event.spanMs) };
            const zero = zeroCounts + tareCounts + (driftKg + weigher.zeroKg) * countsPerKg;
            // With what it was computed from, so that it can be weighed again by a later calibration.
            measured([
              { quantity: 'weight', value: event.kg, ...span },
              { quantity: 'weight_uncertainty', value: expandedUncertaintyKg(event.uncertaintyKg, line.calibration, event.kg), ...span },
              { quantity: 'load_cell_counts', value: zero + event.kg * countsPerKg, ...span },
              { quantity: 'load_cell_zero', value: zero, ...span },
              { quantity: 'calibration_version', value: version, ...span },
            ]);
          }
          // Once weighed the reading stands; what follows is only sway.
          const isOccupied = weigher.phase === 'settling' || before === 'settling';
          if (isOccupied && (at - shownAtMs >= LIVE_EVERY_MS || event?.kind === 'stepped-off')) {
            shownAtMs = at;
            live([{ quantity: 'weight', value: event?.kind === 'weighed' ? event.kg : (weigher.kg ?? 0), at, spanMs: 0 }]);
          }
          await clock.sleep(POLL_MS, signal).catch(() => undefined);
        }
      } finally {
        await close();
      }
    },
  };
}
