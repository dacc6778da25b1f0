/**
 * Single products of a household: Mopeka tank sensors (company 0x0059), Otodata and Rotarex tank monitors (0x03B1), HOBO MX2001 water level
 * (0x00C5), Oras faucets (0x0131) and Amphiro/Oras showers (0xFAEE), BeeWi door sensors (0x000D), TPMS tyre valves (0x0100), Skale coffee
 * scales (0x81EF), EcoFlow batteries (0xB5B5), NodOn buttons (service data 0x0000), Senssun scales (0x0100), Chef iQ food probes (0x05CD),
 * Blustream cases (0x0194), Schneider Odace switches (0x02B6).
 * Source: github.com/spbrogan/mopeka_pro_check (tank formulas), owners of the others (Theengs issue tracker).
 * Without a check: exact lengths, fixed bytes and bounds.
 */
import type { AdvertisementFamily, DecodedAdvertisement } from '../advertisement.ts';
import { asciiOf, f32le, hexOf, i16be, i32le, u16be, u16le, u24be, u32le } from './fields.ts';
import { event, heard, presence, state, value } from './outcome.ts';

/** Way of sound in the tank, by sensor kind: offset, and by the temperature's first and second power. */
const propane = [0.573045, -0.002822, -0.00000535] as const;
const water = [0.600592, 0.003124, -0.00001368] as const;
const tanks: Readonly<Record<number, readonly [model: string, sound: readonly [number, number, number]]>> = {
  0x03: ['Mopeka Pro Check', propane],
  0x05: ['Mopeka Pro Check H2O', water],
  0x06: ['Mopeka Pro Check', propane],
  0x08: ['Mopeka Pro Plus', propane],
  0x09: ['Mopeka Pro Plus', propane],
  0x0c: ['Mopeka Pro Check Universal', propane],
};

/** Level from the echo's time and the temperature. */
function mopeka(data: Uint8Array): DecodedAdvertisement | undefined {
  const tank = data.length === 10 ? tanks[data[0]!] : undefined;
  if (tank === undefined) return undefined;
  const [model, sound] = tank;
  const warmth = data[2]! & 0x7f;
  const metresPerStep = (sound[0] + sound[1] * warmth + sound[2] * warmth * warmth) / 1000;
  const volts = (data[1]! & 0x7f) / 32;
  return heard(
    model,
    [
      value('temperature', warmth - 40),
      value('liquid_level', (u16le(data, 3) & 0x3fff) * metresPerStep),
      value('battery_voltage', volts),
      value('battery', Number(Math.max(0, Math.min(100, ((volts - 2.2) / 0.65) * 100)).toFixed(2))),
    ],
    { events: [event('quality', String(data[4]! >> 6)), state('sync', (data[2]! & 0x80) !== 0)] },
  );
}

function otodata(data: Uint8Array): DecodedAdvertisement | undefined {
  const model = 'Otodata tank monitor';
  if (!asciiOf(data, 0, 3).startsWith('OTO')) return undefined;
  if (data.length === 22) return presence(model, String(u32le(data, 7)));
  return data.length === 19
    ? heard(model, [value('fill_level', u16le(data, 9) / 100)], { events: [event('status', String(u16le(data, 11)))] })
    : undefined;
}

/** One shower: number, seconds, litres in 1/2560, degrees, energy in hundredths of a kilowatt hour. */
const shower = (data: Uint8Array): DecodedAdvertisement | undefined =>
  data.length !== 19
    ? undefined
    : heard(
        'Oras Hydractiva Digital',
        [
          value('duration', u16be(data, 3)),
          value('water_volume', u24be(data, 8) / 2560),
          value('temperature', data[11]!),
          value('energy', u16be(data, 12) / 100),
        ],
        { packet: u24be(data, 0) },
      );

function faucet(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 18 || data[0] !== 0 || data[2] !== 0) return undefined;
  const serial = asciiOf(data, 3, 18).trim();
  return serial.includes('?') ? undefined : heard('Oras smart faucet', [value('battery', data[1]!)], { events: [event('serial', serial)] });
}

/** Pressure in Pa, temperature in hundredths; the valve's address begins EA CA. */
function tyre(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 16 || data[0]! < 0x80 || data[0]! > 0x87 || data[1] !== 0xea || data[2] !== 0xca) return undefined;
  const channel = (data[0]! & 7) + 1;
  return heard(
    'TPMS',
    [
      value('tyre_pressure', i32le(data, 6) / 1000, channel),
      value('temperature', i32le(data, 10) / 100, channel),
      value('battery', data[14]!, channel),
    ],
    { events: [state('alarm', data[15] !== 0)] },
  );
}

