/** Short hands for rows of fields, so that a table of characteristics reads by columns. */
import type { Bits, Characteristic, Field, Measures, NumberField, NumberType, OtherField, When } from './layout.ts';

type Extra = Partial<Omit<NumberField, 'name' | 'type'>>;

export const number = (name: string, type: NumberType, extra: Extra = {}): NumberField => ({ name, type, ...extra });
export const other = (name: string, type: OtherField['type'], when?: When): OtherField => ({ name, type, ...(when && { when }) });
export const bit = (bit: number): When => ({ bit });

/** Yes-or-no bits from bit 0 upwards; an empty name skips one. */
export const bitNames = (...names: string[]): readonly Bits[] => names.flatMap((name, start) => (name === '' ? [] : [{ name, start }]));

export const row = (
  uuid: string,
  name: string,
  fields: readonly Field[],
  measures?: Readonly<Record<string, Measures['quantity']>>,
): Characteristic => ({
  uuid,
  name,
  fields,
  ...(measures && { measures: Object.entries(measures).map(([field, quantity]) => ({ field, quantity })) }),
});

/** A characteristic of one number. */
export const single = (uuid: string, name: string, type: NumberType, extra: Extra = {}, quantity?: Measures['quantity']): Characteristic =>
  row(uuid, name, [number('value', type, extra)], quantity && { value: quantity });

export const text = (uuid: string, name: string): Characteristic => row(uuid, name, [{ name: 'value', type: 'text' }]);

/** Numbers to words from 0 upwards. */
export const words = (...names: string[]): Readonly<Record<number, string>> => Object.fromEntries(names.entries());
