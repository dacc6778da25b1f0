/**
 * From a decoded characteristic to measurements: quantities in their own units, with what the device says about the reading
 * beside them. Whether a value is plausible is the quantity table's word, not this file's.
 */
import { type QuantityId, quantities } from '../../../../../firmware/protocol/quantities.ts';
import type { BleValue } from '../../advertisement.ts';
import { type CivilTime, isoOf } from '../civil-time.ts';
import type { Decoded } from './decode.ts';
import type { Characteristic } from './layout.ts';

export interface Measured {
  readonly values: readonly BleValue[];
  /** The device's own clock, as it wrote it: a witness only. */
  readonly deviceTime?: string;
  /** Which of a device's persons, by its own number. */
  readonly userSlot?: number;
}

/** Factors between UCUM units, exact where the unit is defined so (pound, inch); kJ by the thermochemical calorie. */
const factors: Readonly<Record<string, number>> = {
  '[lb_av]>kg': 0.45359237,
  '[in_i]>m': 0.0254,
  'kPa>mm[Hg]': 7.500616827,
  'Pa>hPa': 0.01,
  'kJ/d>kcal/d': 1 / 4.184,
  'kg/m3>ug/m3': 1e9,
};

/** A value in the unit of its quantity; undefined where no factor leads there. */
export function inUnitOf(quantity: QuantityId, value: number, unit: string | undefined): number | undefined {
  const target = quantities[quantity].unit;
  if (unit === undefined || unit === target) return value;
  if (unit === '[degF]' && target === 'Cel') return ((value - 32) * 5) / 9;
  const factor = factors[`${unit}>${target}`];
  return factor === undefined ? undefined : value * factor;
}

/** What a decoded value measures. Fields that the device does not know give nothing. */
export function measured(characteristic: Characteristic, { fields, units }: Decoded): Measured {
  const values: BleValue[] = [];
  for (const { field, quantity } of characteristic.measures ?? []) {
    const decoded = fields[field];
    for (const one of Array.isArray(decoded) ? (decoded as readonly unknown[]) : [decoded]) {
      if (typeof one !== 'number') continue;
      const value = inUnitOf(quantity, one, units[field]);
      if (value !== undefined) values.push({ quantity, value });
    }
  }
  const time = fields.timestamp;
  const deviceTime = time !== null && typeof time === 'object' && 'hour' in time ? isoOf(time as CivilTime) : undefined;
  const user = fields.userId;
  return { values, ...(deviceTime !== undefined && { deviceTime }), ...(typeof user === 'number' && { userSlot: user }) };
}
