/**
 * Tags that a household hangs on keys, and bicycles: heard, measuring nothing. Tile (service data 0xFEED, 0xFEEC, 0xFD84), Nutale (0x0900),
 * Gigaset G-tag (company 0x0180), iTAG, Nut and Tag-It (by name), Bosch Nyon (company 0x02A6).
 * Source: Bluetooth Assigned Numbers; owners (Theengs issue tracker).
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { presence } from './outcome.ts';

const GIGASET = 0x0180;
const BOSCH = 0x02a6;

export const tags: AdvertisementFamily = {
  name: 'Tile, Nut, Nutale, Gigaset G-tag, iTAG, Tag-It, Bosch Nyon',
  serviceData: ['feed', 'feec', 'fd84', '0900'],
  companies: [GIGASET, BOSCH],
  names: ['iTAG', 'Tile', 'nut', 'Tag-It'],
  decode({ name, serviceUuids, serviceData, manufacturerData }) {
    if (serviceData.has('feed') || serviceData.has('feec') || serviceData.has('fd84') || name === 'Tile') return presence('Tile');
    if (serviceData.get('0900')?.length === 12) return presence('Nutale');
    if (manufacturerData.get(GIGASET)?.[0] === 0x02) return presence('Gigaset G-tag');
    if (manufacturerData.get(BOSCH)?.[0] === 0x10) return presence('Bosch Nyon');
    if (name === 'nut' && serviceUuids.includes('180a')) return presence('Nut');
    if (name?.startsWith('Tag-It')) return presence('Tag-It');
    return name?.startsWith('iTAG') ? presence('iTAG') : undefined;
  },
};
