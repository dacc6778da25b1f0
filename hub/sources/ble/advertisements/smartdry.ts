/**
 * SmartDry laundry sensors: company 0x01AE, two floats, shaking, and a voltage on whose scale published descriptions disagree: left out.
 * Source: what owners found (ble_monitor and Theengs issue trackers). Without a check: length, floats within bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { f32le, u16le } from './fields.ts';
import { heard, state, value } from './outcome.ts';

const COMPANY = 0x01ae;

export const smartdry: AdvertisementFamily = {
  name: 'SmartDry',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data?.length !== 12 || data[11]! > 0x0f) return undefined;
    return heard(
      'SmartDry laundry sensor',
      [value('temperature', f32le(data, 0)), value('humidity', f32le(data, 4)), value('movements', u16le(data, 8))],
      {
        events: [state('wake', data[11] !== 0)],
      },
    );
  },
};
