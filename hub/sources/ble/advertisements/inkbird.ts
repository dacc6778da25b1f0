/**
 * Inkbird IBS-TH1, IBS-TH2, IBS-P01B, ITH-12S (by name: their company field holds the temperature), IBS-P02B and ITH-11-B to 21-B (by
 * name) and iBBQ grill thermometers (companies 0x0000 and 0x0001, repeating the address).
 * Source: what owners found (github.com/leandrogoe/ inkbird issues, Theengs and ble_monitor issue trackers).
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { i16le, repeatsAddress, u16le } from './fields.ts';
import { heard, value } from './outcome.ts';

/** Names of the thermometers; those that end in `n0byd` and `sps` measure humidity too. */
const names = ['sps', 'tps', 'N0BYD', 'n0byd'];
const numberedNames = ['IBS-P02B', 'ITH-11-B', 'ITH-13-B', 'ITH-21-B', 'ibs-p02b', 'ith-11-b', 'ith-13-b', 'ith-21-b'];

function thermometer(name: string, company: number, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 7 || data[2]! > 3) return undefined;
  const temperature = ((company << 16) >> 16) / 100;
  const values: BleValue[] = [data[2] === 0 ? value('temperature', temperature) : value('temperature', temperature, 1)];
  const humidity = u16le(data, 0);
  if (name !== 'tps' || humidity > 100) if (humidity !== 0xffff && humidity !== 0) values.push(value('humidity', humidity / 100));
  if (data[5]! <= 100) values.push(value('battery', data[5]!));
  return heard(name === 'tps' ? 'Inkbird IBS-TH2/P01B' : 'Inkbird IBS-TH', values);
}

/** What is written for a probe that is not plugged in, by one firmware or another. */
const NO_PROBE = [-10, -1, 0x7fff, -0x8000];

/** Tenths of a degree from each probe. */
function grill(address: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  const probes = (data.length - 8) / 2;
  if (probes !== 1 && probes !== 2 && probes !== 4 && probes !== 6) return undefined;
  if (data[0] !== 0 || data[1] !== 0 || (!repeatsAddress(address, data, 2, 'written') && !repeatsAddress(address, data, 2, 'reversed')))
    return undefined;
  const values: BleValue[] = [];
  for (let probe = 0; probe < probes; probe++) {
    const raw = i16le(data, 8 + 2 * probe);
    if (NO_PROBE.includes(raw)) continue;
    if (raw > 4000 || raw < -600) return undefined;
    values.push(value('temperature', raw / 10, probe + 1));
  }
  return heard(`Inkbird iBBQ-${probes}`, values);
}

/** IBS-P02B, ITH-11-B, ITH-13-B, ITH-21-B: four unknown bytes, tenths of a degree and of a percent, battery. A probe in water writes 0 %. */
function numbered(name: string, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 16) return undefined;
  const values = [value('temperature', i16le(data, 4) / 10)];
  const humidity = u16le(data, 6);
  if (humidity !== 0 && humidity !== 0xffff) values.push(value('humidity', humidity / 10));
  if (data[8]! <= 100) values.push(value('battery', data[8]!));
  return heard(`Inkbird ${name.toUpperCase()}`, values);
}

export const inkbird: AdvertisementFamily = {
  name: 'Inkbird',
  companies: [0x0000, 0x0001],
  names: [...names, ...numberedNames],
  decode({ address, name, manufacturerData }) {
    for (const [company, data] of manufacturerData) {
      const outcome =
        name !== null && names.includes(name)
          ? thermometer(name.toLowerCase(), company, data)
          : name !== null && numberedNames.includes(name)
            ? numbered(name, data)
            : company <= 1
              ? grill(address, data)
              : undefined;
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  },
};
