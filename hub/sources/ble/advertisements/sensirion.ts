/**
 * Sensirion gadgets (SHT4x, MyCO2, SEN5x, SCD4x evaluation kits): company 0x06D5.
 * Source: github.com/Sensirion/arduino-ble-gadget, sample types. Advertisement type 0, sample type, device id (2), samples (2 each).
 * Without a check: type, exact width of the sample and bounds.
 */
import type { AdvertisementFamily, BleValue } from '../advertisement.ts';
import { u16le } from './fields.ts';
import { heard, presence, value } from './outcome.ts';

const COMPANY = 0x06d5;

const read = {
  temperature: (raw: number): BleValue => value('temperature', (raw * 175) / 65535 - 45),
  humidity: (raw: number): BleValue => value('humidity', (raw * 100) / 65535),
  // The signal of an SHT4x as the chip gives it, which reaches past both ends
  humidityRaw: (raw: number): BleValue => value('humidity', Math.min(100, Math.max(0, (raw * 125) / 65535 - 6))),
  co2: (raw: number): BleValue => value('co2', raw),
  voc: (raw: number): BleValue => value('voc_index', raw),
  nox: (raw: number): BleValue => value('nox_index', raw),
  dust: (raw: number): BleValue => value('pm2_5', (raw * 1000) / 65535),
  dustTenths: (raw: number): BleValue => value('pm2_5', raw / 10),
  formaldehyde: (raw: number): BleValue => value('formaldehyde', raw / 5),
} as const;

/** By sample type. */
const samples: Readonly<Record<number, readonly (keyof typeof read)[]>> = {
  3: ['temperature', 'humidity', 'voc'],
  4: ['temperature', 'humidity'],
  6: ['temperature', 'humidityRaw'],
  8: ['temperature', 'humidity', 'co2'],
  10: ['temperature', 'humidity', 'co2'],
  12: ['temperature', 'humidity', 'co2', 'dust'],
  14: ['temperature', 'humidity', 'formaldehyde'],
  16: ['temperature', 'humidity', 'voc', 'dust'],
  20: ['temperature', 'humidity', 'co2', 'voc', 'dust', 'formaldehyde'],
  22: ['temperature', 'humidity', 'voc', 'nox'],
  24: ['temperature', 'humidity', 'voc', 'nox', 'dustTenths'],
  26: ['temperature', 'humidity', 'co2', 'voc', 'nox', 'dustTenths'],
  28: ['temperature', 'humidity', 'co2', 'dustTenths'],
  30: ['temperature', 'humidity', 'voc', 'dustTenths'],
  32: ['temperature', 'humidity', 'co2', 'voc', 'dustTenths', 'formaldehyde'],
  34: ['co2'],
};

export const sensirion: AdvertisementFamily = {
  name: 'Sensirion gadgets',
  companies: [COMPANY],
  decode({ name, manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data === undefined || data.length < 4 || data[0] !== 0) return undefined;
    const sample = samples[data[1]!];
    const model = `Sensirion ${name ?? 'gadget'}`;
    if (sample === undefined) return presence(model);
    if (data.length < 4 + 2 * sample.length) return undefined;
    return heard(
      model,
      sample.map((kind, index) => read[kind](u16le(data, 4 + 2 * index))),
    );
  },
};
