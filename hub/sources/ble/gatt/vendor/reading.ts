/** What a device of a maker's own characteristics says when it is read. */
import { isPlausible, type QuantityId } from '../../../../../firmware/protocol/quantities.ts';
import type { BleValue } from '../../advertisement.ts';

/** Values that were measured and can be: what a sensor has not measured yet, and what no room ever was, is left out. */
export function read(values: Partial<Record<QuantityId, number | undefined>>): BleValue[] {
  return Object.entries(values).flatMap(([id, value]) => {
    const quantity = id as QuantityId;
    return value !== undefined && isPlausible(quantity, value) ? [{ quantity, value }] : [];
  });
}
