/**
 * The language in which the GATT Specification Supplement describes a characteristic: a row of fields, some of them there only
 * when a bit of the flags says so, each with its size, its resolution and its word for "not known". A characteristic is such a
 * row and no code; `decode.ts` and `encode.ts` read it.
 */
import type { QuantityId } from '../../../../../firmware/protocol/quantities.ts';
import type { CivilTime } from '../civil-time.ts';

export type NumberType =
  | 'uint8'
  | 'uint16'
  | 'uint24'
  | 'uint32'
  | 'uint40'
  | 'uint48'
  | 'sint8'
  | 'sint16'
  | 'sint24'
  | 'sint32'
  | 'sfloat'
  | 'float';

/** When a field is there: a bit of the flags that is set (`bit`) or clear (`noBit`); of another field's bits by `of`. */
export interface When {
  readonly bit?: number;
  readonly noBit?: number;
  /** Name of the field that holds the bit; `flags` if absent. */
  readonly of?: string;
}

/** One named group of bits of a number: from bit `start`, `width` wide (1 if absent), in words where the width has words. */
export interface Bits {
  readonly name: string;
  readonly start: number;
  readonly width?: number;
  readonly names?: readonly string[];
}

interface Base {
  readonly name: string;
  readonly when?: When;
}

export interface NumberField extends Base {
  readonly type: NumberType;
  /** value = raw * times / per + plus, in `unit`. A division keeps tenths exact. */
  readonly times?: number;
  readonly per?: number;
  readonly plus?: number;
  readonly unit?: string;
  /** The resolution and unit in force when a bit of the flags is set. */
  readonly instead?: { readonly bit: number; readonly times?: number; readonly per?: number; readonly unit: string };
  /** Raw values that mean "not known": decoded as null. */
  readonly unknown?: readonly number[];
  /** What a number stands for. A number without a word stays a number. */
  readonly names?: Readonly<Record<number, string>>;
  /** What its bits stand for: decoded as a record instead of a number. */
  readonly bits?: readonly Bits[];
  /** As many as there are bytes left for: decoded as a list. */
  readonly repeats?: boolean;
}

export interface OtherField extends Base {
  /** `dateTime` 7 bytes; `date` 4 (year, month, day); `text` UTF-8 to the end; `bytes` to the end, or `length` of them. */
  readonly type: 'dateTime' | 'date' | 'text' | 'bytes';
  readonly length?: number;
}

export type Field = NumberField | OtherField;

export type FieldValue =
  | number
  | string
  | null
  | readonly (number | string | null)[]
  | CivilTime
  | CalendarDate
  | Uint8Array
  | Readonly<Record<string, boolean | number | string>>;

export interface CalendarDate {
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
}

/** A field that is a measurement of the quantity table; the unit is converted. */
export interface Measures {
  readonly field: string;
  readonly quantity: QuantityId;
}

/** A characteristic: its assigned number as four lower-case digits, its fields, what of it is a measurement. */
export interface Characteristic {
  readonly uuid: string;
  readonly name: string;
  readonly fields: readonly Field[];
  readonly measures?: readonly Measures[];
}

/** Sizes in bytes. */
export const sizes: Readonly<Record<NumberType, number>> = {
  uint8: 1,
  uint16: 2,
  uint24: 3,
  uint32: 4,
  uint40: 5,
  uint48: 6,
  sint8: 1,
  sint16: 2,
  sint24: 3,
  sint32: 4,
  sfloat: 2,
  float: 4,
};

export const isNumber = (field: Field): field is NumberField => field.type in sizes;
