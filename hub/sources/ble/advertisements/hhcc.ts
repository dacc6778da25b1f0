/**
 * HHCC flower care with Tuya's stack (HHCCJCY10): service data 0xFD50, 9 bytes.
 * Source: what owners found (ble_monitor issue tracker). Without a check: length and bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { i16be, u16be, u24be } from './fields.ts';
import { heard, value } from './outcome.ts';

export const hhcc: AdvertisementFamily = {
  name: 'HHCC flower care',
  serviceData: ['fd50'],
  decode({ serviceData }) {
    const data = serviceData.get('fd50');
    if (data?.length !== 9) return undefined;
    return heard('HHCCJCY10', [
      value('soil_moisture', data[0]!),
      value('temperature', i16be(data, 1) / 10),
      value('illuminance', u24be(data, 3)),
      value('battery', data[6]!),
      value('soil_conductivity', u16be(data, 7)),
    ]);
  },
};
