/**
 * SCD41 CO2 sensor at command level. Source: Sensirion SCD4x datasheet, version 1.4: section 3.4 (execution times), 3.5 to 3.10
 * (commands), 3.11 (CRC-8: polynomial 0x31, start 0xFF).
 */
import type { VirtualChip } from '../i2c.ts';

export interface AirState {
  readonly co2Ppm: number;
  readonly temperatureC: number;
  readonly humidityPercent: number;
}

export interface VirtualScd41Options {
  readonly air: (nowMs: number) => AirState;
  readonly nowMs: () => number;
}

const START_PERIODIC = 0x21b1;
const START_LOW_POWER = 0x21ac;
const READ_MEASUREMENT = 0xec05;
const STOP_PERIODIC = 0x3f86;
const GET_DATA_READY = 0xe4b8;
const GET_SERIAL = 0x3682;
const SELF_TEST = 0x3639;
const REINIT = 0x3646;
const SET_PRESSURE = 0xe000;
const SET_ALTITUDE = 0x2427;
const SET_TEMPERATURE_OFFSET = 0x241d;
/** Milliseconds until a command's answer may be read, or the next command sent (table 9). */
const executionMs: Readonly<Record<number, number>> = {
  [START_PERIODIC]: 0,
  [START_LOW_POWER]: 0,
  [READ_MEASUREMENT]: 1,
  [STOP_PERIODIC]: 500,
  [GET_DATA_READY]: 1,
  [GET_SERIAL]: 1,
  [SELF_TEST]: 10_000,
  [REINIT]: 30,
  [SET_PRESSURE]: 1,
  [SET_ALTITUDE]: 1,
  [SET_TEMPERATURE_OFFSET]: 1,
};
/** What the chip takes while it measures periodically (table 9, third column). */
const whileMeasuring = new Set([READ_MEASUREMENT, STOP_PERIODIC, GET_DATA_READY, SET_PRESSURE]);
const SERIAL = [0xf896, 0x31c3, 0x8b44] as const;

export function sensirionCrc(high: number, low: number): number {
  let crc = 0xff;
  for (const byte of [high, low]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) !== 0 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff;
  }
  return crc;
}

const words = (...values: number[]): Uint8Array =>
  Uint8Array.from(
    values.flatMap((value) => {
      const high = (value >> 8) & 0xff;
      const low = value & 0xff;
      return [high, low, sensirionCrc(high, low)];
    }),
  );

export function createVirtualScd41({ air, nowMs }: VirtualScd41Options): VirtualChip {
  let busyUntilMs = 0;
  let periodMs = 0;
  let startedAtMs = 0;
  let readCount = 0;
  let answer: Uint8Array = new Uint8Array(0);

  const isReady = (): boolean => periodMs > 0 && Math.floor((nowMs() - startedAtMs) / periodMs) > readCount;
  const measurement = (): Uint8Array => {
    if (!isReady()) return new Uint8Array(0);
    readCount = Math.floor((nowMs() - startedAtMs) / periodMs);
    const { co2Ppm, temperatureC, humidityPercent } = air(nowMs());
    return words(Math.round(co2Ppm), Math.round(((temperatureC + 45) / 175) * 65_535), Math.round((humidityPercent / 100) * 65_535));
  };
  const start = (period: number): void => {
    periodMs = period;
    startedAtMs = nowMs();
    readCount = 0;
  };

  return {
    address: 0x62,
    write(bytes) {
      if (bytes.length === 0) return nowMs() >= busyUntilMs;
      const command = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      const duration = executionMs[command];
      if (bytes.length < 2 || duration === undefined || nowMs() < busyUntilMs) return false;
      if (periodMs > 0 && !whileMeasuring.has(command)) return false;
      if (bytes.length === 5 && sensirionCrc(bytes[2]!, bytes[3]!) !== bytes[4]) return false;
      busyUntilMs = nowMs() + duration;
      answer = new Uint8Array(0);
      if (command === START_PERIODIC) start(5000);
      else if (command === START_LOW_POWER) start(30_000);
      else if (command === STOP_PERIODIC) periodMs = 0;
      else if (command === GET_DATA_READY) answer = words(isReady() ? 0x8006 : 0x8000);
      else if (command === READ_MEASUREMENT) answer = measurement();
      else if (command === GET_SERIAL) answer = words(...SERIAL);
      else if (command === SELF_TEST) answer = words(0);
      return true;
    },
    read(length) {
      if (nowMs() < busyUntilMs || answer.length === 0) return undefined;
      const bytes = answer.subarray(0, length);
      answer = answer.subarray(length);
      return bytes;
    },
  };
}
