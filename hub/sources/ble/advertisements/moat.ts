/**
 * Moat S2: company 0x1000, 18 bytes; the raw signals of an SHT2x and the cell's voltage.
 * Source: what owners found (ble_monitor issue tracker); conversion: Sensirion SHT2x datasheet 6. Without a check: length, bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { u16le } from './fields.ts';
import { heard, value } from './outcome.ts';

const COMPANY = 0x1000;

/** Charge of the cell from millivolts, straight lines between the maker's points. */
function percentOf(millivolts: number): number {
  if (millivolts >= 3000) return 100;
  if (millivolts >= 2900) return 42 + (millivolts - 2900) * 0.58;
  if (millivolts >= 2740) return 18 + (millivolts - 2740) * 0.15;
  if (millivolts >= 2440) return 6 + (millivolts - 2440) * 0.04;
  return millivolts >= 2100 ? ((millivolts - 2100) * 6) / 340 : 0;
}

export const moat: AdvertisementFamily = {
  name: 'Moat S2',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data?.length !== 18) return undefined;
    const millivolts = u16le(data, 14);
    if (millivolts < 1500 || millivolts > 4000) return undefined;
    return heard('Moat S2', [
      value('temperature', -46.85 + (175.72 * u16le(data, 10)) / 65536),
      value('humidity', -6 + (125 * u16le(data, 12)) / 65536),
      value('battery_voltage', millivolts / 1000),
      value('battery', Number(percentOf(millivolts).toFixed(1))),
    ]);
  },
};
