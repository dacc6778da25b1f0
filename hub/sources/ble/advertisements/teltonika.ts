/**
 * Teltonika EYE sensors (company 0x089A) and ELA's Blue Puck and Blue Coin (service data 0x2A6E temperature, 0x2A6F humidity, 0x2A06 magnet;
 * company 0x0757 for the rest). Source: wiki.teltonika-gps.com "EYE SENSOR / BTSMP1", ELA Innovation "Blue advertising frame formats".
 * Without a check: exact lengths and bounds.
 */
import type { AdvertisementFamily, BleEvent, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { i8, i16be, i16le, u16be, u16le } from './fields.ts';
import { event, heard, state, value } from './outcome.ts';

const ELA = 0x0757;
const TELTONIKA = 0x089a;

function ela(data: Uint8Array, into: BleValue[]): void {
  switch (data[0]) {
    case 0x12:
      if (data.length === 3) into.push(value('temperature', i16le(data, 1) / 100));
      break;
    case 0x21:
      if (data.length === 5) into.push(value('humidity', data[1]!), value('temperature', i16le(data, 3) / 100));
      break;
    // Counters with the present state in the lowest bit
    case 0x32:
      if (data.length === 3) into.push(value('opening', (data[1]! & 1) === 0 ? 1 : 0));
      break;
    case 0x42:
      if (data.length === 3) into.push(value('motion', data[1]! & 1), value('movements', u16le(data, 1) >> 1));
      break;
    case 0x92:
      if (data.length === 3) into.push(value('motion', data[1]! & 1));
      break;
    case 0x56:
      if (data.length === 7)
        for (let axis = 0; axis < 3; axis++) into.push(value('acceleration', i16le(data, 1 + 2 * axis) / 1000, axis + 1));
      break;
    case 0xf1:
      if (data.length === 2) into.push(value('battery', data[1]!));
      break;
    case 0xf2:
      if (data.length === 3) into.push(value('battery_voltage', u16le(data, 1) / 1000));
      break;
  }
}

/** Flags say which fields follow. */
function eye(data: Uint8Array): DecodedAdvertisement | undefined {
  const flags = data[1]!;
  const values: BleValue[] = [];
  const events: BleEvent[] = [];
  let at = 2;
  if (flags & 0x01) {
    values.push(value('temperature', i16be(data, at) / 100));
    at += 2;
  }
  if (flags & 0x02) values.push(value('humidity', data[at++]!));
  if (flags & 0x04) events.push(state('magnet', (flags & 0x08) !== 0));
  if (flags & 0x10) {
    events.push(state('moving', (data[at]! & 0x80) !== 0));
    values.push(value('movements', u16be(data, at) & 0x7fff));
    at += 2;
  }
  if (flags & 0x20) {
    events.push(event('pitch', String(i8(data, at))), event('roll', String(i16be(data, at + 1))));
    at += 3;
  }
  if (flags & 0x40) events.push(state('battery low', true));
  if (flags & 0x80) values.push(value('battery_voltage', (2000 + data[at++]! * 10) / 1000));
  return data.length < 2 || data[0] !== 1 || at !== data.length || values.length + events.length === 0
    ? undefined
    : heard('Teltonika EYE sensor', values, { events });
}

export const teltonika: AdvertisementFamily = {
  name: 'Teltonika EYE, ELA Blue Puck and Coin',
  serviceData: ['2a6e', '2a6f', '2a06'],
  companies: [ELA, TELTONIKA],
  decode({ name, serviceData, manufacturerData }) {
    const sensor = manufacturerData.get(TELTONIKA);
    if (sensor !== undefined) return eye(sensor);
    const values: BleValue[] = [];
    const [temperature, humidity, magnet, rest] = [
      serviceData.get('2a6e'),
      serviceData.get('2a6f'),
      serviceData.get('2a06'),
      manufacturerData.get(ELA),
    ];
    if (temperature?.length === 2) values.push(value('temperature', i16le(temperature, 0) / 100));
    if (humidity?.length === 1) values.push(value('humidity', humidity[0]!));
    // The lowest bit is set while the magnet is near
    if (magnet?.length === 2) values.push(value('opening', (magnet[0]! & 1) === 0 ? 1 : 0));
    if (rest !== undefined) ela(rest, values);
    return values.length === 0 ? undefined : heard(`ELA ${name ?? 'Blue Puck'}`, values);
  },
};
