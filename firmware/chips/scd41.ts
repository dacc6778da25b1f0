/**
 * SCD40 and SCD41, CO2, temperature and humidity. Source: Sensirion SCD4x datasheet, version 1.4 (section numbers below).
 */
import type { I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { openSensirion, type SensirionChip, serialOf } from './sensirion-i2c.ts';

export const SCD41_ADDRESS = 0x62;
/** Commands, 3.5 to 3.10, with the milliseconds that each takes (table 9). */
const START_PERIODIC_MEASUREMENT = 0x21b1;
const START_LOW_POWER_PERIODIC_MEASUREMENT = 0x21ac;
const READ_MEASUREMENT = 0xec05;
const STOP_PERIODIC_MEASUREMENT = 0x3f86;
const STOP_MS = 500;
const SET_TEMPERATURE_OFFSET = 0x241d;
const SET_SENSOR_ALTITUDE = 0x2427;
const SET_AMBIENT_PRESSURE = 0xe000;
const SET_AUTOMATIC_SELF_CALIBRATION = 0x2416;
const PERFORM_FORCED_RECALIBRATION = 0x362f;
const RECALIBRATION_MS = 400;
const RECALIBRATION_FAILED = 0xffff;
const GET_DATA_READY_STATUS = 0xe4b8;
const PERSIST_SETTINGS = 0x3615;
const PERSIST_MS = 800;
const GET_SERIAL_NUMBER = 0x3682;
const PERFORM_SELF_TEST = 0x3639;
const SELF_TEST_MS = 10_000;
const MEASURE_SINGLE_SHOT = 0x219d;
const SINGLE_SHOT_MS = 5000;
/** 3.9.2: data are ready when any of the low 11 bits is set. */
const READY_BITS = 0x07ff;
/** 3.8.1: the chip must have measured for this long, in the air whose CO2 is known, before a forced recalibration. */
export const RECALIBRATE_AFTER_MS = 180_000;

export interface AirSample {
  readonly co2Ppm: number;
  readonly temperatureC: number;
  readonly humidityPercent: number;
}

export interface Scd41Settings {
  /** `periodic`: each 5 s; `low-power`: each 30 s; `single-shot`: when asked, SCD41 alone. */
  readonly mode?: 'periodic' | 'low-power' | 'single-shot';
  /** Height above the sea, 0 to 3000 m: air that is thinner holds less CO2 in each litre (3.7.3). */
  readonly altitudeM?: number;
  /** How much warmer than the room the chip is where it is mounted, 0 to 20 K (3.7.1; 4 by itself). */
  readonly temperatureOffsetC?: number;
  /** False in rooms that never meet fresh air (3.8.2). */
  readonly selfCalibration?: boolean;
}

export interface Scd41 {
  /** 48-bit serial number, hexadecimal. */
  readonly serial: string;
  /** Undefined while none is ready. Rejects with ChipError on a wrong checksum. */
  read(): Promise<AirSample | undefined>;
  /** Air pressure now, 700 to 1200 hPa, from a barometer beside it; better than the height (3.7.5). Taken while measuring. */
  setPressure(hpa: number): Promise<void>;
  /**
   * Takes the air's CO2 as known, 400 to 2000 ppm, and gives the correction in ppm (3.8.1). Only after {@link RECALIBRATE_AFTER_MS} in
   * that air. Rejects with ChipError when the chip refuses; measures on either way.
   */
  recalibrate(co2Ppm: number): Promise<number>;
  /** 10 s. Rejects with ChipError when the chip finds itself broken. Measures on. */
  selfTest(): Promise<void>;
  /** Keeps offset, height and self-calibration over a power cut: its memory bears 2000 writes (3.10.1). */
  persist(): Promise<void>;
  stop(): Promise<void>;
}

/** Stops whatever the chip was doing, sets it up and starts measuring. */
export async function openScd41(bus: I2cBus, clock: Clock, settings: Scd41Settings = {}): Promise<Scd41> {
  const { mode = 'periodic', altitudeM, temperatureOffsetC, selfCalibration } = settings;
  const chip = openSensirion(bus, clock, 'SCD41', SCD41_ADDRESS);
  const start = async (): Promise<void> => {
    if (mode === 'periodic') await chip.send(START_PERIODIC_MEASUREMENT);
    else if (mode === 'low-power') await chip.send(START_LOW_POWER_PERIODIC_MEASUREMENT);
  };
  const idle = async <T>(work: () => Promise<T>): Promise<T> => {
    if (mode !== 'single-shot') await chip.send(STOP_PERIODIC_MEASUREMENT, [], STOP_MS);
    try {
      return await work();
    } finally {
      await start();
    }
  };

  // The chip goes on measuring over a restart of ours, and takes few commands while it does.
  await chip.send(STOP_PERIODIC_MEASUREMENT, [], STOP_MS);
  const serial = serialOf(await chip.ask(GET_SERIAL_NUMBER, 3));
  if (temperatureOffsetC !== undefined)
    await chip.send(SET_TEMPERATURE_OFFSET, [Math.round((within(chip, 'temperature offset', temperatureOffsetC, 0, 20) * 65_535) / 175)]);
  if (altitudeM !== undefined) await chip.send(SET_SENSOR_ALTITUDE, [Math.round(within(chip, 'altitude', altitudeM, 0, 3000))]);
  if (selfCalibration !== undefined) await chip.send(SET_AUTOMATIC_SELF_CALIBRATION, [selfCalibration ? 1 : 0]);
  await start();

  return {
    serial,
    async read() {
      if (mode === 'single-shot') await chip.send(MEASURE_SINGLE_SHOT, [], SINGLE_SHOT_MS);
      const [status] = await chip.ask(GET_DATA_READY_STATUS, 1);
      if ((status! & READY_BITS) === 0) return undefined;
      const [co2, temperature, humidity] = (await chip.ask(READ_MEASUREMENT, 3)) as [number, number, number];
      return airOf(co2, temperature, humidity);
    },
    setPressure: (hpa) => chip.send(SET_AMBIENT_PRESSURE, [Math.round(within(chip, 'air pressure', hpa, 700, 1200))]),
    recalibrate: (co2Ppm) =>
      idle(async () => {
        const target = Math.round(within(chip, 'known CO2', co2Ppm, 400, 2000));
        const [word] = await chip.ask(PERFORM_FORCED_RECALIBRATION, 1, [target], RECALIBRATION_MS);
        if (word === RECALIBRATION_FAILED)
          throw new ChipError(chip.at, 'it refused the recalibration: let it measure for 3 minutes in that air first');
        return word! - 0x8000;
      }),
    selfTest: () =>
      idle(async () => {
        const [word] = await chip.ask(PERFORM_SELF_TEST, 1, [], SELF_TEST_MS);
        if (word !== 0) throw new ChipError(chip.at, `its self-test found a malfunction (0x${word!.toString(16)}): replace it`);
      }),
    persist: () => idle(() => chip.send(PERSIST_SETTINGS, [], PERSIST_MS)),
    stop: () => chip.send(STOP_PERIODIC_MEASUREMENT, [], STOP_MS),
  };
}

/** An SCD40 or SCD41 as a chip that gives values; `pressureHpa` is asked before each value. */
export async function openScd41Values(
  bus: I2cBus,
  clock: Clock,
  settings: Scd41Settings,
  pressureHpa: () => number | undefined = () => undefined,
): Promise<ChipOfValues> {
  const chip = await openScd41(bus, clock, settings);
  let toldHpa: number | undefined;
  return {
    async read() {
      const hpa = pressureHpa();
      // A hectopascal is a thousandth of the value: not worth telling more finely.
      if (hpa !== undefined && hpa >= 700 && hpa <= 1200 && Math.abs(hpa - (toldHpa ?? 0)) >= 1) {
        await chip.setPressure(hpa);
        toldHpa = hpa;
      }
      const air = await chip.read();
      if (air === undefined) return { kind: 'none' };
      return { kind: 'values', values: { co2: air.co2Ppm, temperature: air.temperatureC, humidity: air.humidityPercent } };
    },
    recalibrate: chip.recalibrate,
    selfTest: chip.selfTest,
    stop: chip.stop,
  };
}

function within(chip: SensirionChip, what: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new ChipError(chip.at, `${what} ${value} is outside ${min} to ${max}: correct it in the rig file`);
}

/** Words to units, 3.5.2. */
export function airOf(co2: number, temperature: number, humidity: number): AirSample {
  return { co2Ppm: co2, temperatureC: -45 + (175 * temperature) / 65_535, humidityPercent: (100 * humidity) / 65_535 };
}
