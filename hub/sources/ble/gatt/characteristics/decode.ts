/**
 * Reads a characteristic by its row of fields. What the bytes do not hold is said, never guessed: a strict reading refuses a
 * value whose flags promise more than there is, a lenient one gives the fields before the gap (scales that split one
 * measurement over two indications need that).
 */

import { signed, u8, u16le } from '../bytes.ts';
import { type CivilTime, civilTimeAt, DATE_TIME_LENGTH } from '../civil-time.ts';
import { floatAt, sfloatAt } from '../floats.ts';
import { type Characteristic, type Field, type FieldValue, isNumber, type NumberField, sizes, type When } from './layout.ts';

export interface Decoded {
  readonly uuid: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Unit of each number that has one. */
  readonly units: Readonly<Record<string, string>>;
}

export type Decoding = { readonly ok: true; readonly decoded: Decoded } | { readonly ok: false; readonly reason: string };

/** The value of a characteristic, or in words what is missing. Bytes after the last field are of a newer version, and ignored. */
export function decode(characteristic: Characteristic, bytes: Uint8Array): Decoding {
  const { decoded, missing } = read(characteristic, bytes);
  return missing === undefined ? { ok: true, decoded } : { ok: false, reason: `${characteristic.name}: ${missing}` };
}

/** The fields that the bytes hold whole, up to the first that they do not. */
export const decodeWhatIsThere = (characteristic: Characteristic, bytes: Uint8Array): Decoded => read(characteristic, bytes).decoded;

function read(characteristic: Characteristic, bytes: Uint8Array): { decoded: Decoded; missing?: string } {
  const fields: Record<string, FieldValue> = {};
  const units: Record<string, string> = {};
  const raws = new Map<string, number>();
  const done = (missing?: string) => ({
    decoded: { uuid: characteristic.uuid, fields, units },
    ...(missing === undefined ? {} : { missing }),
  });

  let at = 0;
  for (const field of characteristic.fields) {
    if (!isThere(field.when, raws)) continue;
    const left = bytes.length - at;
    if (!isNumber(field)) {
      const size = sizeOf(field, left);
      if (size > left) return done(`'${field.name}' takes ${size} bytes from byte ${at}, and there are ${left}`);
      const value = otherValue(field, bytes, at, size);
      if (value === undefined) return done(`'${field.name}' at byte ${at} is no date`);
      fields[field.name] = value;
      at += size;
      continue;
    }
    const size = sizes[field.type];
    if (field.repeats === true) {
      const list: (number | string | null)[] = [];
      for (; at + size <= bytes.length; at += size) list.push(numberValue(field, bytes, at, raws) as number | string | null);
      // The flags announce at least one.
      if (at < bytes.length || list.length === 0) return done(`'${field.name}' is cut at byte ${at}`);
      fields[field.name] = list;
    } else {
      if (size > left) return done(`'${field.name}' takes ${size} bytes from byte ${at}, and there are ${left}`);
      raws.set(field.name, rawAt(field, bytes, at));
      fields[field.name] = numberValue(field, bytes, at, raws);
      at += size;
    }
    const unit = unitOf(field, raws);
    if (unit !== undefined) units[field.name] = unit;
  }
  return done();
}

export function isThere(when: When | undefined, raws: ReadonlyMap<string, number>): boolean {
  if (when === undefined) return true;
  const flags = raws.get(when.of ?? 'flags') ?? 0;
  if (when.bit !== undefined && !hasBit(flags, when.bit)) return false;
  return when.noBit === undefined || !hasBit(flags, when.noBit);
}

/** Bits up to 47: beyond what the bit operators reach. */
export const hasBit = (raw: number, bit: number): boolean => Math.floor(raw / 2 ** bit) % 2 === 1;

export function unitOf(field: NumberField, raws: ReadonlyMap<string, number>): string | undefined {
  return isInstead(field, raws) ? field.instead?.unit : field.unit;
}

const isInstead = (field: NumberField, raws: ReadonlyMap<string, number>): boolean =>
  field.instead !== undefined && hasBit(raws.get('flags') ?? 0, field.instead.bit);

/** times / per / plus in force. */
export function scaleOf(field: NumberField, raws: ReadonlyMap<string, number>): { times: number; per: number; plus: number } {
  const { times = 1, per = 1 } = isInstead(field, raws) ? field.instead! : field;
  return { times, per, plus: field.plus ?? 0 };
}

function rawAt(field: NumberField, bytes: Uint8Array, at: number): number {
  if (field.type === 'sfloat') return sfloatAt(bytes, at);
  if (field.type === 'float') return floatAt(bytes, at);
  const size = sizes[field.type];
  let raw = 0;
  for (let index = size - 1; index >= 0; index--) raw = raw * 0x100 + u8(bytes, at + index);
  return field.type.startsWith('s') ? signed(raw, size * 8) : raw;
}

function numberValue(field: NumberField, bytes: Uint8Array, at: number, raws: ReadonlyMap<string, number>): FieldValue {
  const raw = rawAt(field, bytes, at);
  // A decimal float that is no number is a value that the device does not know.
  if (!Number.isFinite(raw) || field.unknown?.includes(raw) === true) return null;
  if (field.bits !== undefined) {
    return Object.fromEntries(
      field.bits.map(({ name, start, width = 1, names }) => {
        const part = Math.floor(raw / 2 ** start) % 2 ** width;
        return [name, names !== undefined ? (names[part] ?? part) : width === 1 ? part === 1 : part];
      }),
    );
  }
  const word = field.names?.[raw];
  if (word !== undefined) return word;
  const { times, per, plus } = scaleOf(field, raws);
  return (raw * times) / per + plus;
}

function sizeOf(field: Exclude<Field, NumberField>, left: number): number {
  if (field.type === 'dateTime') return DATE_TIME_LENGTH;
  if (field.type === 'date') return 4;
  return field.length ?? left;
}

function otherValue(field: Exclude<Field, NumberField>, bytes: Uint8Array, at: number, size: number): FieldValue | undefined {
  switch (field.type) {
    case 'dateTime':
      return civilTimeAt(bytes, at) satisfies CivilTime | undefined;
    case 'date': {
      const [year, month, day] = [u16le(bytes, at), u8(bytes, at + 2), u8(bytes, at + 3)];
      return month > 12 || day > 31 ? undefined : { year: year || null, month: month || null, day: day || null };
    }
    case 'text':
      // Devices pad their names with zeros.
      return Buffer.from(bytes.subarray(at, at + size))
        .toString('utf8')
        .replace(/\0+$/, '');
    case 'bytes':
      return Uint8Array.from(bytes.subarray(at, at + size));
  }
}
