/**
 * b-parasite soil sensors before they spoke BTHome: service data 0x181A, 16 bytes, or 18 with light.
 * Source: README of github.com/rbaron/b-parasite, encoding versions 1 and 2. They repeat the address, which is the check.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { i16be, repeatsAddress, u16be } from './fields.ts';
import { heard, value } from './outcome.ts';

export const bParasite: AdvertisementFamily = {
  name: 'b-parasite',
  serviceData: ['181a'],
  decode({ address, serviceData }) {
    const data = serviceData.get('181a');
    const version = data === undefined ? 0 : data[0]! >> 4;
    if (data === undefined || (data.length !== 16 && data.length !== 18) || (version !== 1 && version !== 2)) return undefined;
    if (!repeatsAddress(address, data, 10, 'written')) return undefined;
    const values = [
      value('temperature', i16be(data, 4) / (version === 2 ? 100 : 1000)),
      value('humidity', (u16be(data, 6) * 100) / 65536),
      value('soil_moisture', (u16be(data, 8) * 100) / 65536),
      value('battery_voltage', u16be(data, 2) / 1000),
    ];
    if (data.length === 18) values.push(value('illuminance', u16be(data, 16)));
    return heard('b-parasite', values, { packet: data[1]! });
  },
};
