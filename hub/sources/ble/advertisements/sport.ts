/**
 * Heart rate in the broadcast: Polar H10 and kin (company 0x006B, 4 bytes), XOSS X2 (company 0xFF04, by name).
 * Source: owners (Theengs issue tracker). Without a check: exact lengths, name and bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { heard, value } from './outcome.ts';

const POLAR = 0x006b;
const XOSS = 0xff04;

export const sport: AdvertisementFamily = {
  name: 'Polar, XOSS',
  companies: [POLAR, XOSS],
  decode({ name, manufacturerData }) {
    const polar = manufacturerData.get(POLAR);
    if (polar?.length === 4) return heard('Polar heart rate sensor', polar[3] === 0 ? [] : [value('heart_rate', polar[3]!)]);
    const xoss = manufacturerData.get(XOSS);
    if (xoss?.length !== 4 || !name?.startsWith('X2')) return undefined;
    return heard('XOSS X2', [value('battery', xoss[1]!), ...(xoss[3] === 0 ? [] : [value('heart_rate', xoss[3]!)])]);
  },
};
