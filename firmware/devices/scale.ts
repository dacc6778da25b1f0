/** A body scale: a NAU7802 on a load cell, and the weight of whoever stands still on it. */
import { openNau7802 } from '../chips/nau7802.ts';
import type { ScaleDevice } from '../rig.ts';
import { createWeigher, type Weigher } from '../signal/weigh.ts';
import type { KeptValue } from '../state.ts';
import { type DeviceProgram, LIVE_EVERY_MS } from './device.ts';

/** Forty conversions a second: the front end's noise averages out over the weighing window, and Firmata keeps up. */
const RATE_HZ = 40;
/** Twice per conversion, so that none is missed for long. */
const POLL_MS = 1000 / RATE_HZ / 2;
/** No conversion for so long: the chip has lost its supply or its setting. */
const SILENT_MS = 2000;
/** A tare is for a mat or a bath towel, not for a person. */
const MOST_TARE_KG = 5;

/** The tare in counts is kept over restarts. */
export function createScale(device: ScaleDevice, kept: KeptValue): DeviceProgram {
  const { zeroCounts, countsPerKg } = device.calibration;
  let tareCounts = kept.load() ?? 0;
  let lastCounts: number | undefined;
  let weigher: Weigher = createWeigher();

  return {
    id: device.id,
    kind: 'scale',
    name: device.name,
    quantities: ['weight', 'load_cell_counts'],
    tare() {
      if (lastCounts === undefined)
        return { ok: false, message: 'the load cell has given no reading yet: wait until the scale is running' };
      const kg = (lastCounts - zeroCounts) / countsPerKg;
      if (Math.abs(kg) > MOST_TARE_KG)
        return { ok: false, message: `${kg.toFixed(1)} kg lie on the scale; a tare takes ${MOST_TARE_KG} kg at most: clear the plate` };
      tareCounts = lastCounts - zeroCounts;
      kept.save(tareCounts);
      weigher = createWeigher();
      return { ok: true };
    },
    async run({ bus, clock, measured, live, status, signal }) {
      const chip = await openNau7802(bus, clock, RATE_HZ);
      status({ state: 'running', message: '' });
      weigher = createWeigher();
      let shownAtMs = Number.NEGATIVE_INFINITY;
      let convertedAtMs = clock.monotonic();
      while (!signal.aborted) {
        const counts = await chip.read();
        const at = clock.monotonic();
        if (counts === undefined) {
          if (at - convertedAtMs > SILENT_MS) throw new Error(`NAU7802 gave no conversion for ${SILENT_MS / 1000} s: check its supply`);
          await clock.sleep(POLL_MS, signal).catch(() => undefined);
          continue;
        }
        convertedAtMs = at;
        lastCounts = counts;
        const before = weigher.phase;
        const event = weigher.push({ atMs: at, kg: (counts - zeroCounts - tareCounts) / countsPerKg });
        if (event?.kind === 'weighed') {
          measured([
            { quantity: 'weight', value: event.kg, at, spanMs: Math.round(event.spanMs) },
            { quantity: 'load_cell_counts', value: counts, at, spanMs: 0 },
          ]);
        }
        if (event?.kind === 'restless') status({ state: 'running', message: 'whoever is on the scale moves: stand still to be weighed' });
        if (event?.kind === 'stepped-off') status({ state: 'running', message: '' });
        // Once weighed the reading stands; what follows is only sway.
        const isOccupied = weigher.phase === 'settling' || before === 'settling';
        if (isOccupied && (at - shownAtMs >= LIVE_EVERY_MS || event?.kind === 'stepped-off')) {
          shownAtMs = at;
          live([{ quantity: 'weight', value: event?.kind === 'weighed' ? event.kg : (weigher.kg ?? 0), at, spanMs: 0 }]);
        }
        await clock.sleep(POLL_MS, signal).catch(() => undefined);
      }
    },
  };
}
