/** Every cookie that the hub sets, in one table: the answers are made from it, and the page that lists them too. */
import { SESSION_MS } from '../people/sessions.ts';
import { QUESTION_COOKIE, QUESTION_S, RESUME_COOKIE } from '../rights/partners/authorization.ts';

export interface Cookie {
  readonly name: string;
  /** What it is for, and why it needs no asking. */
  readonly purpose: string;
  /** When it is set. */
  readonly setBy: string;
  readonly lifetimeS: number;
  readonly attributes: readonly string[];
}

export const cookies = [
  {
    name: 'hearth',
    purpose: 'Keeps you signed in: a random number that says nothing about you. Strictly necessary, so it is not asked about.',
    setBy: 'Claiming the hub, joining it, or signing in. Looking at the page sets none.',
    lifetimeS: SESSION_MS / 1000,
    attributes: ['Path=/', 'HttpOnly', 'SameSite=Strict'],
  },
  {
    name: QUESTION_COOKIE,
    purpose: 'Ties a partner’s question to the browser that it was asked in, so that nobody answers another’s. Strictly necessary.',
    setBy: 'Coming from a partner that asks for a link.',
    lifetimeS: QUESTION_S,
    attributes: ['Path=/', 'HttpOnly', 'SameSite=Lax'],
  },
  {
    name: RESUME_COOKIE,
    purpose: 'Leads back to the partner once you answered. Strictly necessary.',
    setBy: 'Coming from a partner that asks for a link.',
    lifetimeS: QUESTION_S,
    attributes: ['Path=/oauth', 'HttpOnly', 'SameSite=Lax'],
  },
] as const satisfies readonly Cookie[];

/** A Set-Cookie header; `isSecure` where the page came over TLS. */
export const setCookie = ({ name, attributes, lifetimeS }: Cookie, value: string, isSecure: boolean): string =>
  [`${name}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : []), `Max-Age=${value === '' ? 0 : lifetimeS}`].join('; ');

export function cookieIn(header: string | undefined, name: string): string {
  const parts = (header ?? '').split(';').map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}
