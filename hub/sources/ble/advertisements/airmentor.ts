/**
 * Air Mentor Pro 2: company 0x2122 and 0x2121 (the low byte is the message), 8 bytes.
 * Source: what owners found (ble_monitor issue tracker). The device warms itself: it sends its own temperature, what to subtract for
 * the room's, and its own humidity, which is told as it would be at the room's temperature (Magnus formula, WMO No. 8).
 * Without a check: lengths and bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { u16be } from './fields.ts';
import { heard, value } from './outcome.ts';

const MODEL = 'Air Mentor Pro 2';
const GASES = 0x2121;
const CLIMATE = 0x2122;

/** Saturation vapour pressure over water, relative. */
const saturation = (celsius: number): number => Math.exp((celsius * 17.62) / (celsius + 243.12));

export const airMentor: AdvertisementFamily = {
  name: 'Air Mentor',
  companies: [GASES, CLIMATE],
  decode({ manufacturerData }) {
    const gases = manufacturerData.get(GASES);
    if (gases?.length === 8)
      return heard(MODEL, [value('co2', u16be(gases, 0)), value('pm2_5', u16be(gases, 2)), value('pm10', u16be(gases, 4))]);
    const climate = manufacturerData.get(CLIMATE);
    if (climate?.length !== 8) return undefined;
    const inside = (u16be(climate, 2) - 4000) / 100;
    const room = Number((inside - climate[4]! / 10).toFixed(2));
    return heard(MODEL, [
      value('temperature', room),
      value('chip_temperature', inside),
      value('humidity', (climate[5]! * saturation(inside)) / saturation(room)),
      value('tvoc', u16be(climate, 0)),
      value('air_quality_rating', u16be(climate, 6)),
    ]);
  },
};
