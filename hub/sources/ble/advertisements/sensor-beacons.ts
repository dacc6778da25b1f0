/**
 * Beacons with sensors: KKM and BlueCharm KSensor (service data 0xFEAA, frame 0x21), MOKO BeaconX Pro (0xFEAB) and MokoBeacon (0xFF01),
 * April Brother N03 and Holyiot (0x5242), RadioLand RDL52832 (0x0318), Feasycom (0xFFF0), Blue Maestro Tempo Disc (company 0x0133).
 * Source: KKM "KSensor advertisement" v1, MOKO "BeaconX Pro advertising", wiki.aprbrother.com, Blue Maestro "Tempo Disc API", owners of the
 * others (Theengs issue tracker). Without a check: exact lengths, fixed bytes and bounds.
 */
import type { AdvertisementFamily, BleValue, DecodedAdvertisement } from '../advertisement.ts';
import { i16be, i16le, repeatsAddress, u16be, u16le } from './fields.ts';
import { event, heard, presence, refused, state, value } from './outcome.ts';

const BLUE_MAESTRO = 0x0133;
const APPLE = 0x004c;

/** Fields by mask: voltage, temperature and humidity with 8 binary digits, acceleration in thousandths of g. */
function kSensor(data: Uint8Array): DecodedAdvertisement | undefined {
  const mask = data[2]!;
  if (data[0] !== 0x21 || data[1] !== 1 || mask === 0 || mask > 0x0f) return undefined;
  const values: BleValue[] = [];
  let at = 3;
  const take = (bit: number, bytes: number, read: () => void): void => {
    if ((mask & bit) === 0) return;
    read();
    at += bytes;
  };
  take(1, 2, () => values.push(value('battery_voltage', u16be(data, at) / 1000)));
  take(2, 2, () => values.push(value('temperature', i16be(data, at) / 256)));
  take(4, 2, () => values.push(value('humidity', u16be(data, at) / 256)));
  take(8, 6, () => {
    for (let axis = 0; axis < 3; axis++) values.push(value('acceleration', i16be(data, at + 2 * axis) / 1000, axis + 1));
  });
  return at === data.length ? heard('KSensor beacon', values) : undefined;
}

/** Twelve bits of thousandths of g, left-aligned in 16. */
const mokoAcceleration = (data: Uint8Array, at: number): readonly BleValue[] =>
  [0, 1, 2].map((axis) => value('acceleration', i16be(data, at + 2 * axis) / 16_000, axis + 1));

function beaconXPro(data: Uint8Array): DecodedAdvertisement | undefined {
  const model = 'MOKO BeaconX Pro';
  if (data.length < 9) return undefined;
  if (data[0] === 0x40) return heard(model, [value('battery_voltage', u16be(data, 3) / 1000)]);
  if (data[0] === 0x60 && data.length >= 14)
    return heard(model, [...mokoAcceleration(data, 6), value('battery_voltage', u16be(data, 12) / 1000)]);
  if (data[0] === 0x70)
    return heard(model, [
      value('temperature', i16be(data, 3) / 10),
      value('humidity', u16be(data, 5) / 10),
      value('battery_voltage', u16be(data, 7) / 1000),
    ]);
  return undefined;
}

function n03(address: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length === 15 && data[0] === 0xab && data[1] === 0x03) {
    const model = 'April Brother N03';
    if (!repeatsAddress(address, data, 2, 'written') && !repeatsAddress(address, data, 2, 'reversed')) return refused(model, 'malformed');
    return heard(model, [
      value('battery', data[8]!),
      value('temperature', i16le(data, 9) / 8),
      value('humidity', u16le(data, 11) / 2),
      value('illuminance', u16le(data, 13)),
    ]);
  }
  return data.length === 13 && data[0] === 0x41 && data[1]! <= 100 ? holyiot(address, data) : undefined;
}

