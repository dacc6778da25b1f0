/**
 * Acconeer XM122 and XM126 radar presence modules: company 0xACC0, 15 bytes: product, battery, temperature, presence, eight unused.
 * Source: what owners found (ble_monitor issue tracker). Without a check: product, length, unused bytes that are zero, bounds.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { i16le, u16le } from './fields.ts';
import { heard, value } from './outcome.ts';

const COMPANY = 0xacc0;
const products: Readonly<Record<number, string>> = { 0x80: 'Acconeer XM122', 0x91: 'Acconeer XM126' };

export const acconeer: AdvertisementFamily = {
  name: 'Acconeer',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    const model = data === undefined ? undefined : products[data[0]!];
    if (data?.length !== 15 || model === undefined) return undefined;
    return heard(model, [
      value('motion', u16le(data, 5) === 0 ? 0 : 1),
      value('temperature', i16le(data, 3)),
      value('battery', u16le(data, 1)),
    ]);
  },
};
