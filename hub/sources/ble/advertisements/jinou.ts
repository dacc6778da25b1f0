/**
 * Jinou BEC07-5 beacons: listed service 0xAA20; sign, whole degrees, tenths; sign, whole percent, tenths; battery; address.
 * Source: what owners found (ble_monitor issue tracker). The address is the check.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { repeatsAddress } from './fields.ts';
import { heard, value } from './outcome.ts';

export const jinou: AdvertisementFamily = {
  name: 'Jinou',
  serviceUuids: ['aa20'],
  decode({ address, manufacturerData }) {
    for (const [company, data] of manufacturerData) {
      // The company field holds the temperature's sign and its whole degrees
      const sign = company & 0xff;
      if (data.length !== 11 || sign > 1 || data[0]! > 9 || data[3]! > 9 || !repeatsAddress(address, data, 5, 'written')) continue;
      const magnitude = ((company >> 8) * 10 + data[0]!) / 10;
      return heard('Jinou BEC07-5', [
        value('temperature', sign === 1 ? -magnitude : magnitude),
        value('humidity', (data[2]! * 10 + data[3]!) / 10),
        value('battery', data[4]!),
      ]);
    }
    return undefined;
  },
};