/** Battery, address, two unknown bytes, kind of the reading, reading. */
function holyiot(address: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  const model = 'Holyiot beacon';
  const values = [value('battery', data[1]!)];
  // Where it does not repeat the address, what follows is not known
  if (address === null || !repeatsAddress(address, data, 2, 'written')) return heard(model, values);
  switch (data[10]) {
    case 1:
      return heard(model, [...values, value('temperature', data[11]! + data[12]! / 100)]);
    case 2:
      return heard(model, [...values, value('pressure', (80_000 + i16be(data, 11)) / 100)]);
    case 3:
      return heard(model, [...values, value('humidity', data[11]!)]);
    case 4:
      return heard(model, values, { events: [state('vibration', data[11] !== 0)] });
    case 6:
      return heard(model, values, { events: [event('button', 'press')] });
    default:
      return heard(model, values);
  }
}

/** Now, then the means of an hour and a day: the middle one of three is what peers show as the present one. */
const pebble = (data: Uint8Array): DecodedAdvertisement | undefined =>
  data.length !== 18
    ? undefined
    : heard('Blue Maestro Pebble', [
        value('temperature', i16le(data, 3) / 10),
        value('humidity', data[7]!),
        value('pressure', u16le(data, 8)),
      ]);

/** Kind, battery, interval of the log, number of log entries, readings, mode. */
function tempoDisc(data: Uint8Array): DecodedAdvertisement | undefined {
  const model = 'Blue Maestro Tempo Disc';
  if (data[0] === 0x01) return pebble(data);
  const values = [value('temperature', i16be(data, 6) / 10)];
  switch (data[0]) {
    case 0x0d:
      if (data.length !== 10) return undefined;
      break;
    case 0x16:
    case 0x17:
      if (data.length !== 14) return undefined;
      values.push(value('humidity', u16be(data, 8) / 10), value('dew_point', i16be(data, 10) / 10));
      break;
    case 0x1b:
      if (data.length !== 14) return undefined;
      values.push(value('humidity', u16be(data, 8) / 10), value('pressure', u16be(data, 10) / 10));
      break;
    default:
      return undefined;
  }
  values.push(value('battery', data[1]!));
  return heard(model, values, { packet: u16be(data, 4) });
}

/** Its iBeacon writes the cell's tenths of a volt where others write their power, which is negative. */
function radioLand(data: Uint8Array, iBeacon: Uint8Array | undefined): DecodedAdvertisement {
  const values = [value('temperature', i16be(data, 0) / 256), value('humidity', i16be(data, 2) / 256)];
  if (iBeacon !== undefined && iBeacon.length >= 23 && iBeacon[22]! < 0x80) values.push(value('battery_voltage', iBeacon[22]! / 10));
  return heard('RadioLand RDL52832', values);
}

/** A battery of 101 says "on mains". */
function feasycom(address: string | null, data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 11 || data[0]! < 0x15 || data[0]! > 0x29 || data[10]! > 101 || !repeatsAddress(address, data, 4, 'written'))
    return undefined;
  return data[10] === 101 ? presence('Feasycom beacon') : heard('Feasycom beacon', [value('battery', data[10]!)]);
}

export const sensorBeacons: AdvertisementFamily = {
  name: 'KKM, BlueCharm, MOKO, April Brother, Holyiot, RadioLand, Feasycom, Blue Maestro',
  serviceData: ['feaa', 'feab', 'ff01', '5242', '0318', 'fff0'],
  companies: [BLUE_MAESTRO],
  decode({ address, serviceData, manufacturerData }) {
    for (const [uuid, data] of serviceData) {
      if (uuid === 'feaa') return kSensor(data);
      if (uuid === 'feab') return beaconXPro(data);
      if (uuid === '5242') return n03(address, data);
      if (uuid === 'fff0') return feasycom(address, data);
      if (uuid === 'ff01' && data.length === 13) return heard('MokoBeacon', [value('battery', data[0]!), ...mokoAcceleration(data, 7)]);
      if (uuid === '0318' && data.length === 16) return radioLand(data, manufacturerData.get(APPLE));
    }
    const disc = manufacturerData.get(BLUE_MAESTRO);
    return disc === undefined ? undefined : tempoDisc(disc);
  },
};
