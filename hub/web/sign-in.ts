/** Who asks: a person by cookie, the command line of this machine by token, or nobody. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../people/accounts.ts';
import { createAttempts } from '../people/attempts.ts';
import type { People } from '../people/people.ts';
import { browserOf } from '../people/sessions.ts';
import { NOBODY, type Who } from './access.ts';
import { ApiError } from './api-error.ts';
import { cookieIn, cookies, setCookie } from './cookies.ts';

const [COOKIE] = cookies;

export interface SignIn {
  whoOf(request: FastifyRequest): Who;
  /** The open links of the access token that a request carries. */
  linksOf(request: FastifyRequest): ReturnType<People['partners']['byToken']>;
  /** A new session under a new token; one that the request came with ends, so that nobody can plant theirs. */
  start(request: FastifyRequest, reply: FastifyReply, account: Account): Who;
  end(request: FastifyRequest, reply: FastifyReply): void;
  /** Runs a check of a secret, unless too many were wrong from this address for this account. Throws ApiError 429. */
  guess<T>(request: FastifyRequest, account: string, check: () => Promise<T | undefined>): Promise<T | undefined>;
}

export function createSignIn(people: People, cliToken: string, now: () => number): SignIn {
  const attempts = createAttempts();
  const tokenOf = (request: FastifyRequest): string => cookieIn(request.headers.cookie, COOKIE.name);
  const whoIs = (account: Account, session: Who['session']): Who => ({
    standing: account.state === 'waiting' ? 'waiting' : account.role,
    id: account.id,
    actor: account.id,
    name: account.name,
    wards: people.guardians.wardsOf(account.id),
    charges: people.guardians.listOf(account.id).flatMap(({ ward, state }) => (state === 'handed-over' ? [] : [ward])),
    watches: account.watches || people.viewGrants.allows(account.id, 'home', now()),
    session,
    isPartner: false,
  });
  const bearerOf = (request: FastifyRequest): string => /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const linksOf: SignIn['linksOf'] = (request) => {
    const bearer = bearerOf(request);
    return bearer === '' ? undefined : people.partners.byToken(bearer, now());
  };
  const endSession = (request: FastifyRequest): void => {
    const session = people.sessions.find(tokenOf(request), now());
    if (session !== undefined) people.sessions.end(session.account, session.id);
  };
  return {
    linksOf,
    whoOf(request) {
      const bearer = bearerOf(request);
      if (isSame(bearer, cliToken)) {
        const owner = people.accounts.owner();
        return { ...NOBODY, standing: 'machine', id: owner?.id ?? people.accounts.firstPerson, actor: 'machine', name: owner?.name ?? '' };
      }
      // Who comes with a token comes as that token's, whatever cookie is there too.
      if (bearer !== '') return { ...NOBODY, isPartner: linksOf(request) !== undefined };
      const token = tokenOf(request);
      const session = token === '' ? undefined : people.sessions.find(token, now());
      const account = session === undefined ? undefined : people.accounts.get(session.account);
      return account === undefined ? NOBODY : whoIs(account, session);
    },
    start(request, reply, account) {
      endSession(request);
      const token = people.sessions.start(account.id, browserOf(request.headers['user-agent']), now());
      reply.header('set-cookie', setCookie(COOKIE, token, request.protocol === 'https'));
      return whoIs(account, people.sessions.find(token, now()));
    },
    end(request, reply) {
      endSession(request);
      reply.header('set-cookie', setCookie(COOKIE, '', request.protocol === 'https'));
    },
    async guess<T>(request: FastifyRequest, account: string, check: () => Promise<T | undefined>) {
      const { waitMs, done } = attempts.begin(request.ip, account, now());
      if (waitMs > 0) throw new ApiError(429, 'wait', 'Too many wrong tries.', `Wait ${Math.ceil(waitMs / 1000)} s and try again.`);
      let right: T | undefined;
      try {
        right = await check();
        return right;
      } finally {
        done(right !== undefined, now());
      }
    },
  };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
