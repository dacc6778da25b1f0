/**
 * Airthings Wave, Wave Plus, Wave Mini, Wave Radon: company 0x0334. The broadcast carries the serial number only; readings come by
 * connection. Source: github.com/Airthings/waveplus-reader, README.
 */
import type { AdvertisementFamily } from '../advertisement.ts';
import { u32le } from './fields.ts';
import { presence } from './outcome.ts';

const COMPANY = 0x0334;

/** First four digits of the serial number. */
const models: Readonly<Record<string, string>> = {
  2900: 'Airthings Wave',
  2920: 'Airthings Wave Mini',
  2930: 'Airthings Wave Plus',
  2950: 'Airthings Wave Radon',
  3210: 'Airthings Corentium Home 2',
  3250: 'Airthings Wave Enhance',
};

export const airthings: AdvertisementFamily = {
  name: 'Airthings Wave',
  companies: [COMPANY],
  decode({ manufacturerData }) {
    const data = manufacturerData.get(COMPANY);
    if (data === undefined || data.length < 4 || data.length > 8) return undefined;
    const serial = String(u32le(data, 0));
    const model = serial.length === 10 ? models[serial.slice(0, 4)] : undefined;
    return model === undefined ? undefined : presence(model, serial);
  },
};
