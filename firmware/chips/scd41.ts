/**
 * SCD41 (and SCD40), CO2, temperature and humidity. Source: Sensirion SCD4x datasheet, version 1.4 (section numbers below).
 */
import { BusError, hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import { sensirionWords } from './sensirion-crc.ts';

export const SCD41_ADDRESS = 0x62;
/** Commands, 3.5 and following, with the time each takes (table 9). */
const START_PERIODIC_MEASUREMENT = 0x21b1;
const READ_MEASUREMENT = 0xec05;
const STOP_PERIODIC_MEASUREMENT = 0x3f86;
const GET_DATA_READY_STATUS = 0xe4b8;
const GET_SERIAL_NUMBER = 0x3682;
const STOP_MS = 500;
/** Each takes 1 ms; the rest is for a write that is still on its way through the board. */
const COMMAND_MS = 5;
const READ_ATTEMPTS = 5;
/** 3.9.2: data are ready when any of the low 11 bits is set. */
const READY_BITS = 0x07ff;

export interface AirSample {
  readonly co2Ppm: number;
  readonly temperatureC: number;
  readonly humidityPercent: number;
}

export interface Scd41 {
  /** 48-bit serial number, hexadecimal. */
  readonly serial: string;
  /** A new measurement each 5 s; undefined while none is ready. Rejects with ChipError on a wrong checksum. */
  read(): Promise<AirSample | undefined>;
}

/** Stops whatever the chip was doing, reads its serial number and starts periodic measurement. */
export async function openScd41(bus: I2cBus, clock: Clock): Promise<Scd41> {
  const at = `SCD41 at ${hex(SCD41_ADDRESS)}`;
  const send = async (command: number, waitMs = COMMAND_MS): Promise<void> => {
    await bus.write(SCD41_ADDRESS, Uint8Array.of(command >> 8, command & 0xff));
    await clock.sleep(waitMs);
  };
  /** A chip that is still at work does not acknowledge (3.3): asked again, a little later. */
  const whenReady = async (length: number): Promise<Uint8Array> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await bus.read(SCD41_ADDRESS, null, length);
      } catch (error) {
        if (!(error instanceof BusError) || error.kind !== 'nack' || attempt === READ_ATTEMPTS) throw error;
        await clock.sleep(COMMAND_MS * attempt * 2);
      }
    }
  };
  const ask = async (command: number, count: number): Promise<number[]> => {
    await send(command);
    const words = sensirionWords(await whenReady(count * 3));
    if (words === undefined)
      throw new ChipError(at, `a wrong checksum in the answer to ${hex(command)}: check the length and the pull-ups of its wires`);
    return words;
  };

  // The chip goes on measuring over a restart of ours, and takes few commands while it does.
  await send(STOP_PERIODIC_MEASUREMENT, STOP_MS);
  const serial = (await ask(GET_SERIAL_NUMBER, 3)).map((word) => word.toString(16).padStart(4, '0')).join('');
  await send(START_PERIODIC_MEASUREMENT);
  return {
    serial,
    async read() {
      const [status] = await ask(GET_DATA_READY_STATUS, 1);
      if ((status! & READY_BITS) === 0) return undefined;
      const [co2, temperature, humidity] = (await ask(READ_MEASUREMENT, 3)) as [number, number, number];
      return airOf(co2, temperature, humidity);
    },
  };
}

/** Words to units, 3.5.2. */
export function airOf(co2: number, temperature: number, humidity: number): AirSample {
  return { co2Ppm: co2, temperatureC: -45 + (175 * temperature) / 65_535, humidityPercent: (100 * humidity) / 65_535 };
}
