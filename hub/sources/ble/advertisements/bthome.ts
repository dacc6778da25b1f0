/**
 * BTHome, versions 1 and 2, open and encrypted: what DIY sensors, ATC firmware and Shelly BLU devices broadcast.
 * Source: bthome.io, format and encryption pages. v2: service data 0xFCD2; v1: 0x181C open, 0x181E encrypted.
 *
 * Encryption: AES-128-CCM, tag 4 bytes. Nonce v2: address, D2 FC, device information, counter; v1: address, 1E 18, counter, with
 * 0x11 as additional data. Told apart from noise: v2 by its version bits, v1 by object widths that end exactly with the data.
 */
import type { Advertisement, AdvertisementFamily, BleContext, BleEvent, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { bthomeObjects, buttonPresses, dimmerTurns, lightLevels } from './bthome-objects.ts';
import { KEY_BYTES, openCcm, TAG_BYTES } from './ccm.ts';
import { addressBytes, f32le, hexOf, repeatsAddress, u32le } from './fields.ts';
import { event, heard, locked, refused, state, value } from './outcome.ts';
import { freshness } from './replay.ts';

const COUNTER_BYTES = 4;
const AAD_V1 = Uint8Array.of(0x11);
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Shelly's model numbers begin its names; `EU` and `US` stand for the wall switch of that region. */
const SHELLY = /^SB[A-Z]{2}-(?:\d{3}[A-Z]|EU|US)/;

/** What the device is, as far as its name says it. */
function modelOf(name: string | null): string {
  if (name?.startsWith('SB')) {
    const [model] = SHELLY.exec(name) ?? [];
    return model === undefined ? 'Shelly BLU' : `Shelly BLU ${model}`;
  }
  return name?.startsWith('prst') ? 'b-parasite' : 'BTHome sensor';
}

function integer(bytes: Uint8Array, at: number, length: number, signed: boolean): number {
  let amount = 0;
  for (let index = length - 1; index >= 0; index--) amount = amount * 256 + bytes[at + index]!;
  return signed && bytes[at + length - 1]! >= 128 ? amount - 256 ** length : amount;
}

interface Heard {
  readonly values: BleValue[];
  readonly events: BleEvent[];
  buttons: number;
  packet?: number;
  deviceTime?: string;
}

/** One object; `signed` as v1 writes it, or as the row says. False where its bytes contradict themselves. */
function take(id: number, bytes: Uint8Array, at: number, length: number, v1Kind: number | null, into: Heard): void {
  const row = bthomeObjects[id];
  if (row === undefined) return;
  if ('quantity' in row) {
    const raw =
      v1Kind === 2 && length === 4 ? f32le(bytes, at) : integer(bytes, at, length, v1Kind === null ? row.signed === true : v1Kind === 1);
    into.values.push(value(row.quantity, raw / row.divisor));
    return;
  }
  if ('state' in row) {
    into.events.push(state(row.state, bytes[at]! !== 0));
    return;
  }
  switch (row.what) {
    case 'packet':
      into.packet = bytes[at]!;
      break;
    case 'button': {
      into.buttons++;
      const press = buttonPresses[bytes[at]!];
      if (press !== undefined) into.events.push(event(`button ${into.buttons}`, press));
      break;
    }
    case 'dimmer': {
      const turn = dimmerTurns[bytes[at]!];
      if (turn !== undefined) into.events.push(event('dimmer', `${turn}, ${bytes[at + 1]!} steps`));
      break;
    }
    case 'timestamp':
      into.deviceTime = new Date(u32le(bytes, at) * 1000).toISOString();
      break;
    case 'text':
      try {
        into.events.push(event('text', utf8.decode(bytes.subarray(at, at + length))));
      } catch {
        // not text: nothing to tell
      }
      break;
    case 'raw':
      into.events.push(event('raw', hexOf(bytes, at, at + length)));
      break;
    case 'channel':
      into.events.push(event('channel', String(bytes[at]!)));
      break;
    case 'light level':
      into.events.push(event('light level', lightLevels[bytes[at]!] ?? String(bytes[at]!)));
      break;
    case 'type':
      into.events.push(event('device type', hexOf(bytes, at, at + 2)));
      break;
    case 'firmware':
      into.events.push(
        event(
          'firmware',
          Array.from(bytes.subarray(at, at + length))
            .reverse()
            .join('.'),
        ),
      );
      break;
  }
}

/** Values of the same quantity become channels 1, 2, ... in the order of the broadcast. A broadcast has a dozen at most. */
function numbered(values: readonly BleValue[]): readonly BleValue[] {
  const same = (one: BleValue, other: BleValue): boolean => one.quantity === other.quantity;
  if (!values.some((one, index) => values.findIndex((other) => same(one, other)) !== index)) return values;
  return values.map((one, index) => {
    const before = values.slice(0, index).filter((other) => same(one, other)).length;
    return before === 0 && values.findLastIndex((other) => same(one, other)) === index ? one : { ...one, channel: before + 1 };
  });
}

function told(model: string, into: Heard, counter?: number): DecodedAdvertisement {
  const events =
    into.buttons === 1 ? into.events.map((one) => (one.event === 'button 1' ? { ...one, event: 'button' } : one)) : into.events;
  return heard(model, numbered(into.values), { events, packet: into.packet, deviceTime: into.deviceTime, counter });
}

/** Objects of v2: id, bytes. An id of a newer specification has no known width: it ends the reading, what came before is kept. */
function objectsV2(model: string, bytes: Uint8Array, start: number, counter?: number): DecodedAdvertisement {
  const into: Heard = { values: [], events: [], buttons: 0 };
  let taken = 0;
  for (let at = start; at < bytes.length; taken++) {
    const row = bthomeObjects[bytes[at]!];
    if (row === undefined) break;
    const from = row.bytes === 0 ? at + 2 : at + 1;
    const length = row.bytes === 0 ? (bytes[at + 1] ?? 0) : row.bytes;
    if (from + length > bytes.length) break;
    take(bytes[at]!, bytes, from, length, null, into);
    at = from + length;
  }
  return taken === 0 ? refused(model, 'malformed') : told(model, into, counter);
}

/** Objects of v1: kind and width in one byte (the width counts the id), id, bytes. */
function objectsV1(model: string, bytes: Uint8Array, counter?: number): DecodedAdvertisement {
  const into: Heard = { values: [], events: [], buttons: 0 };
  for (let at = 0; at < bytes.length; ) {
    const width = bytes[at]! & 0x1f;
    const kind = bytes[at]! >> 5;
    if (width === 0 || at + 1 + width > bytes.length) return refused(model, 'malformed');
    // Kind 4 is the device's address: 6 bytes without an id
    if (kind !== 4) take(bytes[at + 1]!, bytes, at + 2, width - 1, kind, into);
    at += 1 + width;
  }
  return told(model, into, counter);
}

function opened(
  model: string,
  context: BleContext,
  nonce: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array | undefined,
): { readonly plain: Uint8Array; readonly counter: number } | DecodedAdvertisement {
  const bodyEnd = sealed.length - COUNTER_BYTES - TAG_BYTES;
  if (context.key === undefined) return locked(model);
  if (context.key.length !== KEY_BYTES) return refused(model, 'wrong key');
  const counter = u32le(sealed, bodyEnd);
  const plain = openCcm(context.key, nonce, sealed.subarray(0, bodyEnd), sealed.subarray(bodyEnd + COUNTER_BYTES), aad);
  if (plain === null) return refused(model, 'wrong key');
  const age = freshness(counter, context.lastCounter);
  return age !== 'fresh' ? refused(model, age) : { plain, counter };
}

function decodeV2(advertisement: Advertisement, data: Uint8Array, context: BleContext): DecodedAdvertisement {
  const model = modelOf(advertisement.name);
  const information = data[0] ?? 0;
  const start = information & 0x02 ? 7 : 1;
  if (information >> 5 !== 2 || data.length <= start) return refused(model, 'malformed');
  if (start === 7 && !repeatsAddress(advertisement.address, data, 1, 'reversed')) return refused(model, 'malformed');
  if ((information & 0x01) === 0) return objectsV2(model, data, start);
  if (context.key === undefined) return locked(model);
  const address = addressBytes(advertisement.address) ?? (start === 7 ? data.slice(1, 7).reverse() : null);
  if (address === null || data.length < start + 1 + COUNTER_BYTES + TAG_BYTES) return refused(model, 'malformed');
  const nonce = new Uint8Array(13);
  nonce.set(address);
  nonce.set([0xd2, 0xfc, information], 6);
  nonce.set(data.subarray(data.length - COUNTER_BYTES - TAG_BYTES, data.length - TAG_BYTES), 9);
  const open = opened(model, context, nonce, data.subarray(start), undefined);
  return 'kind' in open ? open : objectsV2(model, open.plain, 0, open.counter);
}

function decodeV1Encrypted(advertisement: Advertisement, data: Uint8Array, context: BleContext): DecodedAdvertisement {
  const model = modelOf(advertisement.name);
  const address = addressBytes(advertisement.address);
  if (address === null || data.length < 1 + COUNTER_BYTES + TAG_BYTES) return refused(model, 'malformed');
  const nonce = new Uint8Array(12);
  nonce.set(address);
  nonce.set([0x1e, 0x18], 6);
  nonce.set(data.subarray(data.length - COUNTER_BYTES - TAG_BYTES, data.length - TAG_BYTES), 8);
  const open = opened(model, context, nonce, data, AAD_V1);
  return 'kind' in open ? open : objectsV1(model, open.plain, open.counter);
}

export const bthome: AdvertisementFamily = {
  name: 'BTHome v1 and v2',
  serviceData: ['fcd2', '181c', '181e'],
  verbatim: true,
  decode(advertisement, context) {
    const v2 = advertisement.serviceData.get('fcd2');
    if (v2 !== undefined) return decodeV2(advertisement, v2, context);
    const v1 = advertisement.serviceData.get('181c');
    // 0x181C is the SIG's User Data service too: only what reads as objects to its end is BTHome
    if (v1 !== undefined) return v1.length < 2 ? undefined : objectsV1(modelOf(advertisement.name), v1);
    const sealed = advertisement.serviceData.get('181e');
    return sealed === undefined ? undefined : decodeV1Encrypted(advertisement, sealed, context);
  },
};
