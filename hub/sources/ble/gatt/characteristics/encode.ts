/** Writes a characteristic by its row of fields: what the hub sends to a device, and what our own devices serve. */

import { le16 } from '../bytes.ts';
import { type CivilTime, encodeCivilTime } from '../civil-time.ts';
import { encodeFloat, encodeSfloat } from '../floats.ts';
import { isThere, scaleOf } from './decode.ts';
import { type CalendarDate, type Characteristic, type Field, type FieldValue, isNumber, type NumberField, sizes } from './layout.ts';

/** A value that does not fit its field: which, what, and what would. */
export class EncodeError extends RangeError {
  override readonly name = 'EncodeError';
}

/**
 * Bytes of a characteristic. Bits of the flags that only say which fields follow are set from the fields that are given; other
 * bits (units, states) are given as the number or record `flags`.
 *
 * @throws EncodeError where a required field is missing or a value is outside its field.
 */
export function encode(characteristic: Characteristic, fields: Readonly<Record<string, FieldValue>>): Uint8Array {
  const raws = presence(characteristic, fields);
  const bytes: number[] = [];
  for (const field of characteristic.fields) {
    const where = `'${field.name}' of ${characteristic.name}`;
    if (!isThere(field.when, raws)) continue;
    const value = fields[field.name];
    if (!isNumber(field)) {
      bytes.push(...otherBytes(field, value, where));
    } else if (field.repeats === true) {
      for (const one of Array.isArray(value) ? (value as (number | string | null)[]) : [])
        bytes.push(...numberBytes(field, rawOf(field, one, raws, where)));
    } else {
      bytes.push(...numberBytes(field, raws.get(field.name) ?? rawOf(field, value, raws, where)));
    }
  }
  return Uint8Array.from(bytes);
}

/** Raw values of the fields that others depend on, with the bits of the fields that are there. */
function presence(characteristic: Characteristic, fields: Readonly<Record<string, FieldValue>>): Map<string, number> {
  const raws = new Map<string, number>();
  const holders = new Set(['flags', ...characteristic.fields.map(({ when }) => when?.of ?? 'flags')]);
  for (const holder of holders) {
    const field = characteristic.fields.find((one) => one.name === holder);
    if (field === undefined || !isNumber(field)) continue;
    let raw = fields[holder] === undefined ? 0 : rawOf(field, fields[holder], raws, `'${holder}' of ${characteristic.name}`);
    for (const { name, when } of characteristic.fields) {
      if (when === undefined || (when.of ?? 'flags') !== holder) continue;
      const isGiven = fields[name] !== undefined;
      if (when.bit !== undefined) raw = withBit(raw, when.bit, isGiven || hasOther(characteristic, fields, holder, when.bit));
      if (when.noBit !== undefined && isGiven) raw = withBit(raw, when.noBit, false);
    }
    raws.set(holder, raw);
  }
  return raws;
}

/** One bit may announce two fields. */
const hasOther = (characteristic: Characteristic, fields: Readonly<Record<string, FieldValue>>, holder: string, bit: number): boolean =>
  characteristic.fields.some(({ name, when }) => when?.bit === bit && (when.of ?? 'flags') === holder && fields[name] !== undefined);

const withBit = (raw: number, bit: number, on: boolean): number => {
  const cleared = raw - (Math.floor(raw / 2 ** bit) % 2) * 2 ** bit;
  return on ? cleared + 2 ** bit : cleared;
};

function rawOf(field: NumberField, value: FieldValue | undefined, raws: ReadonlyMap<string, number>, where: string): number {
  const isDecimal = field.type === 'sfloat' || field.type === 'float';
  if (value === null || (value === undefined && field.unknown !== undefined)) {
    if (isDecimal) return Number.NaN;
    if (field.unknown === undefined) throw new EncodeError(`${where} cannot say that it is not known: give a number`);
    return field.unknown[0]!;
  }
  if (typeof value === 'string') {
    const raw = Object.entries(field.names ?? {}).find(([, word]) => word === value)?.[0];
    if (raw === undefined) throw new EncodeError(`${where} has no word '${value}': ${Object.values(field.names ?? {}).join(', ')}`);
    return Number(raw);
  }
  if (typeof value === 'object' && value !== null && field.bits !== undefined) {
    const record = value as Readonly<Record<string, boolean | number | string>>;
    return field.bits.reduce((raw, { name, start, names }) => {
      const part = record[name] ?? 0;
      const number = typeof part === 'string' ? Math.max(0, names?.indexOf(part) ?? 0) : Number(part);
      return raw + number * 2 ** start;
    }, 0);
  }
  if (typeof value !== 'number') throw new EncodeError(`${where} is missing: give a number`);
  const { times, per, plus } = scaleOf(field, raws);
  const raw = ((value - plus) * per) / times;
  if (isDecimal) return raw;
  const whole = Math.round(raw);
  const bits = sizes[field.type] * 8;
  const [min, max] = field.type.startsWith('s') ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  if (!(whole >= min && whole <= max)) {
    throw new EncodeError(`${where} is ${value}: it holds ${(min * times) / per + plus} to ${(max * times) / per + plus}`);
  }
  return whole;
}

function numberBytes(field: NumberField, raw: number): number[] {
  const size = sizes[field.type];
  let rest =
    field.type === 'sfloat' ? encodeSfloat(raw) : field.type === 'float' ? encodeFloat(raw) : raw < 0 ? raw + 2 ** (size * 8) : raw;
  const bytes: number[] = [];
  for (let index = 0; index < size; index++) {
    bytes.push(rest % 0x100);
    rest = Math.floor(rest / 0x100);
  }
  return bytes;
}

function otherBytes(field: Exclude<Field, NumberField>, value: FieldValue | undefined, where: string): Uint8Array | number[] {
  switch (field.type) {
    case 'text':
      return Buffer.from(String(value ?? ''), 'utf8');
    case 'bytes':
      return value instanceof Uint8Array ? value : [];
    case 'dateTime':
      if (value === undefined || value === null) throw new EncodeError(`${where} is missing: give a time`);
      return encodeCivilTime(value as CivilTime);
    case 'date': {
      const { year, month, day } = (value ?? {}) as CalendarDate;
      return [...le16(year ?? 0), month ?? 0, day ?? 0];
    }
  }
}
