/**
 * Airthings Wave Enhance and Corentium Home 2: latest values in CBOR, asked for by a path.
 *
 * Request 03 01, two random bytes, the map {0: path}. Answer 10 01 00 03 45, the same two bytes, an array of {0: path, 2: bytes},
 * whose bytes are a map again. Source: the manufacturer's open program (github.com/Airthings/airthings-ble).
 */
import { decode } from 'cborg';
import type { BleValue } from '../../advertisement.ts';
import { read } from './reading.ts';

/** Written with a response, answered by notifications of the second. */
export const ATOM_COMMAND = 'b42e1348-ade7-11e4-89d3-123b93f75cba';
export const ATOM_NOTIFY = 'b42e3ef4-ade7-11e4-89d3-123b93f75cba';

/** The resource of the latest values. */
const PATH = '29999/0/31012';
const ANSWER = [0x10, 0x01, 0x00, 0x03, 0x45];
const HEAD_LENGTH = ANSWER.length + 2;
/** An answer is some 60 bytes; what is longer is none. */
const MAX_ANSWER = 512;

/** The request for the latest values; `random` are the two bytes that the answer repeats. */
export function askAtom(random: readonly [number, number]): Uint8Array {
  const path = new TextEncoder().encode(PATH);
  // A map of one, key 0, and a text of a length below 24: each a single byte in CBOR.
  return Uint8Array.from([0x03, 0x01, ...random, 0x81, 0xa1, 0x00, 0x60 + path.length, ...path]);
}

/** What the device says by its own names, numbers as it sends them. */
export type AtomFields = Readonly<Record<string, number>>;

const map = (bytes: Uint8Array): ReadonlyMap<unknown, unknown> | undefined => {
  const item: unknown = decode(bytes, { useMaps: true });
  const first: unknown = Array.isArray(item) ? item[0] : item;
  return first instanceof Map ? first : undefined;
};

/** Fields of an answer that repeats `random` (any, if absent); undefined where it is none, is cut, or is of another path. */
export function atomFields(bytes: Uint8Array, random?: readonly [number, number]): AtomFields | undefined {
  if (bytes.length > MAX_ANSWER || ANSWER.some((byte, at) => bytes[at] !== byte)) return undefined;
  if (random?.some((byte, at) => bytes[ANSWER.length + at] !== byte)) return undefined;
  try {
    const outer = map(bytes.subarray(HEAD_LENGTH));
    const inner = outer?.get(2);
    if (outer?.get(0) !== PATH || !(inner instanceof Uint8Array)) return undefined;
    const fields = [...(map(inner) ?? [])].filter(
      (field): field is [string, number] => typeof field[0] === 'string' && typeof field[1] === 'number',
    );
    return Object.fromEntries(fields);
  } catch {
    // Not CBOR, or not all of it: the next notification brings the rest, or the caller asks again.
    return undefined;
  }
}

const ZERO_CELSIUS = 273.15;

const scaled = (raw: number | undefined, divisor: number, offset = 0): number | undefined =>
  raw === undefined ? undefined : raw / divisor - offset;

/** Quantities of the fields: TMP 0.01 K, HUM 0.01 %, PRS 1/64 Pa, CO2 ppm, VOC ppb, R24 Bq/m3, BAT mV, LUX lx. */
export function atomValues({ TMP, HUM, PRS, CO2, VOC, R24, BAT, LUX }: AtomFields): BleValue[] {
  return read({
    temperature: scaled(TMP, 100, ZERO_CELSIUS),
    humidity: scaled(HUM, 100),
    pressure: scaled(PRS, 6400),
    co2: CO2,
    tvoc: VOC,
    radon: R24,
    battery_voltage: scaled(BAT, 1000),
    illuminance: LUX,
  });
}
