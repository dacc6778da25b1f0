/**
 * MiBeacon, the broadcast of Xiaomi's ecosystem: service data 0xFE95, versions 2 to 5, open and encrypted.
 * Source: MiBeacon protocol page of Xiaomi's IoT platform.
 *
 * Bytes: frame control (2), product (2), frame counter (1), address (6, if bit 4), capability (1, if bit 5; 2 where it has 0x20),
 * objects: number (2), length (1), bytes.
 * Versions 4 and 5: AES-128-CCM, tag 4; nonce: address (last byte first), product, frame counter, extended counter (3 before the tag);
 * additional data 0x11. Versions 2 and 3: a 12-byte key widened by 8D 3D 3C 97, counter mode, and one byte of a tag that says
 * nothing: there the right key is told by objects that are known and end exactly with the data.
 */
import type { Advertisement, AdvertisementFamily, BleContext, BleEvent, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { ccmKeystream, KEY_BYTES, openCcm, TAG_BYTES } from './ccm.ts';
import { addressBytes, repeatsAddress, u16le, u24le } from './fields.ts';
import { mibeaconProduct } from './mibeacon-devices.ts';
import { mibeaconObject } from './mibeacon-objects.ts';
import { heard, locked, presence, refused } from './outcome.ts';
import { freshness } from './replay.ts';

const ENCRYPTED = 1 << 3;
const WITH_ADDRESS = 1 << 4;
const WITH_CAPABILITY = 1 << 5;
const WITH_OBJECT = 1 << 6;
const MESH = 1 << 7;
const CAPABILITY_IO = 0x20;
const EXTENDED_COUNTER_BYTES = 3;
/** Bytes after the encrypted objects of versions 2 and 3: counter (3) and a check byte. */
const LEGACY_END_BYTES = 4;
const LEGACY_KEY_BYTES = 12;
const LEGACY_KEY_FILL = [0x8d, 0x3d, 0x3c, 0x97];
const AAD = Uint8Array.of(0x11);

type Opened = { readonly objects: Uint8Array; readonly counter?: number } | DecodedAdvertisement;

function openCurrent(model: string, data: Uint8Array, start: number, address: Uint8Array, context: BleContext): Opened {
  const end = data.length - TAG_BYTES - EXTENDED_COUNTER_BYTES;
  if (end <= start) return refused(model, 'malformed');
  if (context.key === undefined) return locked(model);
  if (context.key.length !== KEY_BYTES) return refused(model, 'wrong key');
  const nonce = new Uint8Array(12);
  nonce.set(address.slice().reverse());
  nonce.set(data.subarray(2, 5), 6);
  nonce.set(data.subarray(end, end + EXTENDED_COUNTER_BYTES), 9);
  const objects = openCcm(context.key, nonce, data.subarray(start, end), data.subarray(data.length - TAG_BYTES), AAD);
  if (objects === null) return refused(model, 'wrong key');
  const counter = u24le(data, end) * 256 + data[4]!;
  const age = freshness(counter, context.lastCounter);
  return age !== 'fresh' ? refused(model, age) : { objects, counter };
}

function openLegacy(model: string, data: Uint8Array, start: number, address: Uint8Array, context: BleContext): Opened {
  const end = data.length - LEGACY_END_BYTES;
  if (end < start + 3) return refused(model, 'malformed');
  if (context.key === undefined) return locked(model);
  if (context.key.length !== LEGACY_KEY_BYTES) return refused(model, 'wrong key');
  const key = new Uint8Array(KEY_BYTES);
  key.set(context.key.subarray(0, 6));
  key.set(LEGACY_KEY_FILL, 6);
  key.set(context.key.subarray(6), 10);
  const nonce = new Uint8Array(13);
  nonce.set(data.subarray(0, 5));
  nonce.set(data.subarray(end, end + 3), 5);
  nonce.set(address.slice(1).reverse(), 8);
  const objects = ccmKeystream(key, nonce, data.subarray(start, end));
  return objects[2]! + 3 === objects.length && mibeaconObject(u16le(objects, 0), objects.subarray(3), model) !== undefined
    ? { objects }
    : refused(model, 'wrong key');
}

/** Values and events of the objects; an object that is not known is passed over by its length. */
function read(model: string, objects: Uint8Array, packet: number, counter: number | undefined): DecodedAdvertisement {
  const values: BleValue[] = [];
  const events: BleEvent[] = [];
  let known = false;
  for (let at = 0; at + 3 <= objects.length; ) {
    const end = at + 3 + objects[at + 2]!;
    if (end > objects.length) return known ? heard(model, values, { events, packet, counter }) : refused(model, 'malformed');
    const said = mibeaconObject(u16le(objects, at), objects.subarray(at + 3, end), model);
    known ||= said !== undefined;
    if (said?.values !== undefined) values.push(...said.values);
    if (said?.events !== undefined) events.push(...said.events);
    at = end;
  }
  // Objects of a newer product: it is heard, and says nothing that is known here
  return known ? heard(model, values, { events, packet, counter }) : presence(model);
}

function decode(advertisement: Advertisement, data: Uint8Array, context: BleContext): DecodedAdvertisement | undefined {
  if (data.length < 5) return undefined;
  const control = u16le(data, 0);
  const version = control >> 12;
  if (version < 2 || version > 5 || (control & MESH) !== 0) return undefined;
  const model = mibeaconProduct(u16le(data, 2));
  let start = 5;
  if (control & WITH_ADDRESS) {
    start += 6;
    if (data.length < start || !repeatsAddress(advertisement.address, data, 5, 'reversed')) return refused(model, 'malformed');
  }
  if (control & WITH_CAPABILITY) start += (data[start] ?? 0) & CAPABILITY_IO ? 2 : 1;
  if ((control & WITH_OBJECT) === 0) return presence(model);
  if ((control & ENCRYPTED) === 0)
    return data.length < start + 3 ? refused(model, 'malformed') : read(model, data.subarray(start), data[4]!, undefined);
  const address = control & WITH_ADDRESS ? data.slice(5, 11).reverse() : addressBytes(advertisement.address);
  if (address === null) return locked(model);
  const opened = (version <= 3 ? openLegacy : openCurrent)(model, data, start, address, context);
  return 'kind' in opened ? opened : read(model, opened.objects, data[4]!, opened.counter);
}

export const mibeacon: AdvertisementFamily = {
  name: 'Xiaomi MiBeacon v2 to v5',
  serviceData: ['fe95'],
  verbatim: true,
  decode(advertisement, context) {
    const data = advertisement.serviceData.get('fe95');
    return data === undefined ? undefined : decode(advertisement, data, context);
  },
};
