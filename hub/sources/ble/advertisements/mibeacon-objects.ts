/**
 * Objects of MiBeacon: one row for each object number. A row reads the object's bytes and says values and events.
 * Source: object definition of Xiaomi's IoT platform (0x0000-0x3FFF), product specifications at miot-spec.org (0x4800 and up);
 * what owners of single products found is marked.
 */
import type { QuantityId } from '../../../../firmware/protocol/quantities.ts';
import type { BleEvent, BleValue } from '../advertisement.ts';
import { f32le, i16le, u16le, u24le, u32le } from './fields.ts';
import { mibeaconButton } from './mibeacon-buttons.ts';
import { doorOf, fingerprintEvents, lockEvents } from './mibeacon-locks.ts';
import { event, state, value } from './outcome.ts';

export interface ObjectSays {
  readonly values?: readonly BleValue[];
  readonly events?: readonly BleEvent[];
}

interface Row {
  /** Lengths the object may have; anything else is not this object. */
  readonly bytes: readonly number[];
  readonly read: (object: Uint8Array, product: string) => ObjectSays;
}

const NOTHING: ObjectSays = {};
/** Xiaomi's app calls half a minute without motion still motion. */
const MOTION_HOLD_S = 30;

const values = (...said: BleValue[]): ObjectSays => ({ values: said });
const events = (...said: BleEvent[]): ObjectSays => ({ events: said });
const one =
  (quantity: QuantityId, read: (object: Uint8Array) => number): Row['read'] =>
  (object) =>
    values(value(quantity, read(object)));
const byte = (object: Uint8Array): number => object[0]!;
const flag = (name: string): Row => ({ bytes: [1], read: (object) => events(state(name, object[0]! > 0)) });
const quantity = (id: QuantityId, bytes: number, read: (object: Uint8Array) => number): Row => ({ bytes: [bytes], read: one(id, read) });
const opening = (open: boolean, ...said: BleEvent[]): ObjectSays => ({ values: [value('opening', open ? 1 : 0)], events: said });
const sinceMotion = (seconds: number): ObjectSays => values(value('motion', seconds <= MOTION_HOLD_S ? 1 : 0));
const lasting = (name: string, seconds: number): ObjectSays => ({
  values: [value('duration', seconds)],
  events: [event(name, `${seconds} s`)],
});

const closed: readonly BleEvent[] = [state('door left open', false), state('device forcibly removed', false)];
const openingState = (code: number): ObjectSays => (code === 1 ? opening(true) : code === 2 ? opening(false, ...closed) : NOTHING);
const sleepState = (code: number): ObjectSays =>
  code === 2 ? events(event('button', 'double press')) : events(state('asleep', code === 1));

/** A press of a product's only button, or of the one that the object's byte names. */
const press =
  (how: string): Row['read'] =>
  (object, product) => {
    const which = object[0];
    if (product === 'XMWS01XS') return events(event(which === 1 ? 'button right' : 'button left', how));
    if (product === 'XMWXKG01YL' && which !== undefined && which >= 1 && which <= 3)
      return { events: [...(which & 1 ? [event('button left', how)] : []), ...(which & 2 ? [event('button right', how)] : [])] };
    if (product === 'K9BB-1BTN') {
      const pressed = which === 1 ? 'press' : which === 8 ? 'long press' : which === 15 ? 'double press' : undefined;
      return pressed === undefined ? NOTHING : events(event('button', pressed));
    }
    if (product.startsWith('KS1')) {
      const name = ['left', 'mid left', 'mid right', 'right'][(which ?? 0) - 1];
      return name === undefined ? NOTHING : events(event(`button ${name}`, how));
    }
    return events(event('button', how));
  };
const pressRow = (how: string): Row => ({ bytes: [0, 1, 2], read: press(how) });

/**
 * Body composition scale S400: profile, then weight (11 bits, 0.1 kg), heart rate (7 bits, above 50/min; 0 and 127 say none) and
 * impedance (14 bits, 0.1 Ohm) in one number, then the scale's time. With a weight the impedance was taken at 50 kHz, without one at
 * 250 kHz. Source: owners of the scale, against its app.
 */
function s400(object: Uint8Array): ObjectSays {
  const packed = u32le(object, 1);
  const weight = packed & 0x7ff;
  const pulse = (packed >>> 11) & 0x7f;
  const impedance = packed >>> 18;
  const said: BleValue[] = [];
  if (weight > 0) said.push(value('weight', weight / 10));
  if (pulse > 0 && pulse < 127) said.push(value('heart_rate', pulse + 50));
  if (impedance > 0) said.push(value(weight > 0 ? 'impedance' : 'impedance_high', impedance / 10));
  return { values: said, events: [event('profile', String(object[0]!))] };
}

/**
 * Body temperature of a baby thermometer from its two probes. Source: an approximation that owners fitted to the app's readings
 * between 36.5 and 37.8 Cel.
 */
