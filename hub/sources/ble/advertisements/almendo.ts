/**
 * Almendo bluSensor Mini: company 0x06E8, version 1, model 0x0A. CO2 is the equivalent that a gas sensor computes.
 * Source: what owners found (ble_monitor issue tracker). Without a check: version, model, length, bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { i16le, u16le } from './fields.ts';
import { heard, value } from './outcome.ts';

const COMPANY = 0x06e8;

export const almendo: AdvertisementFamily = {
  name: 'Almendo bluSensor',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data?.length !== 16 || data[0] !== 1 || data[2] !== 0x0a) return undefined;
    return heard('Almendo bluSensor Mini', [
      value('temperature', i16le(data, 7) / 100),
      value('humidity', u16le(data, 9) / 100),
      value('co2', u16le(data, 11)),
      value('tvoc', u16le(data, 13)),
      value('air_quality_rating', data[15]!),
    ]);
  },
};
