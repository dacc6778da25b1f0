/**
 * RuuviTag and Ruuvi Air: company 0x0499, data formats 3, 5, 6 and E1; formats 2 and 4 in an Eddystone URL.
 * Source: docs.ruuvi.com, "Data formats". A value that the format marks as not available is left out. Formats 5, 6 and E1 repeat the
 * address or its end; 3 has its length.
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { i16be, u16be, u24be } from './fields.ts';
import { heard, state, value } from './outcome.ts';

const COMPANY = 0x0499;
const NONE_SIGNED = -32768;
const NONE = 0xffff;
const NONE_9_BITS = 0x1ff;

/** Unsigned big-endian field with its unit, where available. */
function add(
  into: BleValue[],
  quantity: BleValue['quantity'],
  raw: number,
  none: number,
  convert: (raw: number) => number,
  channel?: number,
): void {
  if (raw !== none) into.push(value(quantity, convert(raw), channel));
}

const climate = (into: BleValue[], data: Uint8Array): void => {
  add(into, 'temperature', i16be(data, 1), NONE_SIGNED, (raw) => raw / 200);
  add(into, 'humidity', u16be(data, 3), NONE, (raw) => raw / 400);
  add(into, 'pressure', u16be(data, 5), NONE, (raw) => (raw + 50_000) / 100);
};

function acceleration(into: BleValue[], data: Uint8Array, at: number): void {
  for (let axis = 0; axis < 3; axis++) add(into, 'acceleration', i16be(data, at + 2 * axis), NONE_SIGNED, (raw) => raw / 1000, axis + 1);
}

/** Sign and magnitude, then hundredths. */
const signedHundredths = (data: Uint8Array, at: number): number => {
  const magnitude = ((data[at]! & 0x7f) * 100 + data[at + 1]!) / 100;
  return data[at]! & 0x80 ? -magnitude : magnitude;
};

function format3(data: Uint8Array): DecodedAdvertisement {
  const values = [
    value('humidity', data[1]! / 2),
    value('temperature', signedHundredths(data, 2)),
    value('pressure', (u16be(data, 4) + 50_000) / 100),
  ];
  acceleration(values, data, 6);
  values.push(value('battery_voltage', u16be(data, 12) / 1000));
  return heard('RuuviTag', values);
}

function format5(data: Uint8Array): DecodedAdvertisement {
  const values: BleValue[] = [];
  climate(values, data);
  acceleration(values, data, 7);
  const power = u16be(data, 13);
  add(values, 'battery_voltage', power >> 5, 0x7ff, (raw) => (raw + 1600) / 1000);
  add(values, 'tx_power', power & 0x1f, 0x1f, (raw) => raw * 2 - 40);
  add(values, 'movements', data[15]!, 0xff, (raw) => raw);
  const sequence = u16be(data, 16);
  return heard('RuuviTag', values, { packet: sequence === NONE ? undefined : sequence });
}

/** Volatile organic compounds and nitrogen oxides: nine bits each, the lowest in the flags. */
function indices(into: BleValue[], voc: number, nox: number, flags: number): void {
  add(into, 'voc_index', (voc << 1) | ((flags >> 6) & 1), NONE_9_BITS, (raw) => raw);
  add(into, 'nox_index', (nox << 1) | (flags >> 7), NONE_9_BITS, (raw) => raw);
}

function format6(data: Uint8Array): DecodedAdvertisement {
  const values: BleValue[] = [];
  climate(values, data);
  add(values, 'pm2_5', u16be(data, 7), NONE, (raw) => raw / 10);
  add(values, 'co2', u16be(data, 9), NONE, (raw) => raw);
  indices(values, data[11]!, data[12]!, data[16]!);
  // Logarithmic: 254 steps to 65535 lx
  add(values, 'illuminance', data[13]!, 0xff, (raw) => Math.exp((raw * Math.log(65536)) / 254) - 1);
  return heard('Ruuvi Air', values, { events: [state('calibrating', (data[16]! & 1) !== 0)], packet: data[15]! });
}

function formatE1(data: Uint8Array): DecodedAdvertisement {
  const values: BleValue[] = [];
  climate(values, data);
  for (const [index, quantity] of (['pm1', 'pm2_5', 'pm4', 'pm10'] as const).entries())
    add(values, quantity, u16be(data, 7 + 2 * index), NONE, (raw) => raw / 10);
  add(values, 'co2', u16be(data, 15), NONE, (raw) => raw);
  indices(values, data[17]!, data[18]!, data[28]!);
  add(values, 'illuminance', u24be(data, 19), 0xff_ffff, (raw) => raw / 100);
  const sequence = u24be(data, 25);
  return heard('Ruuvi Air', values, {
    events: [state('calibrating', (data[28]! & 1) !== 0)],
    packet: sequence === 0xff_ffff ? undefined : sequence,
  });
}

const URL_PREFIX = 'ruu.vi/#';

/** Eddystone URL (frame 0x10, https://): eight characters of base64, and in format 4 one that tells tags apart. */
function fromUrl(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data[0] !== 0x10 || data[2] !== 0x03) return undefined;
  const text = Buffer.from(data.subarray(3)).toString('latin1');
  if (!text.startsWith(URL_PREFIX) || text.length < URL_PREFIX.length + 8) return undefined;
  const bytes = Buffer.from(text.slice(URL_PREFIX.length, URL_PREFIX.length + 8), 'base64url');
  if (bytes.length !== 6 || (bytes[0] !== 2 && bytes[0] !== 4)) return undefined;
  return heard('RuuviTag', [
    value('humidity', bytes[1]! / 2),
    value('temperature', signedHundredths(bytes, 2)),
    value('pressure', (u16be(bytes, 4) + 50_000) / 100),
  ]);
}

/** Whether the last `length` bytes are the end of the sender's address; a tag without one writes FF. */
function endsWithAddress(address: string | null, data: Uint8Array, at: number, length: number): boolean {
  if (address === null) return true;
  for (let index = 0; index < length; index++) {
    const own = Number.parseInt(address.slice(3 * (6 - length + index), 3 * (6 - length + index) + 2), 16);
    if (data[at + index] !== own && data[at + index] !== 0xff) return false;
  }
  return true;
}

export const ruuvi: AdvertisementFamily = {
  name: 'RuuviTag, Ruuvi Air',
  companies: [COMPANY],
  serviceData: ['feaa'],
  verbatim: true,
  decode({ address, manufacturerData, serviceData }) {
    const url = serviceData.get('feaa');
    if (url !== undefined) return fromUrl(url);
    const data = manufacturerData.get(COMPANY);
    if (data === undefined) return undefined;
    if (data[0] === 3 && data.length >= 14 && data.length <= 20) return format3(data);
    if (data[0] === 5 && data.length >= 24 && endsWithAddress(address, data, 18, 6)) return format5(data);
    if (data[0] === 6 && data.length === 20 && endsWithAddress(address, data, 17, 3)) return format6(data);
    if (data[0] === 0xe1 && data.length === 40 && endsWithAddress(address, data, 34, 6)) return formatE1(data);
    return undefined;
  },
};
