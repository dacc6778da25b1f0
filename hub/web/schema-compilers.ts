/**
 * What checks a route's input and writes its answers, compiled when a route is first asked: a hub whose page nobody opens compiles none
 * of its hundred schemas, and holds neither compiler in memory.
 */
import { createRequire } from 'node:module';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { TSchema } from 'typebox';

const require = createRequire(import.meta.url);
/** Fastify's own writer of answers; it comes with Fastify. */
const ofFastify = createRequire(require.resolve('fastify'));

/** Text of queries and paths becomes numbers and booleans where the schema says so; a body must have the right types. */
export const checkingCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let check: ReturnType<typeof compiled> | undefined;
  return (value: unknown) => {
    check ??= compiled(schema);
    const converted = httpPart === 'body' ? value : check.convert(value);
    return check.schema.Check(converted) ? { value: converted } : { error: check.schema.Errors(converted) as never };
  };
};

function compiled(schema: TSchema) {
  const { Compile } = require('typebox/compile') as typeof import('typebox/compile');
  const { Value } = require('typebox/value') as typeof import('typebox/value');
  return { schema: Compile(schema), convert: (value: unknown) => Value.Convert(schema, value) };
}

type Selector = typeof import('@fastify/fast-json-stringify-compiler').SerializerSelector;

/** Answers have what their schema names and nothing else. */
export function writingCompiler(externalSchemas: unknown, options: unknown): FastifySerializerCompiler<unknown> {
  let compile: FastifySerializerCompiler<unknown> | undefined;
  return (route) => {
    let write: ((data: unknown) => string) | undefined;
    return (data: unknown) => {
      if (compile === undefined) {
        const { SerializerSelector } = ofFastify('@fastify/fast-json-stringify-compiler') as { SerializerSelector: Selector };
        compile = SerializerSelector()(externalSchemas, options as never) as FastifySerializerCompiler<unknown>;
      }
      write ??= compile(route);
      return write(data);
    };
  };
}
