/**
 * BTHome's objects: one row for each object id of versions 1 and 2.
 * Source: the format pages of bthome.io (v2, August 2026), public domain format.
 * An object of v2 has the width of its row; v1 writes width and kind before the id, and shares the rest.
 */
import type { QuantityId } from '../../../../firmware/protocol/quantities.ts';

type Said =
  | { readonly quantity: QuantityId; readonly divisor: number; readonly signed?: true }
  /** A two-sided state that is no quantity. */
  | { readonly state: string }
  | { readonly what: 'packet' | 'button' | 'dimmer' | 'timestamp' | 'text' | 'raw' | 'channel' | 'light level' | 'type' | 'firmware' };

/** `bytes` 0: the length stands before the bytes. */
type Row = Said & { readonly bytes: number };

const GRAVITY = 9.80665;
/** Pounds in a kilogram, exactly 1 / 0.45359237. */
const POUNDS = 1 / 0.45359237;

// biome-ignore format: a table reads by columns, one row a line
const rows: Readonly<Record<number, Row>> = {
  0x00: { bytes: 1, what: 'packet' },
  0x01: { bytes: 1, quantity: 'battery', divisor: 1 },
  0x02: { bytes: 2, quantity: 'temperature', divisor: 100, signed: true },
  0x03: { bytes: 2, quantity: 'humidity', divisor: 100 },
  0x04: { bytes: 3, quantity: 'pressure', divisor: 100 },
  0x05: { bytes: 3, quantity: 'illuminance', divisor: 100 },
  0x06: { bytes: 2, quantity: 'weight', divisor: 100 },
  0x07: { bytes: 2, quantity: 'weight', divisor: 100 * POUNDS },
  0x08: { bytes: 2, quantity: 'dew_point', divisor: 100, signed: true },
  0x09: { bytes: 1, quantity: 'count', divisor: 1 },
  0x0a: { bytes: 3, quantity: 'energy', divisor: 1000 },
  0x0b: { bytes: 3, quantity: 'power', divisor: 100 },
  0x0c: { bytes: 2, quantity: 'battery_voltage', divisor: 1000 },
  0x0d: { bytes: 2, quantity: 'pm2_5', divisor: 1 },
  0x0e: { bytes: 2, quantity: 'pm10', divisor: 1 },
  0x0f: { bytes: 1, state: 'generic' },
  0x10: { bytes: 1, state: 'power' },
  0x11: { bytes: 1, quantity: 'opening', divisor: 1 },
  0x12: { bytes: 2, quantity: 'co2', divisor: 1 },
  0x13: { bytes: 2, quantity: 'tvoc_mass', divisor: 1 },
  0x14: { bytes: 2, quantity: 'soil_moisture', divisor: 100 },
  0x15: { bytes: 1, state: 'battery low' },
  0x16: { bytes: 1, state: 'battery charging' },
  0x17: { bytes: 1, state: 'carbon monoxide' },
  0x18: { bytes: 1, state: 'cold' },
  0x19: { bytes: 1, state: 'connectivity' },
  0x1a: { bytes: 1, quantity: 'opening', divisor: 1 },
  0x1b: { bytes: 1, quantity: 'opening', divisor: 1 },
  0x1c: { bytes: 1, state: 'gas' },
  0x1d: { bytes: 1, state: 'heat' },
  0x1e: { bytes: 1, state: 'light' },
  0x1f: { bytes: 1, state: 'unlocked' },
  0x20: { bytes: 1, state: 'moisture' },
  0x21: { bytes: 1, quantity: 'motion', divisor: 1 },
  0x22: { bytes: 1, state: 'moving' },
  0x23: { bytes: 1, quantity: 'occupancy', divisor: 1 },
  0x24: { bytes: 1, state: 'plug' },
  0x25: { bytes: 1, quantity: 'occupancy', divisor: 1 },
  0x26: { bytes: 1, state: 'problem' },
  0x27: { bytes: 1, state: 'running' },
  0x28: { bytes: 1, state: 'safety' },
  0x29: { bytes: 1, state: 'smoke' },
  0x2a: { bytes: 1, state: 'sound' },
  0x2b: { bytes: 1, state: 'tamper' },
  0x2c: { bytes: 1, state: 'vibration' },
  0x2d: { bytes: 1, quantity: 'opening', divisor: 1 },
  0x2e: { bytes: 1, quantity: 'humidity', divisor: 1 },
  0x2f: { bytes: 1, quantity: 'soil_moisture', divisor: 1 },
  0x3a: { bytes: 1, what: 'button' },
  0x3c: { bytes: 2, what: 'dimmer' },
  0x3d: { bytes: 2, quantity: 'count', divisor: 1 },
  0x3e: { bytes: 4, quantity: 'count', divisor: 1 },
  0x3f: { bytes: 2, quantity: 'angle', divisor: 10, signed: true },
  0x40: { bytes: 2, quantity: 'object_distance', divisor: 1000 },
  0x41: { bytes: 2, quantity: 'object_distance', divisor: 10 },
  0x42: { bytes: 3, quantity: 'duration', divisor: 1000 },
  0x43: { bytes: 2, quantity: 'current', divisor: 1000 },
  0x44: { bytes: 2, quantity: 'speed', divisor: 100 },
  0x45: { bytes: 2, quantity: 'temperature', divisor: 10, signed: true },
  0x46: { bytes: 1, quantity: 'uv_index', divisor: 10 },
  0x47: { bytes: 2, quantity: 'volume', divisor: 10 },
  0x48: { bytes: 2, quantity: 'volume', divisor: 1000 },
  0x49: { bytes: 2, quantity: 'volume_flow', divisor: 1000 },
  0x4a: { bytes: 2, quantity: 'voltage', divisor: 10 },
  0x4b: { bytes: 3, quantity: 'gas_volume', divisor: 1000 },
  0x4c: { bytes: 4, quantity: 'gas_volume', divisor: 1000 },
  0x4d: { bytes: 4, quantity: 'energy', divisor: 1000 },
  0x4e: { bytes: 4, quantity: 'volume', divisor: 1000 },
  0x4f: { bytes: 4, quantity: 'water_volume', divisor: 1000 },
  0x50: { bytes: 4, what: 'timestamp' },
  0x51: { bytes: 2, quantity: 'acceleration', divisor: 1000 * GRAVITY },
  0x52: { bytes: 2, quantity: 'angular_rate', divisor: 1000 },
  0x53: { bytes: 0, what: 'text' },
  0x54: { bytes: 0, what: 'raw' },
  0x55: { bytes: 4, quantity: 'volume', divisor: 1000 },
  0x56: { bytes: 2, quantity: 'soil_conductivity', divisor: 1 },
  0x57: { bytes: 1, quantity: 'temperature', divisor: 1, signed: true },
  0x58: { bytes: 1, quantity: 'temperature', divisor: 1 / 0.35, signed: true },
  0x59: { bytes: 1, quantity: 'count', divisor: 1, signed: true },
  0x5a: { bytes: 2, quantity: 'count', divisor: 1, signed: true },
  0x5b: { bytes: 4, quantity: 'count', divisor: 1, signed: true },
  0x5c: { bytes: 4, quantity: 'power', divisor: 100, signed: true },
  0x5d: { bytes: 2, quantity: 'current', divisor: 1000, signed: true },
  0x5e: { bytes: 2, quantity: 'angle', divisor: 100 },
  0x5f: { bytes: 2, quantity: 'precipitation', divisor: 10 },
  0x60: { bytes: 1, what: 'channel' },
  0x61: { bytes: 2, quantity: 'rotation_speed', divisor: 1 },
  0x62: { bytes: 4, quantity: 'speed', divisor: 1e6, signed: true },
  0x63: { bytes: 4, quantity: 'acceleration', divisor: 1e6 * GRAVITY, signed: true },
  0x64: { bytes: 1, what: 'light level' },
  0xf0: { bytes: 2, what: 'type' },
  0xf1: { bytes: 4, what: 'firmware' },
  0xf2: { bytes: 3, what: 'firmware' },
};

/** By object id; undefined for one of a newer specification. */
export const bthomeObjects: readonly (Row | undefined)[] = Array.from({ length: 256 }, (_, id) => rows[id]);

/** 0xFE is Shelly's hold; 0x80 the specification's. */
export const buttonPresses: Readonly<Record<number, string>> = {
  1: 'press',
  2: 'double press',
  3: 'triple press',
  4: 'long press',
  5: 'long double press',
  6: 'long triple press',
  0x80: 'hold press',
  0xfe: 'hold press',
};

export const dimmerTurns: Readonly<Record<number, string>> = { 1: 'rotate left', 2: 'rotate right' };
export const lightLevels: readonly string[] = ['dark', 'twilight', 'bright'];
