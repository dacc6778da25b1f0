/**
 * Aranet4, Aranet2, Aranet Radiation and Aranet Radon with "smart home integration" switched on: company 0x0702.
 * Source: github.com/Anrijs/Aranet4-Python, docs and README. Aranet4 sends 22 bytes; the others 24 with their kind first.
 * Values whose highest bit is set are marked invalid and left out. Without a check: lengths, kind and bounds.
 */
import type { AdvertisementFamily, BleValue } from '../advertisement.ts';
import { u16le, u32le } from './fields.ts';
import { heard, presence, value } from './outcome.ts';

const COMPANY = 0x0702;
const INTEGRATION = 0x20;

function add(into: BleValue[], quantity: BleValue['quantity'], raw: number, divisor: number, invalid = 0x8000): void {
  if ((raw & invalid) === 0) into.push(value(quantity, raw / divisor));
}

export const aranet: AdvertisementFamily = {
  name: 'Aranet4, Aranet2, Aranet Radiation, Aranet Radon',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data === undefined || data.length < 7) return undefined;
    const values: BleValue[] = [];
    if (data.length === 22) {
      if ((data[0]! & INTEGRATION) === 0) return undefined;
      add(values, 'co2', u16le(data, 8), 1);
      add(values, 'temperature', u16le(data, 10), 20, 0x4000);
      add(values, 'pressure', u16le(data, 12), 10);
      values.push(value('humidity', data[14]!), value('battery', data[15]!));
      return heard('Aranet4', values, { packet: data[21]! });
    }
    if (data.length < 24) return presence('Aranet: smart home integration is off');
    switch (data[0]) {
      case 1:
        add(values, 'temperature', u16le(data, 10), 20, 0x4000);
        add(values, 'humidity', u16le(data, 14), 10);
        values.push(value('battery', data[17]!));
        return heard('Aranet2', values, { packet: data[23]! });
      case 2:
        values.push(value('radiation_dose', u32le(data, 6) / 1e6));
        add(values, 'radiation_dose_rate', u16le(data, 14), 100);
        values.push(value('duration', u32le(data, 10)), value('battery', data[17]!));
        return heard('Aranet Radiation', values, { packet: data[23]! });
      case 3:
        add(values, 'radon', u16le(data, 8), 1);
        add(values, 'temperature', u16le(data, 10), 20, 0x4000);
        add(values, 'pressure', u16le(data, 12), 10);
        add(values, 'humidity', u16le(data, 14), 10);
        values.push(value('battery', data[17]!));
        return heard('Aranet Radon', values, { packet: data[23]! });
      default:
        return undefined;
    }
  },
};
