import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import { Type } from '../../../firmware/schema/type.ts';
import { AGAIN_MS } from '../../people/sessions.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';

const Code = Type.Object({ code: Type.String({ minLength: 6, maxLength: 10 }) });
const Pin = Type.Object({ pin: Type.String({ pattern: '^[0-9]{4,12}$' }) });
/** The shape is WebAuthn's and is checked by its library. */
const Credential = Type.Object({ response: Type.Unknown() });

/** Setting, removing and giving a second secret. What was set is asked for before it is changed. */
export function secondSecretRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { accounts, secrets, sessions, operations } = people;
  const placeOf = (request: FastifyRequest) => {
    const { origin } = request.headers;
    const host = request.hostname.replace(/:\d+$/, '');
    if (origin === undefined || (!origin.startsWith('https:') && host !== 'localhost'))
      throw new ApiError(409, 'insecure', 'Passkeys work over HTTPS or on localhost alone.', 'Set a PIN or an authenticator app instead.');
    return { origin, host };
  };
  const wasSet = (request: FastifyRequest, kind: string): void => {
    const { who } = request;
    operations.append({ kind: 'secret-set', actor: who.actor, subject: who.id, detail: { kind } });
    if (who.session !== undefined) sessions.again(who.session.id, house.now() + AGAIN_MS);
  };
  const accountOf = ({ who }: FastifyRequest) => {
    const account = accounts.get(who.id);
    if (account === undefined || who.session === undefined)
      throw new ApiError(409, 'no-session', 'A second secret belongs to a person.', 'Sign in on the page.');
    return account;
  };
  /** Gives the second secret: right for some minutes, wrong like a wrong password. */
  const give = async (request: FastifyRequest, isRight: () => Promise<boolean>): Promise<void> => {
    const { who } = request;
    const given = await signIn.guess(request, `again ${who.id}`, async () => (await isRight()) || undefined);
    if (given === undefined) {
      operations.appendOnce({ kind: 'secret-refused', actor: who.actor, subject: who.id });
      throw new ApiError(401, 'wrong-secret', 'That is not it, or it was used already.', 'Try again.');
    }
    if (who.session !== undefined) sessions.again(who.session.id, house.now() + AGAIN_MS);
  };
  const config = { access: 'any-account', again: 'if-set' } as const;
  const asking = { access: 'any-account' } as const;

  web.get(
    '/api/v1/second-secrets',
    {
      config: asking,
      schema: {
        summary: 'Second secrets that you have set, and whether one was given just now',
        response: {
          200: Type.Object({
            secrets: Type.Array(Type.Object({ id: Type.String(), kind: Type.String(), created: Type.String() })),
            givenUntil: Type.Union([Type.String(), Type.Null()]),
          }),
        },
      },
    },
    async ({ who }) => {
      const until = who.session?.againUntilUtcMs ?? 0;
      return {
        secrets: secrets.list(who.id).map(({ id, kind, createdUtcMs }) => ({ id, kind, created: new Date(createdUtcMs).toISOString() })),
        givenUntil: until > house.now() ? new Date(until).toISOString() : null,
      };
    },
  );

  web.put(
    '/api/v1/second-secrets/pin',
    { config, schema: { summary: 'Set a PIN of 4 to 12 digits', body: Pin } },
    async (request, reply) => {
      await secrets.setPin(accountOf(request).id, request.body.pin, house.now());
      wasSet(request, 'pin');
      return reply.code(204).send();
    },
  );

  web.post(
    '/api/v1/second-secrets/totp',
    {
      config,
      schema: {
        summary: 'Begin with an authenticator app; it counts once a code of it is confirmed',
        response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }) },
      },
    },
    async (request) => secrets.beginTotp(accountOf(request)),
  );

  web.put(
    '/api/v1/second-secrets/totp',
    { config, schema: { summary: 'Confirm the authenticator app', body: Code } },
    async (request, reply) => {
      if (!secrets.confirmTotp(accountOf(request).id, request.body.code, house.now()))
        throw new ApiError(401, 'wrong-secret', 'This code is not right.', 'Check the clock of your phone and try the next code.');
      wasSet(request, 'totp');
      return reply.code(204).send();
    },
  );

  web.post(
    '/api/v1/second-secrets/passkey',
    { config, schema: { summary: 'Begin with a passkey (WebAuthn creation options)' } },
    async (request) => secrets.beginPasskey(accountOf(request), placeOf(request)),
  );

  web.put(
    '/api/v1/second-secrets/passkey',
    { config, schema: { summary: 'Confirm the passkey: the hub keeps its public key alone', body: Credential } },
    async (request, reply) => {
      const response = request.body.response as RegistrationResponseJSON;
      if (!(await secrets.confirmPasskey(accountOf(request).id, placeOf(request), response, house.now())))
        throw new ApiError(
          401,
          'wrong-secret',
          'This passkey was not confirmed.',
          'Try again; it must ask for your fingerprint, face or PIN.',
        );
      wasSet(request, 'passkey');
      return reply.code(204).send();
    },
  );

  web.delete(
    '/api/v1/second-secrets/:kind/:id',
    {
      config,
      schema: {
        summary: 'Remove a second secret',
        params: Type.Object({ kind: Type.Enum(['pin', 'totp', 'passkey']), id: Type.String({ maxLength: 1400 }) }),
      },
    },
    async (request, reply) => {
      const { who, params } = request;
      if (!secrets.remove(who.id, params.kind, params.id))
        throw new ApiError(404, 'no-secret', 'There is no such second secret.', 'See /api/v1/second-secrets.');
      operations.append({ kind: 'secret-removed', actor: who.actor, subject: who.id, detail: { kind: params.kind } });
      return reply.code(204).send();
    },
  );

  web.post('/api/v1/again/pin', { config: asking, schema: { summary: 'Give your PIN', body: Pin } }, async (request, reply) => {
    await give(request, () => secrets.isPin(request.who.id, request.body.pin));
    return reply.code(204).send();
  });

  web.post(
    '/api/v1/again/totp',
    { config: asking, schema: { summary: 'Give a code of your authenticator app; each counts once', body: Code } },
    async (request, reply) => {
      await give(request, async () => secrets.isTotp(request.who.id, request.body.code, house.now()));
      return reply.code(204).send();
    },
  );

  web.post(
    '/api/v1/again/passkey/options',
    { config: asking, schema: { summary: 'What to ask the passkey (WebAuthn request options)' } },
    async (request) => secrets.askPasskey(accountOf(request).id, placeOf(request)),
  );

  web.post(
    '/api/v1/again/passkey',
    { config: asking, schema: { summary: 'Give the passkey’s answer', body: Credential } },
    async (request, reply) => {
      const place = placeOf(request);
      await give(request, () => secrets.isPasskey(request.who.id, place, request.body.response as AuthenticationResponseJSON));
      return reply.code(204).send();
    },
  );
}
