/**
 * SensorPush HT1, HT.w and HTP.xw: by listed service UUID, as their company field is part of the readings.
 * Source: what owners found (github.com/rsnodgrass/pysensorpush issues, HA sensorpush). HT.w and HTP.xw: each value as a count of steps
 * above its lowest, all in one mixed-radix number. Without a check: exact lengths, page, kind and bounds.
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { heard, value } from './outcome.ts';

const HT1_UUID = 'ef090000-11d6-42ba-93b8-9dd7ec090aa9';
const V2_UUID = 'ef090000-11d6-42ba-93b8-9dd7ec090ab0';

interface Digit {
  readonly quantity: BleValue['quantity'];
  readonly lowest: number;
  readonly step: number;
  readonly counts: number;
  /** From the digit's unit to the quantity's. */
  readonly divisor: number;
}
const kinds: Readonly<Record<number, { readonly model: string; readonly bytes: number; readonly digits: readonly Digit[] }>> = {
  0: {
    model: 'SensorPush HTP.xw',
    bytes: 7,
    digits: [
      { quantity: 'temperature', lowest: -40, step: 0.0025, counts: 72_001, divisor: 1 },
      { quantity: 'humidity', lowest: 0, step: 0.0025, counts: 40_001, divisor: 1 },
      { quantity: 'pressure', lowest: 30_000, step: 1, counts: 95_001, divisor: 100 },
    ],
  },
  1: {
    model: 'SensorPush HT.w',
    bytes: 5,
    digits: [
      { quantity: 'temperature', lowest: -40, step: 0.0025, counts: 66_001, divisor: 1 },
      { quantity: 'humidity', lowest: 0, step: 0.0025, counts: 40_001, divisor: 1 },
    ],
  },
};

function current(data: Uint8Array): DecodedAdvertisement | undefined {
  const kind = (data[0]! & 3) === 0 ? kinds[data[0]! >> 2] : undefined;
  if (kind === undefined || data.length !== kind.bytes) return undefined;
  let packed = 0;
  for (let index = data.length - 1; index > 0; index--) packed = packed * 256 + data[index]!;
  const values: BleValue[] = [];
  for (const { quantity, lowest, step, counts, divisor } of kind.digits) {
    values.push(value(quantity, Number((((packed % counts) * step + lowest) / divisor).toFixed(4))));
    packed = Math.floor(packed / counts);
  }
  return heard(kind.model, values);
}

function ht1(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length < 4 || (data[3]! & 0x7c) >> 2 !== 1) return undefined;
  const humidity = data[0]! | ((data[1]! & 0x0f) << 8);
  const temperature = (data[1]! >> 4) | (data[2]! << 4) | ((data[3]! & 3) << 12);
  return heard('SensorPush HT1', [
    value('temperature', -46.85 + (175.72 * temperature) / 16384),
    value('humidity', Math.min(100, Math.max(0, -6 + (125 * humidity) / 4096))),
  ]);
}

export const sensorpush: AdvertisementFamily = {
  name: 'SensorPush',
  serviceUuids: [HT1_UUID, V2_UUID],
  decode({ serviceUuids, manufacturerData }) {
    for (const [company, rest] of manufacturerData) {
      const data = Uint8Array.of(company & 0xff, company >> 8, ...rest);
      const outcome = serviceUuids.includes(HT1_UUID) ? ht1(data) : current(data);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  },
};
