/** The home's air: an SCD41. */
import { openScd41 } from '../chips/scd41.ts';
import type { Reading } from '../protocol/measurement.ts';
import type { HomeDevice } from '../rig.ts';
import type { DeviceProgram } from './device.ts';

/** The chip measures each 5 s; asked a little more often, so that each is fetched soon. */
const POLL_MS = 1000;
/** A row each half minute draws any curve of a room's air; every 5 s would be six times the disk for nothing. */
const KEEP_EVERY_MS = 30_000;
/** Three measurements missed: the chip has stopped. */
const SILENT_MS = 16_000;

export function createHome(device: HomeDevice): DeviceProgram {
  return {
    id: device.id,
    kind: 'home',
    name: device.name,
    quantities: ['co2', 'temperature', 'humidity'],
    async run({ bus, clock, measured, live, status, signal }) {
      const chip = await openScd41(bus, clock);
      status({ state: 'running', message: '' });
      let keptAtMs = Number.NEGATIVE_INFINITY;
      let measuredAtMs: number = clock.monotonic();
      while (!signal.aborted) {
        const air = await chip.read();
        const at = clock.monotonic();
        if (air !== undefined) {
          measuredAtMs = at;
          const readings: Reading[] = [
            { quantity: 'co2', value: air.co2Ppm, at, spanMs: 0 },
            { quantity: 'temperature', value: air.temperatureC, at, spanMs: 0 },
            { quantity: 'humidity', value: air.humidityPercent, at, spanMs: 0 },
          ];
          live(readings);
          if (at - keptAtMs >= KEEP_EVERY_MS) {
            keptAtMs = at;
            measured(readings);
          }
        } else if (at - measuredAtMs > SILENT_MS) {
          throw new Error(`SCD41 gave no measurement for ${SILENT_MS / 1000} s: check its supply (it draws 205 mA at peaks)`);
        }
        await clock.sleep(POLL_MS, signal).catch(() => undefined);
      }
    },
  };
}
