import { Type } from '../../../firmware/schema/type.ts';
import { isHomeName } from '../../ops/home-network.ts';
import { AccountError, MOST_NAME_CHARACTERS, nameKey } from '../../people/accounts.ts';
import { MOST_PASSWORD_CHARACTERS, passwordFault } from '../../people/passwords.ts';
import { AGAIN_MS } from '../../people/sessions.ts';
import { HOME } from '../../people/subjects.ts';
import { closeVault } from '../../rights/protect.ts';
import { NOBODY, type Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { cookies } from '../cookies.ts';
import { Session } from '../schemas.ts';

export const Password = Type.String({ maxLength: MOST_PASSWORD_CHARACTERS });
export const Name = Type.String({ minLength: 1, maxLength: MOST_NAME_CHARACTERS });
const OpenSession = Type.Object({
  id: Type.String(),
  browser: Type.String(),
  started: Type.String({ format: 'date-time' }),
  seen: Type.String({ format: 'date-time' }),
  ends: Type.String({ format: 'date-time' }),
  isThis: Type.Boolean(),
});
const iso = (ms: number): string => new Date(ms).toISOString();

/** A name as it is kept; throws ApiError 400 for one that no eye could read. */
export function cleanName(name: string): string {
  const clean = name.trim().normalize('NFC');
  if (clean === '' || /\p{C}/u.test(clean))
    throw new ApiError(400, 'name', 'This name cannot be read.', 'Write a name of letters, up to 60 of them.');
  return clean;
}

/** Throws ApiError 400 for a password that is too easy. */
export function needGoodPassword(password: string, name: string): void {
  const fault = passwordFault(password, name);
  if (fault !== undefined) throw new ApiError(400, fault.code, fault.message, fault.remedy);
}

/** Claiming the hub, signing in and out, and where one is signed in. */
export function sessionRoutes(web: Web, { house, people, signIn }: WebContext): void {
  const { accounts, sessions, operations } = people;
  const state = (who: Who) => ({
    claimed: accounts.isClaimed,
    signedIn: who.standing !== 'nobody',
    ...(who.standing === 'nobody' ? {} : { id: who.id, name: who.name, standing: who.standing }),
  });

  web.get(
    '/api/v1/session',
    {
      config: { access: 'anyone' },
      schema: { summary: 'Whether the hub is claimed and you are signed in', response: { 200: Session } },
    },
    async (request) => state(request.who),
  );

  web.post(
    '/api/v1/claim',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'Make the first account: who does is of age and runs the hub',
        body: Type.Object({ name: Type.String({ maxLength: MOST_NAME_CHARACTERS }), password: Password }),
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      const { password } = request.body;
      const name = request.body.name.trim() === '' ? 'Owner' : cleanName(request.body.name);
      if (!isHomeName(request.headers.host))
        throw new ApiError(403, 'host', `This hub is not called ${request.headers.host}.`, 'Claim it by its address at home.');
      needGoodPassword(password, name);
      const account = await accounts.claim(name, password, house.now()).catch((error: unknown) => {
        if (error instanceof AccountError)
          throw new ApiError(409, 'claimed', 'This hub has an owner already.', 'Sign in with their name and password.');
        throw error;
      });
      operations.append({ kind: 'hub-claimed', actor: account.id, subject: HOME });
      return state(signIn.start(request, reply, account));
    },
  );

  web.post(
    '/api/v1/session',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'Sign in; the name may be left out while there is one account',
        body: Type.Object({ name: Type.Optional(Name), password: Password }),
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      if (!accounts.isClaimed) throw new ApiError(409, 'unclaimed', 'This hub has no owner yet.', 'Claim it first: set a password.');
      const { name, password } = request.body;
      const account = await signIn.guess(request, nameKey(name ?? ''), () => accounts.check(name, password));
      if (account === undefined) {
        const meant = accounts.list().find((one) => nameKey(one.name) === nameKey(name ?? ''));
        // After the answer, which must take as long for a name that nobody has.
        if (meant !== undefined) setImmediate(() => operations.appendOnce({ kind: 'sign-in-refused', actor: 'nobody', subject: meant.id }));
        throw new ApiError(401, 'wrong-password', 'This name and password do not belong together.', 'Try again.');
      }
      const who = signIn.start(request, reply, account);
      operations.append({ kind: 'sign-in', actor: account.id, subject: account.id, detail: { session: who.session?.id ?? '' } });
      return state(who);
    },
  );

  web.delete(
    '/api/v1/session',
    { config: { access: 'anyone' }, schema: { summary: 'Sign out', response: { 200: Session } } },
    async (request, reply) => {
      if (request.who.session !== undefined) operations.append({ kind: 'sign-out', actor: request.who.id, subject: request.who.id });
      closeVault(house, request.who.id, request.who.actor);
      signIn.end(request, reply);
      return state(NOBODY);
    },
  );

  web.get(
    '/api/v1/sessions',
    {
      config: { access: 'any-account' },
      schema: { summary: 'Where you are signed in', response: { 200: Type.Array(OpenSession) } },
    },
    async ({ who }) =>
      sessions.list(who.id, house.now()).map(({ id, browser, startedUtcMs, seenUtcMs, endsUtcMs }) => ({
        id,
        browser,
        started: iso(startedUtcMs),
        seen: iso(seenUtcMs),
        ends: iso(endsUtcMs),
        isThis: id === who.session?.id,
      })),
  );

  web.delete(
    '/api/v1/sessions/:id',
    {
      config: { access: 'any-account' },
      schema: { summary: 'Sign one of your devices out', params: Type.Object({ id: Type.String({ maxLength: 20 }) }) },
    },
    async ({ who, params: { id } }, reply) => {
      if (!sessions.end(who.id, id))
        throw new ApiError(404, 'no-session', 'You are not signed in there.', 'See /api/v1/sessions for where you are.');
      operations.append({ kind: 'session-ended', actor: who.actor, subject: who.id, detail: { session: id } });
      return reply.code(204).send();
    },
  );

  web.delete(
    '/api/v1/sessions',
    {
      config: { access: 'any-account' },
      schema: { summary: 'Sign all your other devices out', response: { 200: Type.Object({ ended: Type.Integer() }) } },
    },
    async ({ who }) => {
      const ended = sessions.endOthers(who.id, who.session?.id);
      if (ended > 0) operations.append({ kind: 'session-ended', actor: who.actor, subject: who.id, detail: { others: ended } });
      return { ended };
    },
  );

  web.put(
    '/api/v1/password',
    {
      config: { access: 'any-account', again: 'if-set' },
      schema: { summary: 'Change your password; your other devices are signed out', body: Type.Object({ old: Password, new: Password }) },
    },
    async (request, reply) => {
      const { who, body } = request;
      needGoodPassword(body.new, who.name);
      const isRight = await signIn.guess(request, who.id, async () => (await accounts.isPasswordOf(who.id, body.old)) || undefined);
      if (isRight === undefined) throw new ApiError(401, 'wrong-password', 'The old password is another one.', 'Try again.');
      await accounts.setPassword(who.id, body.new);
      sessions.endOthers(who.id, who.session?.id);
      operations.append({ kind: 'password-changed', actor: who.actor, subject: who.id });
      return reply.code(204).send();
    },
  );

  web.post(
    '/api/v1/again/password',
    {
      config: { access: 'any-account' },
      schema: { summary: `Give your password again, for ${AGAIN_MS / 60_000} minutes`, body: Type.Object({ password: Password }) },
    },
    async (request, reply) => {
      const { who } = request;
      if (people.secrets.list(who.id).length > 0)
        throw new ApiError(409, 'second-secret', 'You have set a second secret.', 'Give that one instead of the password.');
      const isRight = await signIn.guess(
        request,
        who.id,
        async () => (await accounts.isPasswordOf(who.id, request.body.password)) || undefined,
      );
      if (isRight === undefined) throw new ApiError(401, 'wrong-password', 'That is not your password.', 'Try again.');
      if (who.session !== undefined) sessions.again(who.session.id, house.now() + AGAIN_MS);
      return reply.code(204).send();
    },
  );

  web.get(
    '/api/v1/cookies',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'Every cookie that this hub sets',
        response: {
          200: Type.Array(
            Type.Object({
              name: Type.String(),
              purpose: Type.String(),
              setBy: Type.String(),
              lifetimeS: Type.Integer(),
              attributes: Type.Array(Type.String()),
              category: Type.String(),
            }),
          ),
        },
      },
    },
    async () => cookies.map((cookie) => ({ ...cookie, attributes: [...cookie.attributes], category: 'technical' })),
  );
}
