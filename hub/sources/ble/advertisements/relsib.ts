/**
 * Relsib EClerk Eco (service data 0xAA20 to 0xAA22) and WT51 (0x1809, six digits in ASCII).
 * Source: what owners found (ble_monitor issue tracker). 0x8000 stands for a sensor that is not ready. Without a check: lengths, bounds.
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { asciiOf, i16le, u16le } from './fields.ts';
import { heard, value } from './outcome.ts';

const NOT_READY = 0x8000;
const ON_MAINS = 0x80;

function eclerk(data: Uint8Array, at: number, withBattery: boolean): DecodedAdvertisement | undefined {
  if (data.length !== 22) return undefined;
  const values: BleValue[] = [];
  if (u16le(data, at) !== NOT_READY) values.push(value('temperature', i16le(data, at) / 100));
  if (u16le(data, at + 2) !== NOT_READY) values.push(value('humidity', u16le(data, at + 2) / 100));
  if (u16le(data, at + 4) !== NOT_READY) values.push(value('co2', u16le(data, at + 4)));
  if (withBattery) values.push(value('battery', data[13]! & ON_MAINS ? 100 : data[13]!));
  return heard('Relsib EClerk Eco', values);
}

export const relsib: AdvertisementFamily = {
  name: 'Relsib',
  serviceData: ['aa20', 'aa21', 'aa22', '1809'],
  decode({ serviceData }) {
    const main = serviceData.get('aa20');
    if (main !== undefined) return eclerk(main, 4, true);
    const more = serviceData.get('aa21') ?? serviceData.get('aa22');
    if (more !== undefined) return eclerk(more, 0, false);
    const digits = serviceData.get('1809');
    const text = digits?.length === 6 ? asciiOf(digits, 0, 6).trim() : '';
    return /^[+-]?\d+(?:\.\d+)?$/.test(text) ? heard('Relsib WT51', [value('temperature', Number(text))]) : undefined;
  },
};
