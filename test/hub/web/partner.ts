/** A partner of a hub, as its own program would be: it sends a person's browser, takes the code, and asks with tokens. */
import { createHash, randomBytes } from 'node:crypto';
import type { TestWeb } from './web.ts';

export const BACK = 'https://fit.example/back';
export const FIT = { name: 'Fit', policyUrl: 'https://fit.example/privacy', region: 'Ireland', redirectUris: [BACK] };

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly error?: string;
}
export interface PartnerAdded {
  readonly partner: { readonly id: string };
  readonly clientSecret: string | null;
  readonly webhookSecret: string | null;
}
export interface Choice {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly days?: number;
}

/** A browser's way through a link: cookies of both, and redirects by hand. */
export function partnerOf(hub: TestWeb, clientId: string, secret?: string) {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const form = (fields: Record<string, string>) => ({
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(secret === undefined ? {} : { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` }),
    },
    payload: new URLSearchParams(secret === undefined ? { client_id: clientId, ...fields } : fields).toString(),
  });
  const authorizeUrl = (scope: string, more: Record<string, string> = {}): string =>
    `/oauth/authorize?${new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: BACK,
      scope,
      state: 'its-own-state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    })}`;
  /** Sends the browser; the question's id and the cookies that came with it, or where an error led. */
  const ask = async (scope: string, more: Record<string, string> = {}) => {
    const { statusCode, headers, body } = await hub.web.inject({ method: 'GET', url: authorizeUrl(scope, more) });
    const set = [headers['set-cookie'] ?? []].flat();
    const cookie = set.map((one) => one.split(';')[0]).join('; ');
    const location = String(headers.location ?? '');
    return { status: statusCode, location, body, set, cookie, uid: /#\/link\/(.+)$/.exec(location)?.[1] ?? '' };
  };
  const token = async (fields: Record<string, string>): Promise<Tokens & { status: number }> => {
    const response = await hub.web.inject({ method: 'POST', url: '/oauth/token', ...form(fields) });
    return { ...response.json<Tokens>(), status: response.statusCode };
  };
  const resume = async (goTo: string, cookie: string): Promise<URL> => {
    const { pathname } = new URL(goTo);
    const { headers } = await hub.web.inject({ method: 'GET', url: pathname, headers: { cookie } });
    return new URL(String(headers.location));
  };
  /** The person decides on the page; where their browser is sent then. */
  const decide = async (person: Person, question: { uid: string; cookie: string }, choice: Choice = {}): Promise<Answered> => {
    const url = `/api/v1/link-requests/${question.uid}`;
    const { cookie } = question;
    const asked = await person.ask('GET', url, undefined, { cookie });
    if (asked.status !== 200) return asked;
    const { version, reads, writes } = asked.json<{ version: string; reads: string[]; writes: string[] }>();
    return person.ask('POST', url, { reads, writes, days: 30, version, ...choice }, { cookie });
  };
  /** The whole way, to tokens. */
  const link = async (person: Person, scope: string, choice: Choice = {}): Promise<Tokens> => {
    const question = await ask(scope);
    const decided = await decide(person, question, choice);
    if (decided.status !== 200) throw new Error(decided.body);
    const back = await resume(decided.json<{ goTo: string }>().goTo, question.cookie);
    return token({ grant_type: 'authorization_code', code: back.searchParams.get('code')!, redirect_uri: BACK, code_verifier: verifier });
  };
  const get = async (path: string, accessToken: string) => {
    const response = await hub.web.inject({
      method: 'GET',
      url: `/api/v1/partner/${path}`,
      headers: { authorization: `Bearer ${accessToken}` },
    });
    return { status: response.statusCode, header: String(response.headers['www-authenticate'] ?? ''), json: <T>() => response.json<T>() };
  };
  return { verifier, form, ask, token, resume, decide, link, get };
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  json<T>(): T;
}

/** A person's browser, signed in; `isAsked`: they gave their password just now. */
export interface Person {
  readonly id: string;
  readonly cookie: string;
  ask(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, more?: Record<string, string>): Promise<Answered>;
}

export function personOf(hub: TestWeb, id: string, isAsked = true): Person {
  const cookie = `hearth=${hub.people.sessions.start(id, 'test', hub.now())}`;
  const [session] = hub.people.sessions.list(id, hub.now()).sort((a, b) => b.startedUtcMs - a.startedUtcMs);
  if (isAsked) for (const one of hub.people.sessions.list(id, hub.now())) hub.people.sessions.again(one.id, hub.now() + 300_000);
  else hub.people.sessions.again(session!.id, 0);
  return {
    id,
    cookie,
    async ask(method, url, payload, more = {}) {
      const { cookie: other, ...rest } = more;
      const headers = { ...rest, cookie: other === undefined ? cookie : `${cookie}; ${other}` };
      const response = await hub.web.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
      return { status: response.statusCode, body: response.body, json: <T>() => response.json<T>() };
    },
  };
}
