/** Schemas are built and checked as TypeBox builds and checks them. */
import { deepEqual, equal } from 'node:assert/strict';
import t from 'tap';
import * as TypeBox from 'typebox';
import { Check, Errors } from 'typebox/value';
import { fits, mistakes } from '../../../firmware/schema/check.ts';
import { Type } from '../../../firmware/schema/type.ts';
import fc from '../../property.ts';

/** With the marks that JSON does not show. */
const whole = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(whole);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.getOwnPropertyNames(schema).map((name) => [name, whole((schema as Record<string, unknown>)[name])]));
};

type Builders = typeof Type;
/** The same schema by either builder. */
type Both = (by: Builders) => TypeBox.TSchema;

const leaf = fc.oneof(
  fc.constantFrom<Both>(
    (by) => by.String(),
    (by) => by.String({ minLength: 2, maxLength: 4, description: 'text' }),
    (by) => by.String({ pattern: '^a+$' }),
    (by) => by.String({ format: 'date-time' }),
    (by) => by.Number({ exclusiveMinimum: 0 }),
    (by) => by.Integer({ minimum: -1, maximum: 3 }),
    (by) => by.Boolean(),
    (by) => by.Null(),
    (by) => by.Unknown(),
    (by) => by.Literal('a'),
    (by) => by.Literal(2),
    (by) => by.Enum(['a', 'b']),
    (by) => by.Unsafe(by.Union([by.Literal('a'), by.Literal('b')])),
  ),
);
const { schema: anySchema } = fc.letrec<{ schema: Both }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(tie('schema'), fc.constantFrom({}, { minItems: 1 }, { maxItems: 2 })).map(
      ([one, options]): Both =>
        (by) =>
          by.Array(one(by), options),
    ),
    fc.tuple(tie('schema'), tie('schema')).map(
      ([one, two]): Both =>
        (by) =>
          by.Union([one(by), two(by)], { description: 'either' }),
    ),
    fc.tuple(tie('schema'), tie('schema')).map(
      ([one, two]): Both =>
        (by) =>
          by.Tuple([one(by), two(by)]),
    ),
    tie('schema').map(
      (one): Both =>
        (by) =>
          by.Record(by.String(), one(by)),
    ),
    fc.tuple(tie('schema'), tie('schema'), fc.constantFrom({}, { additionalProperties: false })).map(
      ([one, two, options]): Both =>
        (by) =>
          by.Object({ a: one(by), 'b/~': by.Optional(two(by)) }, options),
    ),
    fc.tuple(tie('schema'), tie('schema')).map(
      ([one, two]): Both =>
        (by) =>
          by.Omit(by.Object({ a: one(by), b: by.Optional(two(by)) }), ['a']),
    ),
  ),
}));

const word = fc.constantFrom('', 'a', 'aa', 'aaaaa', 'b', '😀', '2026-02-29T00:00:00Z', '2028-02-29T23:59:59.5+01:00', '2026-01-01', 'x');
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 5, -2, 1.5, Number.NaN, Number.POSITIVE_INFINITY, undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'b/~', 'c'), tie('value'), { maxKeys: 3 }),
  ),
}));

t.test('what is built is what TypeBox builds, with its hidden marks', async (t) => {
  let built = 0;
  fc.assert(
    fc.property(anySchema, (build) => {
      deepEqual(whole(build(Type)), whole(build(TypeBox as unknown as Builders)));
      built++;
    }),
    { numRuns: 200 },
  );
  t.equal(built, 200);
});

t.test('a value fits where TypeBox says so, and the mistakes are told in its words and order', async (t) => {
  let fitting = 0;
  fc.assert(
    fc.property(anySchema, anyValue, (build, value) => {
      const schema = build(Type);
      const expected = Errors(build(TypeBox as unknown as Builders), value).map(({ instancePath, keyword, message }) => ({
        instancePath,
        keyword,
        message,
      }));
      if (expected.length === 0) fitting++;
      equal(fits(schema, value), Check(schema, value));
      deepEqual(mistakes(schema, value), expected);
    }),
    { numRuns: 2000 },
  );
  t.ok(fitting > 100, 'the cases are not all wrong ones');
});

t.test('a day that its month does not have is no time, a leap day is', async (t) => {
  const time = Type.String({ format: 'date-time' });
  t.notOk(fits(time, '2026-02-29T00:00:00Z'));
  t.notOk(fits(time, '2100-02-29T00:00:00Z'));
  t.ok(fits(time, '2000-02-29T00:00:00Z'));
});

t.test('a word that is not known is refused, never passed over', async (t) => {
  t.throws(() => fits(Type.Number({ multipleOf: 2 }), 3), /multipleOf/);
});
