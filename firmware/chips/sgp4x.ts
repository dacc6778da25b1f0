/**
 * SGP40 (VOC) and SGP41 (VOC and NOx): raw signals for the gas index algorithm, one a second.
 * Source: Sensirion SGP40 datasheet, version 1.2, table 8; SGP41 datasheet, version 1.0, table 9 (commands, times, parameters).
 */
import type { I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import type { ChipOfValues, Values } from './chip-reading.ts';
import { openSensirion, serialOf } from './sensirion-i2c.ts';

export const SGP4X_ADDRESS = 0x59;
const SGP40_MEASURE_RAW = 0x260f;
const SGP41_CONDITIONING = 0x2612;
const SGP41_MEASURE_RAW = 0x2619;
const SGP40_MEASURE_MS = 30;
const SGP41_MEASURE_MS = 50;
const SELF_TEST = 0x280e;
const SELF_TEST_MS = 320;
const SGP40_SELF_TEST_OK = 0xd400;
/** SGP41: the two lowest bits stand for the two pixels; set is broken. */
const SGP41_BROKEN_PIXELS = 0x0003;
const TURN_HEATER_OFF = 0x3615;
const GET_SERIAL_NUMBER = 0x3682;
/** SGP41, 3.2: conditioning heats the NOx pixel; ten seconds, no longer, or it suffers. */
const CONDITIONING_MS = 10_000;

/** The air whose humidity the chip compensates. */
export interface Compensation {
  readonly temperatureC: number;
  readonly humidityPercent: number;
}
/** What the datasheets name for no compensation: 25 degrees, 50 %. */
const STANDARD: Compensation = { temperatureC: 25, humidityPercent: 50 };

export interface Sgp4x {
  readonly serial: string;
  /** Raw signals in ticks; `nox` from an SGP41 that is conditioned. Takes the air now, if known. */
  read(air?: Compensation): Promise<{ readonly voc: number; readonly nox?: number }>;
  heaterOff(): Promise<void>;
}

/** Reads the serial number and lets the chip test itself. Rejects with ChipError when it finds a broken pixel. */
export async function openSgp4x(bus: I2cBus, clock: Clock, model: 'sgp40' | 'sgp41'): Promise<Sgp4x> {
  const chip = openSensirion(bus, clock, model.toUpperCase(), SGP4X_ADDRESS);
  const serial = serialOf(await chip.ask(GET_SERIAL_NUMBER, 3));
  const [tested] = await chip.ask(SELF_TEST, 1, [], SELF_TEST_MS);
  // The upper byte of an SGP41's answer means nothing; an SGP40 answers with one of two fixed words.
  const isBroken = model === 'sgp40' ? tested !== SGP40_SELF_TEST_OK : (tested! & SGP41_BROKEN_PIXELS) !== 0;
  if (isBroken)
    throw new ChipError(chip.at, `its self-test answers 0x${tested!.toString(16)}: it is broken, or the rig file names the wrong model`);
  const startedMs = clock.monotonic();
  return {
    serial,
    async read(air = STANDARD) {
      const words = ticksOf(air);
      if (model === 'sgp40') {
        const [voc] = await chip.ask(SGP40_MEASURE_RAW, 1, words, SGP40_MEASURE_MS);
        return { voc: voc! };
      }
      if (clock.monotonic() - startedMs < CONDITIONING_MS) {
        const [voc] = await chip.ask(SGP41_CONDITIONING, 1, words, SGP41_MEASURE_MS);
        return { voc: voc! };
      }
      const [voc, nox] = await chip.ask(SGP41_MEASURE_RAW, 2, words, SGP41_MEASURE_MS);
      return { voc: voc!, nox: nox! };
    },
    heaterOff: () => chip.send(TURN_HEATER_OFF),
  };
}

/** Humidity and temperature as the commands' parameters (tables 10 and 11). */
export function ticksOf({ temperatureC, humidityPercent }: Compensation): [humidity: number, temperature: number] {
  const clip = (value: number): number => Math.max(0, Math.min(65_535, Math.round(value)));
  return [clip((humidityPercent * 65_535) / 100), clip(((temperatureC + 45) * 65_535) / 175)];
}

export async function openSgp4xValues(
  bus: I2cBus,
  clock: Clock,
  model: 'sgp40' | 'sgp41',
  air: () => Compensation | undefined,
): Promise<ChipOfValues> {
  const chip = await openSgp4x(bus, clock, model);
  return {
    async read() {
      const { voc, nox } = await chip.read(air());
      const values: Values = { voc_ticks: voc, ...(nox === undefined ? {} : { nox_ticks: nox }) };
      return { kind: 'values', values };
    },
    stop: chip.heaterOff,
  };
}
