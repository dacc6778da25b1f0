/**
 * Qingping and ClearGrass: service data 0xFDCD, older firmware 0xFFF9. Flags, product, address (6), then entries of kind, length, bytes to the end.
 * Source: what owners found (Theengs and ble_monitor issue trackers). The address is the check, and the entries' exact end.
 */
import type { AdvertisementFamily, BleEvent, BleValue } from '../advertisement.ts';
import { i16le, repeatsAddress, u16le, u24le, u32le } from './fields.ts';
import { heard, presence, refused, state, value } from './outcome.ts';

const products: Readonly<Record<number, string>> = {
  0x01: 'CGG1',
  0x04: 'CGH1',
  0x07: 'CGG1',
  0x09: 'CGP1W',
  0x0c: 'CGD1',
  0x0e: 'CGDN1',
  0x0f: 'CGM1',
  0x10: 'CGDK2',
  0x12: 'CGPR1',
  0x15: 'CGF1W',
  0x16: 'CGG1',
  0x18: 'CGP23W',
  0x1e: 'CGC1',
  0x24: 'CGDN1',
  0x26: 'CGP23W',
  0x33: 'CGP22C',
  0x4f: 'CGG3',
  0x52: 'CGR1PC',
  0x5d: 'CGP22C',
  0x62: 'CGR1PC',
};
const FIRST_ENTRY = 8;

/** Entries by kind and length. */
const entries: Readonly<Record<string, (data: Uint8Array, at: number) => readonly BleValue[]>> = {
  '1/4': (data, at) => [value('temperature', i16le(data, at) / 10), value('humidity', u16le(data, at + 2) / 10)],
  // The top bit says that it charges; all bits, that it hangs on mains
  '2/1': (data, at) => [value('battery', data[at] === 0xff ? 100 : data[at]! & 0x7f)],
  '7/2': (data, at) => [value('pressure', u16le(data, at) / 10)],
  '8/4': (data, at) => [value('motion', data[at]! > 0 ? 1 : 0), value('illuminance', u24le(data, at + 1))],
  '9/4': (data, at) => [value('illuminance', u32le(data, at))],
  '18/4': (data, at) => [value('pm2_5', u16le(data, at)), value('pm10', u16le(data, at + 2))],
  '19/2': (data, at) => [value('co2', u16le(data, at))],
  '21/2': (data, at) => [value('voc_index', u16le(data, at))],
  '25/1': (data, at) => [value('noise', data[at]!)],
  // 0 is open, 1 closed, 2 left open
  '4/1': (data, at) => [value('opening', data[at] === 1 ? 0 : 1)],
};
/** Products whose battery byte is always 11 and says nothing. */
const NO_BATTERY = 'CGDK2';
/** It has Wi-Fi, and repeats an address that need not be the one it broadcasts from. */
const OTHER_ADDRESS = 'CGDN1';

export const qingping: AdvertisementFamily = {
  name: 'Qingping, ClearGrass',
  serviceData: ['fdcd', 'fff9'],
  decode({ address, serviceData }) {
    const data = serviceData.get('fdcd') ?? serviceData.get('fff9');
    if (data === undefined || data.length < FIRST_ENTRY) return undefined;
    const product = products[data[1]!] ?? `0x${data[1]!.toString(16)}`;
    const model = `Qingping ${product}`;
    const own = repeatsAddress(address, data, 2, 'reversed') || repeatsAddress(address, data, 2, 'written');
    if (!own && (product !== OTHER_ADDRESS || serviceData.has('fff9'))) return refused(model, 'malformed');
    const values: BleValue[] = [];
    const events: BleEvent[] = [];
    let packet: number | undefined;
    for (let at = FIRST_ENTRY; at + 2 <= data.length; ) {
      const [kind, length] = [data[at]!, data[at + 1]!];
      if (at + 2 + length > data.length) return refused(model, 'malformed');
      if (kind === 0x0f && length === 1) packet = data[at + 2]!;
      else if (kind === 0x11 && length === 1) {
        // Movement sensors tell with this that the movement, or the light, is over
        events.push(state('light', data[at + 2]! > 0));
        values.push(value('motion', data[at + 2]! > 0 ? 1 : 0));
      } else if (kind === 4 && length === 1 && data[at + 2] === 2) {
        events.push(state('door left open', true));
        values.push(value('opening', 1));
      } else if (kind !== 2 || product !== NO_BATTERY) values.push(...(entries[`${kind}/${length}`]?.(data, at + 2) ?? []));
      at += 2 + length;
    }
    return values.length + events.length === 0 ? presence(model) : heard(model, values, { events, packet });
  },
};
