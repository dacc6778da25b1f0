import { Type } from 'typebox';
import { LEAST_PASSWORD_CHARACTERS, MOST_PASSWORD_CHARACTERS } from '../../people/accounts.ts';
import { ApiError } from '../api-error.ts';
import { Session } from '../schemas.ts';
import type { Web, WebContext } from '../server.ts';

const Password = Type.String({ maxLength: MOST_PASSWORD_CHARACTERS });

/** Claiming the hub, signing in and out. */
export function sessionRoutes(web: Web, { house, signIn }: WebContext): void {
  const { accounts } = house;
  const state = (signedIn: boolean) => ({
    claimed: accounts.isClaimed,
    signedIn,
    ...(signedIn && accounts.name !== undefined ? { name: accounts.name } : {}),
  });

  web.get(
    '/api/v1/session',
    { schema: { summary: 'Whether the hub is claimed and you are signed in', response: { 200: Session } } },
    async (request) => state(signIn.isSignedIn(request)),
  );

  web.post(
    '/api/v1/claim',
    {
      schema: {
        summary: 'Set the first password',
        body: Type.Object({ name: Type.String({ minLength: 1, maxLength: 60 }), password: Password }),
        response: { 200: Session },
      },
    },
    async ({ body: { name, password } }, reply) => {
      if (password.length < LEAST_PASSWORD_CHARACTERS) {
        throw new ApiError(
          400,
          'short-password',
          `This password has ${password.length} characters.`,
          `Choose one of ${LEAST_PASSWORD_CHARACTERS} or more.`,
        );
      }
      if (!(await accounts.claim(name.trim() === '' ? 'Owner' : name.trim(), password))) {
        throw new ApiError(409, 'claimed', 'This hub has an owner already.', 'Sign in with their password.');
      }
      signIn.start(reply);
      return state(true);
    },
  );

  web.post(
    '/api/v1/session',
    { schema: { summary: 'Sign in', body: Type.Object({ password: Password }), response: { 200: Session } } },
    async (request, reply) => {
      if (!accounts.isClaimed) throw new ApiError(409, 'unclaimed', 'This hub has no owner yet.', 'Claim it first: set a password.');
      signIn.mayTry(request.ip);
      const isRight = await accounts.isPassword(request.body.password);
      signIn.tried(request.ip, isRight);
      if (!isRight) throw new ApiError(401, 'wrong-password', 'That is not the password.', 'Try again.');
      signIn.start(reply);
      return state(true);
    },
  );

  web.delete('/api/v1/session', { schema: { summary: 'Sign out', response: { 200: Session } } }, async (request, reply) => {
    signIn.end(request, reply);
    return state(false);
  });
}
