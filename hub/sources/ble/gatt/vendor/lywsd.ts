/**
 * Xiaomi LYWSD02 (clock) and LYWSD03MMC (hygrometer) by connection.
 *
 * Source: what owners found (github.com/h4/lywsd02, github.com/uduncanu/lywsd03mmc, github.com/lhvo/LYWSD02MMC). The clock writes
 * three bytes, the hygrometer adds its cell's voltage.
 */

import type { BleValue } from '../../advertisement.ts';
import { asByte, le32, s8, s16le, u8, u16le, u32le } from '../bytes.ts';
import { read } from './reading.ts';

const xiaomi = (start: string): string => `${start}-7a0a-4b0c-8a1a-6ff2997da3a6`;

/** Notifies each change. */
export const READINGS = xiaomi('ebe0ccc1');
/** Battery of the clock, percent, read. */
export const BATTERY = xiaomi('ebe0ccc4');
/** Unix time and hours of the zone; the hygrometer only counts seconds since it started. */
export const TIME = xiaomi('ebe0ccb7');
/** Extremes of each hour, notified from the oldest. */
export const HISTORY = xiaomi('ebe0ccbc');

export const LYWSD_MODELS = ['LYWSD02', 'LYWSD02MMC', 'LYWSD03MMC'] as const;

/** Temperature (0.01 Cel), humidity (%), and the cell's voltage (mV) where the device tells it. */
export function lywsdReading(bytes: Uint8Array): BleValue[] {
  if (bytes.length !== 3 && bytes.length !== 5) return [];
  return read({
    temperature: s16le(bytes, 0) / 100,
    humidity: u8(bytes, 2),
    ...(bytes.length === 5 && { battery_voltage: u16le(bytes, 3) / 1000 }),
  });
}

/** Battery of the clock in percent; undefined for what no battery is. */
export const lywsdBattery = (bytes: Uint8Array): number | undefined => read({ battery: u8(bytes, 0) })[0]?.value;

export interface LywsdTime {
  readonly unixS: number;
  /** Hours east of Greenwich; absent in the form of four bytes. */
  readonly zoneHours?: number;
}

/** The device's clock; undefined for another length. */
export function lywsdTime(bytes: Uint8Array): LywsdTime | undefined {
  if (bytes.length === 4) return { unixS: u32le(bytes, 0) };
  return bytes.length === 5 ? { unixS: u32le(bytes, 0), zoneHours: s8(bytes, 4) } : undefined;
}

/** What sets the clock: the zone in whole hours, which is all that it knows. */
export const setLywsdTime = ({ unixS, zoneHours = 0 }: LywsdTime): Uint8Array =>
  Uint8Array.of(...le32(Math.floor(unixS)), zoneHours < 0 ? 0x100 - asByte(-zoneHours) : asByte(zoneHours));

export interface HourOfLywsd {
  readonly index: number;
  /** End of the hour by the device's own clock, Unix seconds for a clock that was set, else since its start. */
  readonly deviceS: number;
  readonly most: readonly BleValue[];
  readonly least: readonly BleValue[];
}

/** The extremes of an hour: index, time, highest temperature and humidity, lowest; 0.1 Cel. Undefined for another length. */
export function lywsdHour(bytes: Uint8Array): HourOfLywsd | undefined {
  if (bytes.length !== 14) return undefined;
  return {
    index: u32le(bytes, 0),
    deviceS: u32le(bytes, 4),
    most: read({ temperature: s16le(bytes, 8) / 10, humidity: u8(bytes, 10) }),
    least: read({ temperature: s16le(bytes, 11) / 10, humidity: u8(bytes, 13) }),
  };
}
