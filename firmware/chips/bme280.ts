/**
 * BME280 (temperature, humidity, pressure) and BMP280 (without humidity).
 * Source: Bosch Sensortec BME280 datasheet BST-BME280-DS002, revision 1.23: 4.2.2 (trimming), 5.4 (registers), 8.1 (formulas in doubles).
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { anotherChip, ChipError } from './chip-error.ts';
import type { ChipOfValues } from './chip-reading.ts';

export const BME280_ADDRESS = 0x76;
const CALIB00 = 0x88;
const CALIB_BYTES = 26;
const ID = 0xd0;
const RESET = 0xe0;
const CALIB26 = 0xe1;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const PRESS_MSB = 0xf7;
const BME280_ID = 0x60;
/** BMP280 datasheet 4.3.1; 0x56 and 0x57 are samples. */
const bmp280Ids = new Set([0x56, 0x57, 0x58]);
const RESET_WORD = 0xb6;
/** Table 1: start-up takes 2 ms. */
const START_MS = 5;
const IM_UPDATE = 0x01;
const MEASURING = 0x08;
/** 3.5.1, weather monitoring: forced mode, each once: least self-heating. */
const OVERSAMPLING_1 = 0b001;
const FORCED = 0b01;
/** 9.1: 9.3 ms at most with everything once. */
const MEASURE_MS = 10;
/** Raw values of a measurement that was skipped or never made (5.4.7). */
const SKIPPED_20_BIT = 0x8_0000;
const SKIPPED_16_BIT = 0x8000;

/** Trimming parameters by their names in table 16. */
export interface Trimming {
  readonly T: readonly [number, number, number];
  readonly P: readonly [number, number, number, number, number, number, number, number, number];
  readonly H: readonly [number, number, number, number, number, number];
}

/** The two runs of trimming registers, 0x88 to 0xA1 and 0xE1 to 0xE7 (table 16). */
export function trimmingOf(low: Uint8Array, high: Uint8Array): Trimming {
  const view = new DataView(low.buffer, low.byteOffset, low.length);
  const signed = (at: number): number => view.getInt16(at, true);
  const wide = new DataView(high.buffer, high.byteOffset, high.length);
  const h4 = (wide.getInt8(3) << 4) | (high[4]! & 0x0f);
  const h5 = (wide.getInt8(5) << 4) | (high[4]! >> 4);
  return {
    T: [view.getUint16(0, true), signed(2), signed(4)],
    P: [view.getUint16(6, true), signed(8), signed(10), signed(12), signed(14), signed(16), signed(18), signed(20), signed(22)],
    H: [low[25]!, wide.getInt16(0, true), high[2]!, h4, h5, wide.getInt8(6)],
  };
}

/** Raw readings to degrees, Pa and %, by the double-precision formulas of 8.1. */
export function compensate(
  { T, P, H }: Trimming,
  raw: { readonly temperature: number; readonly pressure: number; readonly humidity: number },
): { readonly temperatureC: number; readonly pressurePa: number; readonly humidityPercent: number } {
  const t1 = (raw.temperature / 16_384 - T[0] / 1024) * T[1];
  const t2 = (raw.temperature / 131_072 - T[0] / 8192) ** 2 * T[2];
  const fine = t1 + t2;

  let p1 = fine / 2 - 64_000;
  let p2 = (p1 * p1 * P[5]) / 32_768 + p1 * P[4] * 2;
  p2 = p2 / 4 + P[3] * 65_536;
  p1 = ((P[2] * p1 * p1) / 524_288 + P[1] * p1) / 524_288;
  p1 = (1 + p1 / 32_768) * P[0];
  let pressure = 0;
  if (p1 !== 0) {
    pressure = ((1_048_576 - raw.pressure - p2 / 4096) * 6250) / p1;
    pressure += ((P[8] * pressure * pressure) / 2_147_483_648 + (pressure * P[7]) / 32_768 + P[6]) / 16;
  }

  let humidity = fine - 76_800;
  humidity =
    (raw.humidity - (H[3] * 64 + (H[4] / 16_384) * humidity)) *
    ((H[1] / 65_536) * (1 + (H[5] / 67_108_864) * humidity * (1 + (H[2] / 67_108_864) * humidity)));
  humidity *= 1 - (H[0] * humidity) / 524_288;
  return { temperatureC: fine / 5120, pressurePa: pressure, humidityPercent: Math.max(0, Math.min(100, humidity)) };
}

/** Measures once for each value. Rejects with ChipError when another chip answers. */
export async function openBme280(bus: I2cBus, clock: Clock, address = BME280_ADDRESS): Promise<ChipOfValues> {
  const at = `BME280 at ${hex(address)}`;
  const get = async (register: number): Promise<number> => (await bus.read(address, register, 1))[0]!;
  const set = (register: number, value: number): Promise<void> => bus.write(address, Uint8Array.of(register, value));

  const id = await get(ID);
  const hasHumidity = id === BME280_ID;
  if (!hasHumidity && !bmp280Ids.has(id)) throw anotherChip(at, 'id', id, BME280_ID);
  await set(RESET, RESET_WORD);
  await clock.sleep(START_MS);
  for (let tries = 0; ((await get(STATUS)) & IM_UPDATE) !== 0; tries++) {
    if (tries === 20) throw new ChipError(at, 'it does not finish its start-up: check its supply');
    await clock.sleep(START_MS);
  }
  const low = await bus.read(address, CALIB00, CALIB_BYTES);
  const high = hasHumidity ? await bus.read(address, CALIB26, 7) : new Uint8Array(7);
  const trimming = trimmingOf(low, high);
  if (trimming.T[0] === 0 || trimming.P[0] === 0) throw new ChipError(at, 'its trimming registers are empty: a broken or counterfeit chip');
  await set(CONFIG, 0);
  if (hasHumidity) await set(CTRL_HUM, OVERSAMPLING_1);

  return {
    async read() {
      await set(CTRL_MEAS, (OVERSAMPLING_1 << 5) | (OVERSAMPLING_1 << 2) | FORCED);
      await clock.sleep(MEASURE_MS);
      for (let tries = 0; ((await get(STATUS)) & MEASURING) !== 0; tries++) {
        if (tries === 10) return { kind: 'spoiled', message: `${at}: a measurement did not end` };
        await clock.sleep(MEASURE_MS);
      }
      const bytes = await bus.read(address, PRESS_MSB, hasHumidity ? 8 : 6);
      const twenty = (from: number): number => (bytes[from]! << 12) | (bytes[from + 1]! << 4) | (bytes[from + 2]! >> 4);
      const raw = { pressure: twenty(0), temperature: twenty(3), humidity: hasHumidity ? (bytes[6]! << 8) | bytes[7]! : SKIPPED_16_BIT };
      if (raw.temperature === SKIPPED_20_BIT || raw.pressure === SKIPPED_20_BIT) return { kind: 'none' };
      const { temperatureC: temperature, pressurePa, humidityPercent: humidity } = compensate(trimming, raw);
      return { kind: 'values', values: { temperature, pressure: pressurePa / 100, ...(hasHumidity ? { humidity } : {}) } };
    },
  };
}
