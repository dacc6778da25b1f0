/**
 * From a broadcast to what it says: the table of families, by service UUID, company identifier and name.
 *
 * Most broadcasts around a hub are other people's phones. They cost three look-ups and no memory: company identifiers and 16-bit UUIDs
 * are indices into arrays, and {@link concernsUs} asks the raw bytes before anything is parsed.
 */
import { isPlausible } from '../../../../firmware/protocol/quantities.ts';
import type { Advertisement, AdvertisementFamily, BleContext, DecodedAdvertisement } from '../advertisement.ts';
import { families } from './families.ts';
import { u16le } from './fields.ts';
import { refused } from './outcome.ts';

type Candidates = readonly AdvertisementFamily[];

const NUMBERS = 0x1_0000;
const byCompany: (AdvertisementFamily[] | undefined)[] = new Array(NUMBERS).fill(undefined);
const byServiceData = new Map<string, AdvertisementFamily[]>();
const byServiceUuid = new Map<string, AdvertisementFamily[]>();
const LONGEST = 252;
const byLength: (AdvertisementFamily[] | undefined)[] = new Array(LONGEST + 1).fill(undefined);
const byNameStart = new Map<string, { readonly prefix: string; readonly family: Candidates }[]>();
/** 1 where a 16-bit UUID of service data is some family's. */
const knownServiceData = new Uint8Array(NUMBERS);

for (const family of families) {
  for (const company of family.companies ?? []) {
    byCompany[company] ??= [];
    byCompany[company].push(family);
  }
  for (const uuid of family.serviceData ?? []) {
    byServiceData.set(uuid, [...(byServiceData.get(uuid) ?? []), family]);
    if (uuid.length === 4) knownServiceData[Number.parseInt(uuid, 16)] = 1;
  }
  for (const length of family.lengths ?? []) {
    byLength[length] ??= [];
    byLength[length].push(family);
  }
  for (const uuid of family.serviceUuids ?? []) byServiceUuid.set(uuid, [...(byServiceUuid.get(uuid) ?? []), family]);
  for (const prefix of family.names ?? []) {
    const start = prefix.slice(0, 2);
    byNameStart.set(start, [...(byNameStart.get(start) ?? []), { prefix, family: [family] }]);
  }
}

/** How much an outcome says; the highest of several is told. */
const worth = { values: 3, locked: 2, refused: 1, presence: 0 } as const;

function checked(family: AdvertisementFamily, outcome: DecodedAdvertisement): DecodedAdvertisement {
  if (outcome.kind !== 'values' || family.verbatim) return outcome;
  // Probes of grills are hotter than any room: their family looks for itself
  for (const { quantity, value, channel } of outcome.values)
    if (!isPlausible(quantity, value) && !(channel !== undefined && quantity === 'temperature')) return refused(outcome.model, 'malformed');
  return outcome;
}

function best(
  candidates: Candidates | undefined,
  advertisement: Advertisement,
  context: BleContext,
  so: DecodedAdvertisement | undefined,
): DecodedAdvertisement | undefined {
  let told = so;
  if (candidates === undefined) return told;
  for (const family of candidates) {
    const said = family.decode(advertisement, context);
    if (said === undefined) continue;
    const outcome = checked(family, said);
    if (told === undefined || worth[outcome.kind] > worth[told.kind]) told = outcome;
    if (told.kind === 'values') return told;
  }
  return told;
}

/**
 * What a broadcast says; undefined for one of no known family. Values in the quantities' own units. Never throws, whatever the bytes.
 * Values outside a quantity's bounds make the whole broadcast `refused: malformed`, except where the format authenticates itself.
 */
export function decodeAdvertisement(advertisement: Advertisement, context: BleContext): DecodedAdvertisement | undefined {
  let told: DecodedAdvertisement | undefined;
  if (advertisement.serviceData.size > 0)
    for (const uuid of advertisement.serviceData.keys()) {
      told = best(byServiceData.get(uuid), advertisement, context, told);
      if (told?.kind === 'values') return told;
    }
  const { serviceUuids, name } = advertisement;
  for (let index = 0; index < serviceUuids.length; index++) {
    told = best(byServiceUuid.get(serviceUuids[index]!), advertisement, context, told);
    if (told?.kind === 'values') return told;
  }
  if (name !== null && name.length >= 2) {
    const starts = byNameStart.get(name.slice(0, 2));
    if (starts !== undefined)
      for (const { prefix, family } of starts) {
        if (!name.startsWith(prefix)) continue;
        told = best(family, advertisement, context, told);
        if (told?.kind === 'values') return told;
      }
  }
  if (advertisement.manufacturerData.size > 0)
    for (const company of advertisement.manufacturerData.keys()) {
      told = best(byCompany[company], advertisement, context, told);
      if (told?.kind === 'values') return told;
    }
  if (told === undefined && advertisement.manufacturerData.size > 0)
    for (const data of advertisement.manufacturerData.values()) told = best(byLength[data.length], advertisement, context, told);
  return told;
}

const APPLE = 0x004c;
const NAME_SHORT = 0x08;
const NAME_COMPLETE = 0x09;

/**
 * Whether raw advertising data may be of a known family: asked before parsing, without memory. False is certain for service data and
 * companies; names and listed services, which few families need, are looked at by their first characters and let through when in doubt.
 */
export function concernsUs(data: Uint8Array): boolean {
  for (let at = 0; at + 1 < data.length; ) {
    const length = data[at]!;
    const end = at + 1 + length;
    if (length === 0 || end > data.length) return false;
    switch (data[at + 1]) {
      case 0x16:
        if (length >= 3 && knownServiceData[u16le(data, at + 2)] === 1) return true;
        break;
      case 0xff: {
        if (length < 3) break;
        const company = u16le(data, at + 2);
        // Of Apple's only iBeacons are read
        if (company === APPLE ? data[at + 4] === 0x02 : byCompany[company] !== undefined || byLength[length - 3] !== undefined) return true;
        break;
      }
      case 0x02:
      case 0x03:
        for (let item = at + 2; item + 2 <= end; item += 2) if (knownListed[u16le(data, item)] === 1) return true;
        break;
      case 0x06:
      case 0x07:
      case 0x20:
      case 0x21:
        return true;
      case NAME_SHORT:
      case NAME_COMPLETE:
        if (length >= 3 && knownNameStart[u16le(data, at + 2)] === 1) return true;
        break;
    }
    at = end;
  }
  return false;
}

const knownListed = new Uint8Array(NUMBERS);
for (const uuid of byServiceUuid.keys()) if (uuid.length === 4) knownListed[Number.parseInt(uuid, 16)] = 1;
const knownNameStart = new Uint8Array(NUMBERS);
for (const start of byNameStart.keys()) knownNameStart[start.charCodeAt(0) | (start.charCodeAt(1) << 8)] = 1;