const presses: Readonly<Record<number, string>> = {
  1: 'press',
  2: 'double press',
  3: 'long press',
  4: 'release',
  5: 'triple press',
  6: 'quadruple press',
  7: 'quintuple press',
};
const colours = ['', '', 'White', 'TechBlue', 'CozyGrey', 'Wazabi', 'Lagoon', 'Softberry'];

function nodon(data: Uint8Array): DecodedAdvertisement | undefined {
  const press = presses[data[15]!];
  const colour = colours[u16be(data, 10)];
  if (data.length !== 16 || press === undefined || !colour) return undefined;
  return heard('NodOn NIU', [value('battery', data[12]! & 0x7f)], {
    events: [event('button', press), event('color', colour)],
    packet: u16be(data, 13),
  });
}

/** A food probe: charge, its fourth sensor in whole degrees, then meat, tip, first to third sensor, air, in tenths. */
function chefIq(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 18 || data[2]! > 100) return undefined;
  const values = [value('battery', data[2]!)];
  for (const [index, at] of [6, 8, 10, 12, 14].entries())
    if (u16le(data, at) <= HOTTEST_PROBE_TENTHS) values.push(value('temperature', u16le(data, at) / 10, index + 1));
  return values.length === 1 ? undefined : heard('Chef iQ CQ60', values);
}
const HOTTEST_PROBE_TENTHS = 4000;

/** A scale that broadcasts: division, weight in 0.01 kg, impedance, flags; it has settled when both its bits are set. */
function senssun(data: Uint8Array): DecodedAdvertisement | undefined {
  if (data.length !== 17) return undefined;
  const settled = (data[14]! & 0xa0) === 0xa0;
  const values = [value('weight', u16be(data, 10) / 100)];
  if (settled && u16be(data, 12) > 0) values.push(value('impedance', u16be(data, 12)));
  return heard('Senssun scale', values, { settled });
}

const switchActions = ['off', 'on', 'toggle', 'dim up', 'dim down', 'up', 'down', 'stop', 'scene user', 'scene in', 'scene out'];
function odace(data: Uint8Array): DecodedAdvertisement | undefined {
  const action = switchActions[data[9]!];
  return data.length < 10 || data[0] !== 0x8e || data[1] !== 0x44 || action === undefined
    ? undefined
    : heard('Schneider Electric Odace switch', [], { events: [event('button', action)] });
}

const readers: Readonly<Record<number, (data: Uint8Array) => DecodedAdvertisement | undefined>> = {
  0x0059: mopeka,
  0x03b1: otodata,
  0xfaee: shower,
  0x0131: faucet,
  0x0100: (data) => (data.length === 17 ? senssun(data) : tyre(data)),
  0x05cd: chefIq,
  0x02b6: odace,
  // An instrument's case: shocks, humidity, temperature
  0x0194: (data) =>
    data.length === 9
      ? heard('Blustream', [value('temperature', i16be(data, 7) / 100), value('humidity', u16be(data, 5) / 100)])
      : undefined,
  0x00c5: (data) => (data.length === 20 ? heard('HOBO MX2001 water level', [value('liquid_level', f32le(data, 16))]) : undefined),
  0x000d: (data) =>
    data.length === 5 && data[0] === 0x08 && data[1] === 0x0c
      ? heard('BeeWi door sensor', [value('opening', data[2]! & 1), value('battery', data[4]!)])
      : undefined,
  // Tenths of a gram
  0x81ef: (data) => (data.length === 4 ? heard('Atomax Skale', [value('object_mass', i32le(data, 0) / 10_000)]) : undefined),
  0xb5b5: (data) =>
    data.length === 24 && (data[1] === 0x52 || data[1] === 0)
      ? heard('EcoFlow', [value('battery', data[17]! & 0x7f)], { events: [event('version', hexOf(data, 1, 4))] })
      : undefined,
};

export const household: AdvertisementFamily = {
  name: 'Mopeka, Otodata, HOBO, Oras, BeeWi, TPMS, Skale, EcoFlow, NodOn, Senssun, Chef iQ, Blustream, Odace',
  companies: Object.keys(readers).map(Number),
  serviceData: ['0000'],
  decode({ manufacturerData, serviceData }) {
    for (const [company, data] of manufacturerData) {
      const outcome = readers[company]?.(data);
      if (outcome !== undefined) return outcome;
    }
    const button = serviceData.get('0000');
    return button === undefined ? undefined : nodon(button);
  },
};
