/**
 * Builds JSON schemas with TypeBox's types and without its code: a process that only names its schemas holds one small module in place of
 * TypeBox's seven hundred (11 MB resident). What is built is what TypeBox builds, hidden marks included, so its own tools read it too.
 */
import type * as TypeBox from 'typebox';

type Built =
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Omit'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Tuple'
  | 'Union'
  | 'Unknown'
  | 'Unsafe';

type Json = Readonly<Record<string, unknown>>;

/** A schema whose kind is said where JSON does not show it, as TypeBox does. */
function marked(schema: Json, marks: Json): Json {
  const made = { ...schema };
  for (const [name, value] of Object.entries(marks)) Object.defineProperty(made, name, { value, configurable: true, writable: true });
  return made;
}
/** Marks that JSON does not show. */
const marksOf = (schema: object): Json =>
  Object.fromEntries(
    Object.getOwnPropertyNames(schema)
      .filter((name) => name.startsWith('~'))
      .map((name) => [name, (schema as Json)[name]]),
  );
const made = (kind: string, schema: Json, options: Json = {}): Json => marked({ ...schema, ...options }, { '~kind': kind });
const plain =
  (kind: string, type: string) =>
  (options?: Json): Json =>
    made(kind, { type }, options);

function object(properties: Readonly<Record<string, object>>, options?: Json): Json {
  const required = Object.keys(properties).filter((key) => !Object.hasOwn(properties[key]!, '~optional'));
  return made('Object', { type: 'object', ...(required.length === 0 ? {} : { required }), properties }, options);
}

const builders: Readonly<Record<Built, (...given: never[]) => Json>> = {
  Array: (items: Json, options?: Json) => made('Array', { type: 'array', items }, options),
  Boolean: plain('Boolean', 'boolean'),
  Enum: (values: readonly unknown[], options?: Json) => made('Enum', { enum: [...values] }, options),
  Integer: plain('Integer', 'integer'),
  Literal: (value: string | number | boolean, options?: Json) => made('Literal', { type: typeof value, const: value }, options),
  Null: plain('Null', 'null'),
  Number: plain('Number', 'number'),
  Object: object,
  Omit(schema: { readonly properties: Readonly<Record<string, object>> }, names: readonly string[]) {
    return object(Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !names.includes(name))));
  },
  Optional: (schema: Json) => marked(schema, { ...marksOf(schema), '~optional': true }),
  Record: (_key: Json, value: Json, options?: Json) => made('Record', { type: 'object', patternProperties: { '^.*$': value } }, options),
  String: plain('String', 'string'),
  Tuple: (items: readonly Json[], options?: Json) =>
    made('Tuple', { type: 'array', additionalItems: false, items, minItems: items.length }, options),
  Union: (anyOf: readonly Json[], options?: Json) => made('Union', { anyOf }, options),
  Unknown: (options?: Json) => made('Unknown', {}, options),
  Unsafe: (schema: Json) => marked(schema, { ...marksOf(schema), '~unsafe': null }),
};

export const Type = builders as unknown as Pick<typeof TypeBox, Built>;
