/**
 * Checks values against the schemas that `type.ts` builds (the part of JSON Schema 2020-12 that they use). A schema with a word that is not
 * known here is refused by an exception, never passed over.
 */
import type { Static, TSchema } from 'typebox';

/** What is wrong, and where. */
export interface Mistake {
  /** JSON pointer (RFC 6901) into the value; empty for the whole. */
  readonly instancePath: string;
  readonly keyword: string;
  /** Goes on after the name of the place: `must be string`. */
  readonly message: string;
}

type Json = Readonly<Record<string, unknown>>;
type Say = (path: string, keyword: string, message: string) => void;
type Word = (limit: never, value: unknown, path: string, say: Say, schema: Json) => void;

/** Enough for a person to see what is meant; a long list of wrong items makes no longer answer. */
const MOST_MISTAKES = 8;

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: Number.isFinite,
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  object: isRecord,
  array: Array.isArray,
};
const below = (path: string, key: string | number): string =>
  `${path}/${typeof key === 'number' ? key : key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
/** In code points, as JSON Schema counts. */
const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length++;
  return length;
};
const patterns = new Map<string, RegExp>();
const patternOf = (source: string): RegExp => {
  const known = patterns.get(source) ?? new RegExp(source, 'u');
  patterns.set(source, known);
  return known;
};

/** RFC 3339, 5.6; a day that its month does not have is none. */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
function isDateTime(text: string): boolean {
  const found = DATE_TIME.exec(text);
  if (found === null) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  // Day 0 of the next month is the last of this one; the year is that of a leap or a common one of today's calendar.
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
const formats: Readonly<Record<string, (text: string) => boolean>> = { 'date-time': isDateTime };

const ofNumbers =
  (keyword: string, sign: string, holds: (value: number, limit: number) => boolean): Word =>
  (limit: number, value, path, say) => {
    if (Number.isFinite(value) && !holds(value as number, limit)) say(path, keyword, `must be ${sign} ${limit}`);
  };
const ofStrings =
  (keyword: string, holds: (length: number, limit: number) => boolean, words: string): Word =>
  (limit: number, value, path, say) => {
    if (typeof value === 'string' && !holds(lengthOf(value), limit)) say(path, keyword, `must not have ${words} than ${limit} characters`);
  };
const ofLists =
  (keyword: string, holds: (length: number, limit: number) => boolean, words: string): Word =>
  (limit: number, value, path, say) => {
    if (Array.isArray(value) && !holds(value.length, limit)) say(path, keyword, `must not have ${words} than ${limit} items`);
  };
const atLeast = (value: number, limit: number): boolean => value >= limit;
const atMost = (value: number, limit: number): boolean => value <= limit;

/** In the order in which mistakes are told. */
const words: Readonly<Record<string, Word>> = {
  type(type: string, value, path, say) {
    if (types[type]?.(value) !== true) say(path, 'type', `must be ${type}`);
  },
  required(keys: readonly string[], value, path, say) {
    if (!isRecord(value)) return;
    const missing = keys.filter((key) => !Object.hasOwn(value, key));
    if (missing.length > 0) say(path, 'required', `must have required properties ${missing.join(', ')}`);
  },
  additionalProperties(allowed: Json | boolean, value, path, say, { properties = {}, patternProperties = {} }) {
    if (!isRecord(value) || allowed === true) return;
    const known = Object.keys(patternProperties as Json).map(patternOf);
    const more = Object.keys(value).filter((key) => !Object.hasOwn(properties as Json, key) && !known.some((one) => one.test(key)));
    if (allowed !== false) for (const key of more) look(allowed, value[key], below(path, key), say);
    else {
      for (const key of more) say(below(path, key), 'boolean', 'schema is false');
      if (more.length > 0) say(path, 'additionalProperties', 'must not have additional properties');
    }
  },
  patternProperties(schemas: Readonly<Record<string, Json>>, value, path, say) {
    if (!isRecord(value)) return;
    for (const [pattern, schema] of Object.entries(schemas))
      for (const key of Object.keys(value)) if (patternOf(pattern).test(key)) look(schema, value[key], below(path, key), say);
  },
  properties(schemas: Readonly<Record<string, Json>>, value, path, say, { required = [] }) {
    if (!isRecord(value)) return;
    for (const key of Object.keys(schemas)) {
      if (!Object.hasOwn(value, key)) continue;
      // One that may be left out may be undefined too, as in TypeScript.
      if (value[key] === undefined && !(required as readonly string[]).includes(key)) continue;
      look(schemas[key]!, value[key], below(path, key), say);
    }
  },
  additionalItems(allowed: boolean, value, path, say, { items }) {
    if (!Array.isArray(value) || allowed || !Array.isArray(items)) return;
    for (let index = items.length; index < value.length; index++) say(below(path, index), 'boolean', 'schema is false');
  },
  items(items: Json | readonly Json[], value, path, say) {
    if (!Array.isArray(value)) return;
    for (const [index, one] of value.entries()) {
      const schema = Array.isArray(items) ? (items as readonly Json[])[index] : (items as Json);
      if (schema !== undefined) look(schema, one, below(path, index), say);
    }
  },
  minItems: ofLists('minItems', atLeast, 'fewer'),
  maxItems: ofLists('maxItems', atMost, 'more'),
  minLength: ofStrings('minLength', atLeast, 'fewer'),
  maxLength: ofStrings('maxLength', atMost, 'more'),
  format(format: string, value, path, say) {
    if (typeof value === 'string' && formats[format]?.(value) === false) say(path, 'format', `must match format "${format}"`);
  },
  pattern(pattern: string, value, path, say) {
    if (typeof value === 'string' && !patternOf(pattern).test(value)) say(path, 'pattern', `must match pattern "${pattern}"`);
  },
  exclusiveMinimum: ofNumbers('exclusiveMinimum', '>', (value, limit) => value > limit),
  exclusiveMaximum: ofNumbers('exclusiveMaximum', '<', (value, limit) => value < limit),
  minimum: ofNumbers('minimum', '>=', atLeast),
  maximum: ofNumbers('maximum', '<=', atMost),
  const(wanted: unknown, value, path, say) {
    if (value !== wanted) say(path, 'const', 'must be equal to constant');
  },
  enum(wanted: readonly unknown[], value, path, say) {
    if (!wanted.includes(value)) say(path, 'enum', 'must be equal to one of the allowed values');
  },
  anyOf(members: readonly Json[], value, path, say) {
    const all: Mistake[] = [];
    for (const member of members) {
      const found = mistakesIn(member, value, path);
      if (found.length === 0) return;
      all.push(...found);
    }
    for (const { instancePath, keyword, message } of all) say(instancePath, keyword, message);
    say(path, 'anyOf', 'must match a schema in anyOf');
  },
};
/** What is said beside, and checks nothing. */
const REMARKS = new Set([
  'description',
  'title',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
]);
const ORDER = Object.keys(words);
/** Of each schema that was looked at, what it asks. */
const plans = new WeakMap<Json, readonly { readonly word: Word; readonly limit: never }[]>();

function planOf(schema: Json): readonly { readonly word: Word; readonly limit: never }[] {
  const strange = Object.keys(schema).find((word) => !Object.hasOwn(words, word) && !REMARKS.has(word) && !word.startsWith('x-'));
  if (strange !== undefined) throw new Error(`'${strange}' in a schema is not known: add it to firmware/schema/check.ts`);
  const plan = ORDER.flatMap((word) => (Object.hasOwn(schema, word) ? [{ word: words[word]!, limit: schema[word] as never }] : []));
  plans.set(schema, plan);
  return plan;
}

function look(schema: Json, value: unknown, path: string, say: Say): void {
  for (const { word, limit } of plans.get(schema) ?? planOf(schema)) word(limit, value, path, say, schema);
}

function mistakesIn(schema: Json, value: unknown, path: string): Mistake[] {
  const found: Mistake[] = [];
  look(schema, value, path, (instancePath, keyword, message) => {
    if (found.length < MOST_MISTAKES) found.push({ instancePath, keyword, message });
  });
  return found;
}

/** What is wrong with a value, the first eight mistakes; none when it fits. */
export const mistakes = (schema: TSchema, value: unknown): Mistake[] => mistakesIn(schema as Json, value, '');

export const fits = <Schema extends TSchema>(schema: Schema, value: unknown): value is Static<Schema> =>
  mistakes(schema, value).length === 0;
