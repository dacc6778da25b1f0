/**
 * ThermoBeacon, Thermoplus, SensorBlue, ORIA and Brifit hygrometers: companies 0x0010 to 0x001B and 0x0030 (address last byte first), and
 * 0xAA55 for T201 and T301 (address as written). Source: what owners found (github.com/rnlgreen/thermobeacon, README; ble_monitor issues).
 * The address is the check.
 */
import type { AdvertisementFamily, DecodedAdvertisement } from '../advertisement.ts';
import { coinCellPercent } from './coin-cell.ts';
import { i16be, i16le, repeatsAddress, u16be, u16le, u32le } from './fields.ts';
import { event, heard, state, value } from './outcome.ts';

const DISPLAY_COMPANY = 0xaa55;

function beacon(address: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data[0] !== 0 || !repeatsAddress(address, data, 2, 'reversed')) return undefined;
  if (data.length === 18) {
    const volts = u16le(data, 8) / 1000;
    return heard(
      'ThermoBeacon',
      [
        value('temperature', i16le(data, 10) / 16),
        value('humidity', u16le(data, 12) / 16),
        value('battery_voltage', volts),
        value('battery', Number(coinCellPercent(volts).toFixed(1))),
        value('uptime', u32le(data, 14)),
      ],
      { events: [state('button', (data[1]! & 0x80) !== 0)] },
    );
  }
  if (data.length !== 20) return undefined;
  // The highest and the lowest since power on, and when: history, no reading of now
  return heard('ThermoBeacon', [], {
    events: [
      event('highest', `${i16le(data, 8) / 16} Cel after ${u32le(data, 10)} s`),
      event('lowest', `${i16le(data, 14) / 16} Cel after ${u32le(data, 16)} s`),
    ],
  });
}

function display(address: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length < 17 || data.length > 20 || !repeatsAddress(address, data, 2, 'written')) return undefined;
  return heard('Oria/Brifit T201/T301', [
    value('temperature', i16be(data, 10) / 100),
    value('humidity', u16be(data, 12) / 100),
    value('battery_voltage', u16be(data, 8) / 100),
    value('battery', data[14]!),
  ]);
}

export const thermobeacon: AdvertisementFamily = {
  name: 'ThermoBeacon, Thermoplus, Oria, Brifit',
  companies: [0x10, 0x11, 0x14, 0x15, 0x18, 0x1b, 0x30, DISPLAY_COMPANY],
  decode({ address, manufacturerData }) {
    for (const [company, data] of manufacturerData) {
      const outcome = company === DISPLAY_COMPANY ? display(address, data) : company <= 0x30 ? beacon(address, data) : undefined;
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  },
};
