/** SHT30, SHT31, SHT35, SHT85: temperature and humidity. Source: Sensirion SHT3x-DIS datasheet: 4.3 (single shot), 4.9 (reset), 4.13 (conversion). */
import type { I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { openSensirion } from './sensirion-i2c.ts';

export const SHT3X_ADDRESS = 0x44;
const MEASURE_HIGH_REPEATABILITY = 0x2400;
/** Table 4: 15.5 ms at most at high repeatability. */
const MEASURE_MS = 16;
const SOFT_RESET = 0x30a2;
/** 4.9: after a reset it takes 1.5 ms at most. */
const RESET_MS = 2;

export async function openSht3x(bus: I2cBus, clock: Clock, address = SHT3X_ADDRESS): Promise<ChipOfValues> {
  const chip = openSensirion(bus, clock, 'SHT3x', address);
  await chip.send(SOFT_RESET, [], RESET_MS);
  const read = async () => {
    const [temperature, humidity] = (await chip.ask(MEASURE_HIGH_REPEATABILITY, 2, [], MEASURE_MS)) as [number, number];
    const values = { temperature: -45 + (175 * temperature) / 65_535, humidity: (100 * humidity) / 65_535 };
    return { kind: 'values', values } as const;
  };
  // Somebody else at the address does not answer so: found out now and not at the first value.
  await read();
  return { read };
}
