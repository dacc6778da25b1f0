/**
 * Kegtron KT-100 and KT-200 keg monitors: company 0xFFFF, 27 bytes. Source: "Kegtron BLE beacon format" of the maker.
 * Without a check: length, flags, the port's name in letters.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { asciiOf, u16be } from './fields.ts';
import { event, heard, value } from './outcome.ts';

const COMPANY = 0xffff;

export const kegtron: AdvertisementFamily = {
  name: 'Kegtron',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data?.length !== 27) return undefined;
    const [size, start, dispensed, port] = [u16be(data, 0), u16be(data, 2), u16be(data, 4), data[6]!];
    const name = asciiOf(data, 7, 27);
    const ended = data.subarray(7 + name.length).every((byte) => byte === 0);
    if (name.includes('?') || !ended || (port & 0xae) !== 0) return undefined;
    const events = [
      event('keg size', `${size / 1000} L`),
      event('volume at start', `${start / 1000} L`),
      event('port', port & 1 ? `configured: ${name}` : 'unconfigured'),
    ];
    return heard(port & 0x40 ? 'Kegtron KT-200' : 'Kegtron KT-100', [value('volume', dispensed / 1000, port & 0x10 ? 2 : 1)], { events });
  },
};
