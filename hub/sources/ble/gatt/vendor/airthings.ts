/**
 * Airthings Wave, Wave Plus, Wave Radon and Wave Mini: characteristics that are read, and the command that asks for the battery.
 *
 * Source: the manufacturer's open programs (github.com/Airthings/waveplus-reader, github.com/Airthings/airthings-ble). The newer
 * Wave Enhance and Corentium Home 2 answer in CBOR: `airthings-atom.ts`.
 */
import type { BleValue } from '../../advertisement.ts';
import { u8, u16le, u32le } from '../bytes.ts';
import { read } from './reading.ts';

const base = (start: string): string => `${start}-ade7-11e4-89d3-123b93f75cba`;

export const WAVE_PLUS = base('b42e2a68');
export const WAVE_RADON = base('b42e4dcc');
export const WAVE_MINI = base('b42e3b98');
/** Wave of the first generation: date, humidity, illuminance and the two radon averages, each by itself. */
export const WAVE_ILLUMINANCE = base('b42e1348');
export const WAVE_RADON_DAY = base('b42e01aa');
export const WAVE_RADON_YEAR = base('b42e0a4c');
/** Commands are written here, with a response, and answered by notifications. */
export const COMMAND = base('b42e2d06');
export const COMMAND_MINI = base('b42e3ef4');
const ASK_BATTERY = 0x6d;
export const askBattery = Uint8Array.of(ASK_BATTERY);

/** The only layout of Wave Plus and Wave Radon that is known. */
const VERSION = 1;
/** What radon and gas fields hold before the first average; the maker shows nothing above. */
const MAX_RADON = 16_383;
/** 0.01 K above absolute zero. */
const ZERO_CELSIUS = 273.15;

export interface WaveReading {
  readonly values: readonly BleValue[];
  /** Light between 0 (dark) and 100, on no scale of lux. */
  readonly lightPercent?: number;
  /** Becquerel per cubic metre, average of as long as the device has run, at most a year. */
  readonly radonLongTerm?: number;
}

const percentOf = (raw: number): number | undefined => (Number.isNaN(raw) ? undefined : Math.trunc((raw / 255) * 100));
const radonOf = (raw: number): number | undefined => (raw <= MAX_RADON ? raw : undefined);

function reading(values: BleValue[], lightPercent: number | undefined, radonLongTerm?: number): WaveReading {
  return { values, ...(lightPercent !== undefined && { lightPercent }), ...(radonLongTerm !== undefined && { radonLongTerm }) };
}

/**
 * Twenty bytes of a Wave Plus or Wave Radon, whose gas fields are empty: version, humidity (0.5 %), light, motion, radon of a day
 * and of long, temperature (0.01 Cel), pressure (0.02 hPa), carbon dioxide (ppm), organic compounds (ppb). Undefined for another layout.
 */
export function wavePlus(bytes: Uint8Array, hasGases: boolean): WaveReading | undefined {
  if (bytes.length < 20 || u8(bytes, 0) !== VERSION) return undefined;
  return reading(
    read({
      humidity: u8(bytes, 1) / 2,
      radon: radonOf(u16le(bytes, 4)),
      temperature: u16le(bytes, 8) / 100,
      pressure: u16le(bytes, 10) / 50,
      ...(hasGases && { co2: u16le(bytes, 12), tvoc: u16le(bytes, 14) }),
    }),
    percentOf(u8(bytes, 2)),
    radonOf(u16le(bytes, 6)),
  );
}

/** A Wave Mini: light, temperature (0.01 K), pressure (0.02 hPa), humidity (0.01 %), organic compounds (ppb). */
export function waveMini(bytes: Uint8Array): WaveReading | undefined {
  if (bytes.length < 10) return undefined;
  return reading(
    read({
      temperature: u16le(bytes, 2) / 100 - ZERO_CELSIUS,
      pressure: u16le(bytes, 4) / 50,
      humidity: u16le(bytes, 6) / 100,
      tvoc: u16le(bytes, 8),
    }),
    percentOf(u8(bytes, 0)),
  );
}

/** Light of a first-generation Wave: percent, from the first of two bytes. */
export const waveLight = (bytes: Uint8Array): number | undefined => percentOf(u8(bytes, 0));
/** Radon of a first-generation Wave, Bq/m3, average of a day or of a year by the characteristic. */
export const waveRadon = (bytes: Uint8Array): number | undefined => radonOf(u16le(bytes, 0));

/** Where the millivolts stand in the answer, by its length after the command and a status: Wave Plus and Radon, then Mini. */
const BATTERY_AT: Readonly<Record<number, number>> = { 28: 24, 32: 24 };

/** Supply voltage in V from the answer to {@link askBattery}; undefined for another answer. */
export function waveBattery(bytes: Uint8Array): number | undefined {
  if (u8(bytes, 0) !== ASK_BATTERY) return undefined;
  const body = bytes.subarray(2);
  const at = BATTERY_AT[body.length];
  const volts = at === undefined ? Number.NaN : u16le(body, at) / 1000;
  return volts > 0 ? volts : undefined;
}

/** Seconds since the first start, in the same answer. */
export const waveUptime = (bytes: Uint8Array): number | undefined =>
  u8(bytes, 0) === ASK_BATTERY && bytes.length >= 6 ? u32le(bytes, 2) : undefined;
