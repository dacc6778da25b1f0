/** What a query or a path says in text, as its schema means it: numbers, booleans, lists. What does not read as that stays text, to be refused. */
import type { TSchema } from 'typebox';
import { fits } from '../../firmware/schema/check.ts';

interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

/** Never throws. */
export const converted = (schema: TSchema, value: unknown): unknown => convert(schema as Shape, value);

function convert(shape: Shape, value: unknown): unknown {
  const { type, anyOf, items, properties } = shape;
  if (anyOf !== undefined) {
    if (fits(shape as TSchema, value)) return value;
    return anyOf.map((one) => convert(one, value)).find((one) => fits(shape as TSchema, one)) ?? value;
  }
  if (type === 'array' && items !== undefined) return (Array.isArray(value) ? value : [value]).map((one) => convert(items, one));
  if (type === 'object' && properties !== undefined && typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, Object.hasOwn(properties, key) ? convert(properties[key]!, one) : one]),
    );
  if (typeof value !== 'string') return value;
  if (type === 'boolean') return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value;
  if ((type === 'number' || type === 'integer') && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return value;
}
