/**
 * ThermoPro TP35x, TP39x (room) and TP96x, TP97x (meat probes): by name, as the second byte of their company field is part of the reading.
 * Source: what owners found (Theengs and Home Assistant issue trackers). Without a check: name, lengths and bounds.
 */
import type { AdvertisementFamily, DecodedAdvertisement } from '../advertisement.ts';
import { i16le, u16le } from './fields.ts';
import { heard, value } from './outcome.ts';

const COMPANY_LOW = 0xc2;
/** Newer firmware writes more behind the reading. */
const LONGEST_ROOM = 16;
const batteryLevels: Readonly<Record<number, number>> = { 0: 1, 1: 50, 2: 100 };

function room(model: string, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data[0] !== COMPANY_LOW || data.length < 5 || data.length > LONGEST_ROOM) return undefined;
  const values = [value('temperature', i16le(data, 1) / 10), value('humidity', data[3]!)];
  const battery = batteryLevels[data[data.length === 7 ? 6 : 4]! & 0x0f];
  if (battery !== undefined) values.push(value('battery', battery));
  return heard(model, values);
}

/** Whole degrees from -30; a probe's tip and its handle are two channels. */
function probe(model: string, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 7 || data[0]! > 7) return undefined;
  const [tip, handle] = [u16le(data, 1) - 30, u16le(data, 5) - 30];
  return tip > 350 || handle > 350
    ? undefined
    : heard(model, [value('temperature', tip, 2 * data[0]! + 1), value('temperature', handle, 2 * data[0]! + 2)]);
}

export const thermopro: AdvertisementFamily = {
  name: 'ThermoPro',
  names: ['TP35', 'TP39', 'TP96', 'TP97'],
  decode({ name, manufacturerData }) {
    const model = `ThermoPro ${name?.split(' ')[0]}`;
    for (const [company, rest] of manufacturerData) {
      const data = Uint8Array.of(company & 0xff, company >> 8, ...rest);
      const outcome = name?.startsWith('TP9') ? probe(model, data) : room(model, data);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  },
};
