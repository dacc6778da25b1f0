/** Who asks: the owner by cookie, the command line of this machine by token, or nobody. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS, type Sessions } from '../people/sessions.ts';
import { ApiError } from './api-error.ts';

const COOKIE = 'hearth';
/** Wrong passwords in a row before each further try waits; then a minute's wait at most, so that nobody is locked out for long. */
const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

export interface SignIn {
  isSignedIn(request: FastifyRequest): boolean;
  /** Throws ApiError 401 unless signed in. */
  need(request: FastifyRequest): void;
  start(reply: FastifyReply): void;
  end(request: FastifyRequest, reply: FastifyReply): void;
  /** Throws ApiError 429 while wrong passwords from this address must wait. */
  mayTry(address: string): void;
  tried(address: string, isRight: boolean): void;
}

export function createSignIn(sessions: Sessions, cliToken: string, now: () => number): SignIn {
  // By address: guesses from one machine do not keep another from signing in.
  const tries = new Map<string, { count: number; untilMs: number }>();
  const tokenOf = (request: FastifyRequest): string => {
    const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
    return cookies.find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
  };
  const setCookie = (reply: FastifyReply, value: string, maxAgeS: number): void => {
    reply.header('set-cookie', `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}`);
  };
  const isSignedIn = (request: FastifyRequest): boolean => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme === 'Bearer' && isSame(token ?? '', cliToken)) return true;
    const cookie = tokenOf(request);
    return cookie !== '' && sessions.isValid(cookie, now());
  };
  return {
    isSignedIn,
    need(request) {
      if (!isSignedIn(request))
        throw new ApiError(
          401,
          'sign-in',
          'This needs you to be signed in.',
          'Sign in on the page, or use the command line on the hub itself.',
        );
    },
    start: (reply) => setCookie(reply, sessions.start(now()), SESSION_MS / 1000),
    end(request, reply) {
      sessions.end(tokenOf(request));
      setCookie(reply, '', 0);
    },
    mayTry(address) {
      const waitMs = (tries.get(address)?.untilMs ?? 0) - now();
      if (waitMs > 0) throw new ApiError(429, 'wait', 'Too many wrong passwords.', `Wait ${Math.ceil(waitMs / 1000)} s and try again.`);
    },
    tried(address, isRight) {
      if (isRight) {
        tries.delete(address);
        return;
      }
      const count = (tries.get(address)?.count ?? 0) + 1;
      const waitMs = count < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - FREE_TRIES));
      if (tries.size > 1000) tries.clear();
      tries.set(address, { count, untilMs: now() + waitMs });
    },
  };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
