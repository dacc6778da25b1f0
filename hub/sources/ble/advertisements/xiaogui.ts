/**
 * Xiaogui scales TZC4 and QJ-J: the low byte of the company field is 0xC0, the high byte counts frames; the address ends the data.
 * Source: what owners found (ble_monitor issue tracker, openScale issue tracker). The address is the check: without one nothing is told.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { repeatsAddress, u16be } from './fields.ts';
import { heard, value } from './outcome.ts';

const LOW_BYTE = 0xc0;
/** Weight's divisor, and whether it has settled, by control byte. */
const controls: Readonly<Record<number, readonly [model: string, divisor: number, settled: boolean]>> = {
  0x20: ['Xiaogui TZC4', 10, false],
  0x21: ['Xiaogui TZC4', 10, true],
  0x24: ['Xiaogui QJ-J', 100, false],
  0x25: ['Xiaogui QJ-J', 100, true],
};

export const xiaogui: AdvertisementFamily = {
  name: 'Xiaogui scales',
  companies: Array.from({ length: 256 }, (_, frame) => (frame << 8) | LOW_BYTE),
  decode({ address, manufacturerData }) {
    for (const [company, data] of manufacturerData) {
      const control = data.length === 13 && (company & 0xff) === LOW_BYTE ? controls[data[6]!] : undefined;
      if (control === undefined || address === null || !repeatsAddress(address, data, 7, 'written')) continue;
      const [model, divisor, settled] = control;
      const values = [value('weight', u16be(data, 0) / divisor)];
      if (settled && u16be(data, 2) > 0) values.push(value('impedance', u16be(data, 2) / 10));
      return heard(model, values, { packet: (company & 0xff00) | data[6]!, settled });
    }
    return undefined;
  },
};
