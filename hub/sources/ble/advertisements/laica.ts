/**
 * Laica and other scales of the AAA002 family: company 0xA0AC (AC A0), the address (last byte first), four bytes masked with 0xA0, kind.
 * Source: what owners found (openScale issue tracker, ble_monitor issue tracker). The address is the check.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { repeatsAddress, u16be, u32be } from './fields.ts';
import { heard, presence, value } from './outcome.ts';

const COMPANY = 0xa0ac;
const MODEL = 'Laica Smart Scale';
const MASK_16 = 0xa0a0;
/** Of the 32 unmasked bits the lowest 18 are the weight in grams. */
const WEIGHT_BITS = 0x3_ffff;

export const laica: AdvertisementFamily = {
  name: 'Laica scales',
  companies: [COMPANY],
  decode({ address, manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data?.length !== 12 || !repeatsAddress(address, data, 0, 'reversed')) return undefined;
    switch (data[10]) {
      case 0x0d:
        return heard(MODEL, [value('weight', ((u32be(data, 6) ^ 0xa0a0_a0a0) & WEIGHT_BITS) / 1000)]);
      case 0x06:
        return heard(MODEL, [value('impedance', u16be(data, 6) ^ MASK_16)]);
      default:
        return presence(MODEL);
    }
  },
};
