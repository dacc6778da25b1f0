/**
 * What checks a route's input and writes its answers. The writer is compiled when a route is first asked: a hub whose page nobody opens
 * compiles none of its hundred schemas, and holds no compiler in memory.
 */
import { createRequire } from 'node:module';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { mistakes } from '../../firmware/schema/check.ts';
import { converted } from './convert.ts';

const require = createRequire(import.meta.url);
/** Fastify's own writer of answers; it comes with Fastify. */
const ofFastify = createRequire(require.resolve('fastify'));

/** Text of queries and paths becomes numbers and booleans where the schema says so; a body must have the right types. */
export const checkingCompiler: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart }) =>
  (value: unknown) => {
    const meant = httpPart === 'body' ? value : converted(schema, value);
    const found = mistakes(schema, meant);
    return found.length === 0 ? { value: meant } : { error: found as never };
  };

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
