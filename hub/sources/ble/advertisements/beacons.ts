/**
 * Beacons that say who they are: iBeacon (company 0x004C, 02 15), AltBeacon (BE AC), Eddystone UID and telemetry (service data 0xFEAA);
 * and the makers that hide readings in an iBeacon's numbers: Tilt, ABTemp, BM2, BM6, Jaalee (also service data 0xF525, 0xF51C).
 * Source: Apple "Proximity Beacon Specification" R1; github.com/AltBeacon/spec; github.com/google/eddystone; tilthydrometer.com;
 * owners of the others (Theengs issue tracker).
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { hexOf, i8, i16be, repeatsAddress, u16be, u32be } from './fields.ts';
import { heard, presence, value } from './outcome.ts';

const APPLE = 0x004c;
const ALTBEACON = 0xbeac;
const tiltColours = ['red', 'green', 'black', 'purple', 'orange', 'blue', 'yellow', 'pink'];
/** A Tilt Pro writes tenths of a degree Fahrenheit and ten-thousandths of gravity: this is more than a Tilt can. */
const TILT_PRO_FROM = 5000;

/** Temperature in degrees Fahrenheit in the major number, specific gravity in thousandths in the minor. */
function tilt(colour: string, major: number, minor: number): DecodedAdvertisement {
  const pro = minor > TILT_PRO_FROM;
  const fahrenheit = pro ? major / 10 : major;
  return heard(pro ? `Tilt Pro ${colour}` : `Tilt ${colour}`, [
    value('temperature', ((fahrenheit - 32) * 5) / 9),
    value('specific_gravity', minor / (pro ? 10_000 : 1000)),
  ]);
}

/** Readings in an iBeacon's numbers (at 18: major, 20: minor, 22: power at 1 m), by its UUID. */
const readings: Readonly<Record<string, (data: Uint8Array) => DecodedAdvertisement | undefined>> = {
  b5b182c7eab14988aa99b5c1517008d9: (data) =>
    heard('April Brother ABTemp', [value('battery', data[20]!), value('temperature', i8(data, 21))]),
  // Cypress solar beacon: the high bytes of an SHT2x's signals
  '0005000100001000800000805f9b0131': (data) =>
    heard('Cypress beacon', [value('temperature', (175.72 * data[21]!) / 256 - 46.85), value('humidity', (125 * data[20]!) / 256 - 6)]),
  '655f83caae16a10a702e31f30d58dd82': (data) =>
    data[22]! <= 100 ? heard('BM2 battery monitor', [value('battery', data[22]!)]) : undefined,
  // Its charge stands in the major number
  '3ba29cd9a42c894856badaf2606ef777': (data) =>
    data[19]! <= 100 ? heard('BM6 battery monitor', [value('battery', data[19]!)]) : undefined,
};

/** Temperature and humidity as the sensor's chip gives them. */
const jaaleeClimate = (data: Uint8Array, at: number): readonly BleValue[] => [
  value('temperature', (u16be(data, at) * 175) / 65535 - 45),
  value('humidity', (u16be(data, at + 2) * 100) / 65535),
];
/** How the UUID ends in which Jaalee's sensors hide their readings; the same numbers are their service data. */
const jaaleeUuids = ['f525', 'f51c'];
/** Battery, address, readings. The address is the check. */
const jaalee = (address: string | null, data: Uint8Array): DecodedAdvertisement | undefined =>
  data.length !== 11 || !repeatsAddress(address, data, 1, 'reversed')
    ? undefined
    : heard('Jaalee', [...jaaleeClimate(data, 7), value('battery', data[0]!)]);

function iBeacon(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length < 23 || data.length > 24 || data[0] !== 0x02 || data[1] !== 0x15) return undefined;
  const uuid = hexOf(data, 2, 18);
  const read = readings[uuid];
  if (read !== undefined) return read(data);
  if (data.length === 24 && jaaleeUuids.includes(uuid.slice(-4)))
    return heard('Jaalee', [...jaaleeClimate(data, 18), value('battery', data[23]!)]);
  if (uuid.startsWith('a495bb') && uuid.endsWith('0c5b14b44b5121370f02d74de')) {
    const colour = tiltColours[Number(uuid[6]) - 1];
    if (colour !== undefined) return tilt(colour, u16be(data, 18), u16be(data, 20));
  }
  return presence('iBeacon', `${uuid}-${u16be(data, 18)}-${u16be(data, 20)}`);
}

function altBeacon(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length < 23 || u16be(data, 0) !== ALTBEACON) return undefined;
  return presence('AltBeacon', `${hexOf(data, 2, 18)}-${u16be(data, 18)}-${u16be(data, 20)}`);
}

function eddystone(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data[0] === 0x00 && data.length >= 18) return presence('Eddystone', hexOf(data, 2, 18));
  if (data[0] !== 0x20 || data[1] !== 0 || data.length !== 14) return undefined;
  const values: BleValue[] = [];
  if (u16be(data, 2) > 0) values.push(value('battery_voltage', u16be(data, 2) / 1000));
  if (i16be(data, 4) !== -32768) values.push(value('temperature', i16be(data, 4) / 256));
  values.push(value('uptime', u32be(data, 10) / 10));
  return heard('Eddystone beacon', values);
}

export const beacons: AdvertisementFamily = {
  name: 'iBeacon, AltBeacon, Eddystone, Tilt, ABTemp, BM2, BM6, Jaalee',
  companies: [APPLE, 0xffff, 0x0118],
  serviceData: ['feaa', ...jaaleeUuids],
  decode({ address, manufacturerData, serviceData }) {
    for (const uuid of jaaleeUuids) {
      const reading = serviceData.get(uuid);
      if (reading !== undefined) return jaalee(address, reading);
    }
    const apple = manufacturerData.get(APPLE);
    const said = apple === undefined ? undefined : iBeacon(apple);
    if (said !== undefined) return said;
    const service = serviceData.get('feaa');
    if (service !== undefined) return eddystone(service);
    const other = manufacturerData.get(0xffff) ?? manufacturerData.get(0x0118);
    return other === undefined ? undefined : altBeacon(other);
  },
};
