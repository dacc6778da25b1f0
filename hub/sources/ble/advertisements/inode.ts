/**
 * iNode energy meters and care sensors: the high byte of the company field is the product.
 * Source: "iNode sensors: format of advertising data" of the maker. Without a check: products, exact lengths, bounds.
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { u16le, u32le } from './fields.ts';
import { heard, value } from './outcome.ts';

/** Low bytes that iNode uses, by what is metered or which protocol the sensor speaks. */
const LOW_BYTES = [0x90, 0x92, 0x94, 0x96];
const METER = 0x82;
const WATER_LOW = 0x96;
const GAS_LOW = 0x94;
const careSensors: Readonly<Record<number, string>> = {
  0x91: 'Care Sensor 1',
  0x92: 'Care Sensor 2',
  0x93: 'Care Sensor 3',
  0x94: 'Care Sensor 4',
  0x95: 'Care Sensor 5',
  0x96: 'Care Sensor 6',
  0x9a: 'Care Sensor T',
  0x9b: 'Care Sensor HT',
  0x9c: 'Care Sensor PT',
  0x9d: 'Care Sensor PHT',
};

/** Charge in tenths, 1 meaning full; the voltage is the maker's own line through the charge. */
function battery(step: number): readonly BleValue[] {
  const percent = step === 1 ? 100 : 10 * (Math.min(step, 11) - 1);
  return percent < 0 ? [] : [value('battery', percent), value('battery_voltage', Number((((percent - 10) * 1.2) / 100 + 1.8).toFixed(3)))];
}

/** Pulses of the last minute, pulses in all, pulses for a unit; battery and light; the weekday's total. */
function meter(low: number, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 11) return undefined;
  const options = u16le(data, 6);
  const unit = options >> 14;
  const volume = unit === 1 || low === WATER_LOW || low === GAS_LOW;
  const perUnit = options & 0x3fff || (volume ? 1000 : 100);
  const perHour = (u16le(data, 0) * 60) / perUnit;
  const total = u32le(data, 2) / perUnit;
  const values: BleValue[] =
    unit > 1
      ? [value('count', u32le(data, 2))]
      : volume
        ? [value('volume_flow', perHour), low === GAS_LOW ? value('gas_volume', total) : value('water_volume', total * 1000)]
        : [value('power', perHour * 1000), value('energy', total)];
  return heard('iNode Energy Meter', [...values, ...battery(data[8]! >> 4), value('brightness', ((data[8]! & 0x0f) * 100) / 15)]);
}

/** Alarms have eleven bits, a hygrometer's signals fourteen: more is noise. */
const ALARM_BITS = 0x07ff;
const SIGNAL_BITS = 0x3fff;

const within = (lowest: number, amount: number, highest: number): number => Math.max(lowest, Math.min(amount, highest));

/** The maker's app shows no temperature outside -30 to 70 and no humidity outside 1 to 100. */
function care(product: number, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 22 || u16le(data, 2) > ALARM_BITS) return undefined;
  const [rawPressure, rawTemperature, rawHumidity] = [u16le(data, 4), u16le(data, 6), u16le(data, 8)];
  const hygrometer = product === 0x93 || product === 0x9b || product === 0x9d;
  if (hygrometer && (rawTemperature > SIGNAL_BITS || rawHumidity > SIGNAL_BITS)) return undefined;
  const values: BleValue[] = [];
  if (product === 0x9c) values.push(value('temperature', 42.5 + ((rawTemperature << 16) >> 16) / 480));
  else if (hygrometer) values.push(value('temperature', within(-30, (175.72 * rawTemperature * 4) / 65536 - 46.85, 70)));
  else if (product === 0x92 || product === 0x9a) {
    const degrees = data[6]! * 0.0625 + 16 * (data[7]! & 0x0f) - (data[7]! & 0x10 ? 256 : 0);
    values.push(value('temperature', within(-30, degrees, 70)));
  } else values.push(value('temperature', within(-30, rawTemperature > 127 ? rawTemperature - 8192 : rawTemperature, 70)));
  if (hygrometer) values.push(value('humidity', within(1, (125 * rawHumidity * 4) / 65536 - 6, 100)));
  if (product === 0x9c || product === 0x9d) values.push(value('pressure', rawPressure / 16));
  if (product <= 0x96) values.push(value('motion', rawPressure >> 15));
  values.push(...battery(data[1]! >> 4));
  return heard(`iNode ${careSensors[product]}`, values);
}

export const inode: AdvertisementFamily = {
  name: 'iNode',
  companies: [METER, ...Object.keys(careSensors).map(Number)].flatMap((product) => LOW_BYTES.map((low) => (product << 8) | low)),
  decode({ manufacturerData }) {
    for (const [company, data] of manufacturerData) {
      const product = company >> 8;
      const outcome =
        product === METER ? meter(company & 0xff, data) : careSensors[product] !== undefined ? care(product, data) : undefined;
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  },
};
