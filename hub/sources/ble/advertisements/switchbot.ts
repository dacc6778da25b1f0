/**
 * SwitchBot: service data 0xFD3D (older: 0x0D00) says the product and its battery, company 0x0969 the address and newer products' readings.
 * Source: github.com/OpenWonderLabs/SwitchBotAPI-BLE, one page for each product. The address is the check where there is one.
 */
import type { Advertisement, AdvertisementFamily, BleEvent, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { repeatsAddress, u16be } from './fields.ts';
import { event, heard, presence, state, value } from './outcome.ts';

const COMPANY = 0x0969;

/** Tenths, then whole degrees with a sign bit that means "above zero", then humidity. */
const climate = (data: Uint8Array, at: number): readonly BleValue[] => {
  const magnitude = ((data[at + 1]! & 0x7f) * 10 + (data[at]! & 0x0f)) / 10;
  return [value('temperature', data[at + 1]! & 0x80 ? magnitude : -magnitude), value('humidity', data[at + 2]! & 0x7f)];
};

type Reader = (
  service: Uint8Array,
  company: Uint8Array | undefined,
) => { readonly values: readonly BleValue[]; readonly events?: readonly BleEvent[] };

const battery = (service: Uint8Array): BleValue => value('battery', service[2]! & 0x7f);
const meter: Reader = (service, company) =>
  service.length >= 6
    ? { values: [...climate(service, 3), battery(service)] }
    : { values: [...(company !== undefined && company.length >= 11 ? climate(company, 8) : []), battery(service)] };
const curtain: Reader = (service) => ({
  values: [battery(service)],
  events: [
    event('position', `${service[3]! & 0x7f} %`),
    state('moving', (service[3]! & 0x80) !== 0),
    state('calibrated', (service[1]! & 0x40) !== 0),
    event('light level', String(service[4]! >> 4)),
  ],
});

/** By the first byte of the service data: name, bytes that there must be, reading. */
const products: Readonly<Record<number, readonly [model: string, least: number, Reader]>> = {
  0x54: ['Meter', 6, meter],
  0x69: ['Meter Plus', 6, meter],
  0x77: ['Outdoor Meter', 3, meter],
  0x34: ['Meter Pro', 3, meter],
  0x35: [
    'Meter Pro CO2',
    3,
    (service, company) => {
      const { values } = meter(service, company);
      const co2 = company !== undefined && company.length >= 15 ? u16be(company, 13) : 0;
      // The sensor reaches from 400 to 9999; more is a broadcast caught while it was written
      return { values: co2 > 0 && co2 <= 9999 ? [...values, value('co2', co2)] : values };
    },
  ],
  0x64: [
    'Contact Sensor',
    9,
    (service) => {
      const contact = (service[3]! >> 1) & 3;
      return {
        values: [battery(service), value('opening', contact === 0 ? 0 : 1), value('motion', (service[1]! >> 6) & 1)],
        events: [
          event('contact', ['closed', 'open', 'timeout not closed'][contact] ?? 'unknown'),
          event('light level', service[3]! & 1 ? 'bright' : 'dark'),
          state('scope tested', (service[1]! & 0x80) !== 0),
          event('entries', String(service[8]! >> 6)),
          event('exits', String((service[8]! >> 4) & 3)),
          event('presses', String(service[8]! & 0x0f)),
        ],
      };
    },
  ],
  0x73: [
    'Motion Sensor',
    6,
    (service) => ({
      values: [battery(service), value('motion', (service[1]! >> 6) & 1)],
      events: [event('light level', service[5]! & 2 ? 'bright' : 'dark'), state('scope tested', (service[1]! & 0x80) !== 0)],
    }),
  ],
  0x76: [
    'Hub 2',
    1,
    (_, company) => {
      if (company === undefined || company.length < 16) return { values: [] };
      const values = climate(company, 13);
      // Both zero: its thermometer in the cable is not plugged in
      if (values.every((one) => one.value === 0)) return { values: [] };
      return { values, events: [event('light level', String(company[12]! & 0x1f))] };
    },
  ],
  0x26: [
    'Water Leak Detector',
    1,
    (_, company) =>
      company === undefined || company.length < 9
        ? { values: [] }
        : {
            values: [value('battery', company[7]! & 0x7f)],
            events: [
              state('moisture', (company[8]! & 1) !== 0),
              state('tamper', (company[8]! & 2) !== 0),
              state('battery low', (company[7]! & 0x80) !== 0),
            ],
          },
  ],
  0x48: [
    'Bot',
    3,
    (service) => ({
      values: [battery(service)],
      events: [event('mode', service[1]! & 0x80 ? 'on/off' : 'onestate'), event('state', service[1]! & 0x40 ? 'off' : 'on')],
    }),
  ],
  0x63: ['Curtain', 5, curtain],
  0x7b: ['Curtain 3', 5, curtain],
  0x78: [
    'Blind Tilt',
    3,
    (service, company) => {
      if (company === undefined || company.length < 9) return { values: [battery(service)] };
      // 50 is level; below it opens downwards, above it upwards
      const tilt = company[8]! & 0x7f;
      const open = tilt > 50 ? (100 - tilt) * 2 : tilt * 2;
      return {
        values: [battery(service)],
        events: [event('open', `${open} %`), event('direction', tilt > 50 ? 'up' : tilt < 50 ? 'down' : 'level')],
      };
    },
  ],
};

/** Passive scanning hears the company's bytes alone: the name must say that it is a meter. */
function meterByName({ name }: Advertisement, company: Uint8Array): DecodedAdvertisement | undefined {
  const model = name?.startsWith('WoIOSensor') ? 'Outdoor Meter' : name?.startsWith('WoSensorTH') ? 'Meter' : undefined;
  return model === undefined || company.length < 11 ? undefined : heard(`SwitchBot ${model}`, climate(company, 8));
}

export const switchbot: AdvertisementFamily = {
  name: 'SwitchBot',
  serviceData: ['fd3d', '0d00'],
  companies: [COMPANY],
  decode(advertisement) {
    const service = advertisement.serviceData.get('fd3d') ?? advertisement.serviceData.get('0d00');
    const given = advertisement.manufacturerData.get(COMPANY);
    const company = given !== undefined && repeatsAddress(advertisement.address, given, 0, 'written') ? given : undefined;
    if (service === undefined || service.length === 0) return company === undefined ? undefined : meterByName(advertisement, company);
    const product = products[service[0]!];
    if (product === undefined) return company === undefined ? undefined : presence('SwitchBot');
    const [model, least, read] = product;
    if (service.length < least) return undefined;
    const { values, events } = read(service, company);
    return heard(`SwitchBot ${model}`, values, { events });
  },
};
