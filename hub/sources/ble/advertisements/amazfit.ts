/**
 * Amazfit Smart Scale and Mi Band, Mi and Amazfit watches: service data 0xFEE0, company 0x0157.
 * Source: what owners found (ble_monitor and Theengs issue trackers). Without a check: lengths and bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { u16le, u32le } from './fields.ts';
import { heard, value } from './outcome.ts';

const SCALE_BYTES = 20;
const BAND_BYTES = 24;
const NO_PULSE = 0xff;

export const amazfit: AdvertisementFamily = {
  name: 'Amazfit Smart Scale, Mi Band',
  serviceData: ['fee0'],
  companies: [0x0157],
  decode({ serviceData, manufacturerData }) {
    const scale = serviceData.get('fee0');
    if (scale?.length === SCALE_BYTES) {
      const settled = (scale[9]! | scale[10]! | scale[11]!) !== 0;
      const weight = value('weight', u16le(scale, 7) / 200);
      if (!settled) return heard('Amazfit Smart Scale', [weight], { settled });
      const values = [weight, value('impedance', u16le(scale, 5) / 10)];
      if (u16le(scale, 12) > 0) values.push(value('heart_rate', u16le(scale, 12)));
      return heard('Amazfit Smart Scale', values, { settled });
    }
    const band = manufacturerData.get(0x0157);
    if (band?.length !== BAND_BYTES) return undefined;
    const values = [];
    if (scale?.length === 4) values.push(value('steps', u32le(scale, 0)));
    if (band[3] !== NO_PULSE) values.push(value('heart_rate', band[3]!));
    return heard('Mi Band', values);
  },
};
