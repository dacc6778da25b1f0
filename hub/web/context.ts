/** What a route is given: the server to add itself to, and the house. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { House } from '../house.ts';
import type { People } from '../people/people.ts';
import type { SignIn } from './sign-in.ts';
import type { Uploads } from './uploads.ts';

export type Web = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface WebContext {
  readonly house: House;
  readonly people: People;
  readonly signIn: SignIn;
  readonly uploads: Uploads;
}
