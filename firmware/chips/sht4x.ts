/** SHT40, SHT41, SHT45: temperature and humidity. Source: Sensirion SHT4x datasheet, version 6.5: 4.5 (commands), 4.6 (conversion). */
import type { I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { openSensirion } from './sensirion-i2c.ts';

export const SHT4X_ADDRESS = 0x44;
const MEASURE_HIGH_PRECISION = 0xfd;
/** Table 4: 8.3 ms at most at high repeatability. */
const MEASURE_MS = 9;
const READ_SERIAL = 0x89;
const SOFT_RESET = 0x94;

export async function openSht4x(bus: I2cBus, clock: Clock, address = SHT4X_ADDRESS): Promise<ChipOfValues & { readonly serial: string }> {
  const chip = openSensirion(bus, clock, 'SHT4x', address);
  await chip.send(SOFT_RESET);
  const serial = (await chip.ask(READ_SERIAL, 2)).map((word) => word.toString(16).padStart(4, '0')).join('');
  return {
    serial,
    async read() {
      const [temperature, humidity] = (await chip.ask(MEASURE_HIGH_PRECISION, 2, [], MEASURE_MS)) as [number, number];
      return { kind: 'values', values: climateOf(temperature, humidity) };
    },
  };
}

/** 4.6: the humidity line runs a little below 0 and above 100 %, where it is cut off. */
export const climateOf = (temperature: number, humidity: number): { temperature: number; humidity: number } => ({
  temperature: -45 + (175 * temperature) / 65_535,
  humidity: Math.max(0, Math.min(100, -6 + (125 * humidity) / 65_535)),
});
