/**
 * Govee thermometers, air monitors and grill thermometers: companies 0xEC88, 0x0001, 0x8801, and for grill thermometers a listed
 * service UUID or the length, as their company field holds part of the address.
 * Source: what owners found (github.com/wcbonner/GoveeBTTempLogger, README; Theengs and ble_monitor issue trackers).
 * Without a check: lengths, names, service UUIDs and bounds.
 */
import type { Advertisement, AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { i16be, i16le, u16be, u16le, u24be, u32be } from './fields.ts';
import { heard, value } from './outcome.ts';

/** An iBeacon that some firmware glues to the end: 4C 00 02 15 "INTELLI_ROCKS_HW" and numbers. */
const GLUED_BYTES = 25;

/** Temperature and humidity in one number: tenths of a degree in the thousands, tenths of a percent below; the top bit is a sign. */
function packed(raw: number): readonly BleValue[] {
  const magnitude = raw & 0x7f_ffff;
  const tenths = Math.floor(magnitude / 1000);
  return [value('temperature', (raw & 0x80_0000 ? -tenths : tenths) / 10), value('humidity', (magnitude % 1000) / 10)];
}

/** As {@link packed} with PM2.5 in the lowest thousand. */
function packedWithDust(raw: number): readonly BleValue[] {
  const magnitude = raw % 0x8000_0000;
  const tenths = Math.floor(magnitude / 1_000_000);
  return [
    value('temperature', (raw >= 0x8000_0000 ? -tenths : tenths) / 10),
    value('humidity', Math.floor((magnitude % 1_000_000) / 1000) / 10),
    value('pm2_5', magnitude % 1000),
  ];
}

const hundredths = (data: Uint8Array, at: number): readonly BleValue[] => [
  value('temperature', i16le(data, at) / 100),
  value('humidity', u16le(data, at + 2) / 100),
  value('battery', data[at + 4]!),
];

/** Company 0xEC88. */
function hygrometer(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length === 6) return heard('Govee H5072/H5075', [...packed(u24be(data, 1)), value('battery', data[4]! & 0x7f)]);
  if (data.length === 7) return heard('Govee H5074', hundredths(data, 1));
  return data.length === 9 ? heard('Govee H5051/H5052/H5071', hundredths(data, 1)) : undefined;
}

const SMART_NAME = /^GVH?51(?:0[0-5]|1[0-2]|74|77)/;

/** Company 0x0001, which other makers use too: 01 01 or 00 01 first, and for the newer kinds the name. */
function smart(name: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data[1] !== 1 || data[0]! > 1) return undefined;
  if (name?.includes('5106') && data.length === 6) return heard('Govee H5106', packedWithDust(u32be(data, 2)));
  if (name?.includes('5140') && data.length === 8) return heard('Govee H5140', [...packed(u24be(data, 2)), value('co2', u16be(data, 5))]);
  // A probe alone: the lowest thousand says nothing
  if (name?.includes('5108'))
    return data.length >= 6 ? heard('Govee H5108', [packed(u24be(data, 2))[0]!, value('battery', data[5]! & 0x7f)]) : undefined;
  if (data.length === 6 || (data.length === 8 && SMART_NAME.test(name ?? '')))
    return heard('Govee H5100 to H5177', [...packed(u24be(data, 2)), value('battery', data[5]! & 0x7f)]);
  if (data.length !== 9 || data[2]! > 1) return undefined;
  // One broadcast for the display, one for its outdoor part
  const channel = data[2]! + 1;
  return heard(
    'Govee H5178',
    [...packed(u24be(data, 3)), value('battery', data[6]!)].map((one) => ({ ...one, channel })),
  );
}

/** Grill thermometers, by listed UUID (the model's digits, swapped): where each probe's reading stands, hundredths, big-endian, negative for none. */
const grills: Readonly<
  Record<string, { readonly model: string; readonly bytes: number; readonly probes: readonly number[]; readonly pairs?: true }>
> = {
  '8151': { model: 'H5181', bytes: 14, probes: [8] },
  '8251': { model: 'H5182', bytes: 17, probes: [8, 13] },
  '8351': { model: 'H5183', bytes: 14, probes: [8] },
  '8451': { model: 'H5184', bytes: 17, probes: [8, 13], pairs: true },
  '8551': { model: 'H5185', bytes: 20, probes: [8, 14] },
  '9151': { model: 'H5191', bytes: 20, probes: [8, 14] },
  '9851': { model: 'H5198', bytes: 20, probes: [8, 14], pairs: true },
};

function grill(advertisement: Advertisement): DecodedAdvertisement | undefined {
  for (const uuid of advertisement.serviceUuids) {
    const layout = grills[uuid];
    if (layout === undefined) continue;
    for (const data of advertisement.manufacturerData.values()) {
      if (data.length !== layout.bytes) continue;
      const pair = layout.pairs ? data[6]! & 0x3f : 1;
      if (pair !== 1 && pair !== 2) return undefined;
      const values: BleValue[] = [];
      for (const [index, at] of layout.probes.entries())
        if (i16be(data, at) >= 0) values.push(value('temperature', i16be(data, at) / 100, (pair - 1) * 2 + index + 1));
      return heard(`Govee ${layout.model}`, values);
    }
  }
  return undefined;
}

/** H5055: whole degrees of two of six probes, the pair in the top bits. Its company field is part of its address. */
function h5055(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== H5055_BYTES || u16be(data, 18) !== 0 || data[3]! >> 6 === 3 || !H5055_KINDS.includes(data[4]!)) return undefined;
  const first = (data[3]! >> 6) * 2 + 1;
  const values: BleValue[] = [];
  for (const [index, at] of [5, 12].entries())
    if (u16le(data, at) !== 0xffff) values.push(value('temperature', u16le(data, at), first + index));
  values.push(value('battery', data[2]!));
  return heard('Govee H5055', values);
}

const H5055_BYTES = 20;
/** What stands after the pair in every broadcast of it that owners recorded. */
const H5055_KINDS = [0x06, 0x20, 0x22];

/** Grill probes go where no air does: read as they are, within this. */
const HOTTEST_PROBE = 400;
const probesFit = (outcome: DecodedAdvertisement | undefined): DecodedAdvertisement | undefined =>
  outcome?.kind === 'values' && outcome.values.every(({ quantity, value: amount }) => quantity !== 'temperature' || amount <= HOTTEST_PROBE)
    ? outcome
    : undefined;

export const govee: AdvertisementFamily = {
  name: 'Govee',
  companies: [0xec88, 0x0001, 0x8801],
  serviceUuids: Object.keys(grills),
  lengths: [H5055_BYTES],
  decode(advertisement) {
    const grilled = probesFit(grill(advertisement));
    if (grilled !== undefined) return grilled;
    for (const [company, whole] of advertisement.manufacturerData) {
      const data = whole.length > GLUED_BYTES ? whole.subarray(0, whole.length - GLUED_BYTES) : whole;
      let outcome: DecodedAdvertisement | undefined;
      if (company === 0xec88) outcome = hygrometer(data);
      else if (company === 0x0001) outcome = smart(advertisement.name, data);
      else if (company === 0x8801 && data.length === 9) outcome = heard('Govee H5179', hundredths(data, 4));
      else outcome = probesFit(h5055(data));
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  },
};