function bodyTemperature(object: Uint8Array): ObjectSays {
  const skin = i16le(object, 0) / 100;
  const outer = i16le(object, 2) / 100;
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: a fitted coefficient, not the logarithm of two
  const body = 3.71934e-11 * Math.exp(0.69314 * skin) - 1.02801e-8 * Math.exp(0.53871 * outer) + 36.413;
  return values(value('body_temperature', Number(body.toFixed(4))), value('battery', object[4]!));
}

/** Products that tell "light" and "dark" where others tell lux. */
const tellsLightOnly = new Set(['MJYD02YL', 'MCCGQ02HL', 'RTCGQ02LM']);

const rows: Readonly<Record<number, Row>> = {
  0x0003: { bytes: [1], read: () => values(value('motion', 1)) },
  0x0006: { bytes: [5], read: (object) => ({ events: fingerprintEvents(object) }) },
  0x0007: {
    bytes: [1, 5],
    read: (object) => {
      const door = doorOf(object[0]!);
      return door === undefined ? NOTHING : opening(door.open, ...door.events);
    },
  },
  0x0008: {
    bytes: [1, 5],
    // DSL-C08 sends this when its handle is lifted from outside
    read: (object, product) =>
      product === 'DSL-C08'
        ? events(event('lock', 'lock outside the door'), event('lock method', 'manual'), state('unlocked', object[0] === 0))
        : events(state('armed away', object[0] === 0)),
  },
  0x000a: { bytes: [2], read: (object) => (i16le(object, 0) === 0 ? NOTHING : values(value('body_temperature', i16le(object, 0) / 100))) },
  0x000b: { bytes: [9], read: (object, product) => ({ events: lockEvents(object, product) }) },
  0x000f: {
    bytes: [3],
    read: (object, product) => {
      const light = u24le(object, 0);
      const said = [value('motion', 1)];
      if (product === 'CGPR1') said.push(value('illuminance', light));
      return { values: said, events: [state('light', light >= 100)] };
    },
  },
  0x0010: {
    bytes: [1, 2],
    read: (object) => ({
      values: object.length < 2 ? [] : [value(object[0] === 0 ? 'count' : 'brushing_score', object[1]!)],
      events: [state('toothbrush', object[0] === 0)],
    }),
  },
  0x1001: { bytes: [3], read: (object, product) => ({ events: mibeaconButton(product, object[0]!, object[1]!, object[2]!) }) },
  0x1004: quantity('temperature', 2, (object) => i16le(object, 0) / 10),
  0x1005: { bytes: [2], read: (object) => ({ values: [value('temperature', object[1]!)], events: [state('power', object[0]! > 0)] }) },
  0x1006: quantity('humidity', 2, (object) => u16le(object, 0) / 10),
  0x1007: {
    bytes: [3],
    read: (object, product) =>
      tellsLightOnly.has(product) ? events(state('light', u24le(object, 0) === 100)) : values(value('illuminance', u24le(object, 0))),
  },
  0x1008: quantity('soil_moisture', 1, byte),
  0x1009: quantity('soil_conductivity', 2, (object) => u16le(object, 0)),
  0x100a: quantity('battery', 1, byte),
  0x100d: { bytes: [4], read: (object) => values(value('temperature', i16le(object, 0) / 10), value('humidity', u16le(object, 2) / 10)) },
  0x100e: {
    bytes: [1],
    read: (object, product) =>
      product === 'DSL-C08' ? events(state('unlocked', (object[0]! & 1) === 0), state('childlock off', (object[0]! & 8) === 0)) : NOTHING,
  },
  // Hundredths of mg/m3
  0x1010: quantity('formaldehyde_mass', 2, (object) => u16le(object, 0) * 10),
  0x1012: flag('power'),
  0x1013: quantity('consumable', 1, byte),
  0x1014: flag('moisture'),
  0x1015: flag('smoke'),
  0x1017: { bytes: [4], read: (object) => sinceMotion(u32le(object, 0)) },
  0x1018: flag('light'),
  0x1019: {
    bytes: [1],
    read: (object) => {
      if (object[0] === 0) return opening(true);
      if (object[0] === 1) return opening(false, state('door left open', false));
      return object[0] === 2 ? opening(true, state('door left open', true)) : events(event('reset'));
    },
  },
  0x101b: { bytes: [4], read: () => values(value('motion', 0)) },
  0x2000: { bytes: [5], read: bodyTemperature },
  0x3003: {
    bytes: [5, 6],
    read: (object) => ({
      values: object.length === 6 ? [value('brushing_score', object[5]!)] : [],
      events: [state('toothbrush', object[0] === 0)],
    }),
  },
  0x4801: quantity('temperature', 4, (object) => f32le(object, 0)),
  0x4802: quantity('humidity', 1, byte),
  0x4803: quantity('battery', 1, byte),
  0x4804: { bytes: [1], read: (object) => openingState(object[0]!) },
  0x4805: quantity('illuminance', 4, (object) => f32le(object, 0)),
  0x4806: flag('moisture'),
  0x4808: quantity('humidity', 4, (object) => f32le(object, 0)),
  0x4810: { bytes: [1], read: (object) => sleepState(object[0]!) },
  0x4811: flag('snoring'),
  0x4818: { bytes: [2], read: (object) => sinceMotion(u16le(object, 0)) },
  0x483c: quantity('occupancy', 1, (object) => (object[0] === 1 ? 1 : 0)),
  0x483d: { bytes: [4], read: (object) => lasting('pressure present', u32le(object, 0)) },
  0x483e: { bytes: [4], read: (object) => lasting('pressure not present', u32le(object, 0)) },
  0x483f: { bytes: [4], read: (object) => events(event('pressure present time set', `${u32le(object, 0)} s`)) },
  0x4840: { bytes: [4], read: (object) => events(event('pressure not present time set', `${u32le(object, 0)} s`)) },
  0x484e: quantity('occupancy', 1, (object) => (object[0]! > 0 ? 1 : 0)),
  0x484f: { bytes: [1], read: (object) => lasting('cleared', object[0]! * 60) },
  0x4850: { bytes: [1], read: (object) => lasting('detected', object[0]! * 60) },
  0x4851: { bytes: [1], read: (object) => lasting('detected', object[0]! * 60) },
  0x4852: { bytes: [1], read: (object) => lasting('cleared', object[0]! * 60) },
  0x4a01: flag('battery low'),
  0x4a08: { bytes: [4], read: (object) => values(value('motion', 1), value('illuminance', f32le(object, 0))) },
  0x4a0c: pressRow('press'),
  0x4a0d: pressRow('double press'),
  0x4a0e: pressRow('long press'),
  0x4a0f: { bytes: [1], read: (object) => (object[0] === 1 ? opening(true, state('device forcibly removed', true)) : NOTHING) },
  0x4a12: { bytes: [1], read: (object) => openingState(object[0]!) },
  0x4a13: { bytes: [1], read: (object) => (object[0] === 1 ? events(event('button', 'press')) : NOTHING) },
  0x4a1a: { bytes: [1], read: (object) => (object[0] === 1 ? opening(true, state('door left open', true)) : NOTHING) },
  0x4a1c: { bytes: [1], read: () => events(event('reset')) },
  0x4c01: quantity('temperature', 4, (object) => f32le(object, 0)),
  0x4c02: quantity('humidity', 1, byte),
  0x4c03: quantity('battery', 1, byte),
  0x4c08: quantity('humidity', 4, (object) => f32le(object, 0)),
  0x4c14: { bytes: [1], read: (object) => events(event('mode', String(object[0]!))) },
  0x4e01: flag('battery low'),
  0x4e0c: pressRow('press'),
  0x4e0d: pressRow('double press'),
  0x4e0e: pressRow('long press'),
  // One byte: a bed sensor's "in bed". Nine: a scale's profile and weight in 0.01 kg, which the S800 writes last
  0x4e16: {
    bytes: [1, 9],
    read: (object, product) => {
      if (object.length === 1) return object[0] === 1 ? values(value('bed_occupied', 1)) : NOTHING;
      const weight = u16le(object, product === 'S800' ? 7 : 1);
      return { values: weight === 0 ? [] : [value('weight', weight / 100)], events: [event('profile', String(object[0]!))] };
    },
  },
  0x4e17: { bytes: [1], read: (object) => (object[0] === 1 ? values(value('bed_occupied', 0)) : NOTHING) },
  0x4e1c: { bytes: [1], read: () => events(event('reset')) },
  0x5003: quantity('battery', 1, byte),
  0x5010: { bytes: [1], read: (object) => sleepState(object[0]!) },
  0x5011: flag('snoring'),
  0x5403: quantity('battery', 1, byte),
  0x5414: { bytes: [1], read: (object) => events(event('mode', String(object[0]!))) },
  0x5422: {
    bytes: [1],
    read: (object) => events(event('charging state', ['', 'Charging', 'Full', 'Not charging'][object[0]!] || String(object[0]!))),
  },
  0x5601: flag('battery low'),
  0x560c: pressRow('press'),
  0x560d: pressRow('double press'),
  0x560e: pressRow('long press'),
  // A band's own sleep detection: 1 awake, 2 asleep
  0x5810: { bytes: [1], read: (object) => events(state('asleep', object[0] === 2)) },
  0x5a16: {
    bytes: [1],
    read: (object) => (object[0] === 3 ? events(event('button', 'double press')) : values(value('bed_occupied', object[0] === 1 ? 1 : 0))),
  },
  // A band: 1 off, 2 on the wrist
  0x6461: { bytes: [1], read: (object) => events(state('wearing', object[0] === 2)) },
  0x6e16: { bytes: [9], read: s400 },
};
const byNumber = new Map(Object.entries(rows).map(([number, row]) => [Number(number), row]));

/** What one object says; undefined for a number that is not known, or a length that is not that object's. */
export function mibeaconObject(number: number, object: Uint8Array, product: string): ObjectSays | undefined {
  const row = byNumber.get(number);
  return row?.bytes.includes(object.length) ? row.read(object, product) : undefined;
}
