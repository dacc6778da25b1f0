/**
 * The authorisation server for partners (OAuth 2.1: codes with PKCE, no implicit flow, refresh tokens that are used once), by oidc-provider.
 * Who is signed in, and what they choose, is the hub's own affair: its page answers each question, and nothing is remembered between two.
 * The package is loaded when the first partner asks, not before.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interaction, Provider } from 'oidc-provider';
import type { TokenKind, TokenPayload } from '../../people/partner-tokens.ts';
import type { Link, NewLink, Partners } from '../../people/partners.ts';
import { scopeOf, scopes, type Wish, wishOf } from './scopes.ts';

/** Where the endpoints are; `/.well-known/oauth-authorization-server` lists them for programs (RFC 8414). */
export const endpoints = { authorize: '/oauth/authorize', token: '/oauth/token', revoke: '/oauth/revoke' } as const;
/** Ties a question to the browser that it was asked in, so that nobody answers another's. */
export const QUESTION_COOKIE = 'hearth_link';
export const RESUME_COOKIE = 'hearth_link_resume';

/** Time to read what is asked, sign in and decide. */
export const QUESTION_S = 600;
/** RFC 6749, 4.1.2: a code lives for minutes at most. */
const CODE_S = 60;
/** Stopping is felt at once anyway; a token that leaks is worth this long. */
const ACCESS_S = 600;
/** A partner that does not ask for longer asks the person anew. */
const REFRESH_S = 90 * 86_400;
/** Names under which a hub is reached: localhost, its name, its address. */
const MOST_ORIGINS = 4;

export interface Question {
  readonly uid: string;
  readonly partner: string;
  readonly wish: Wish;
  /** Days that the partner would like, as it wrote them. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Authorization {
  /** Answers a request to one of the endpoints. `origin`: under which the hub was asked. */
  serve(origin: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  question(origin: string, uid: string): Promise<Question | undefined>;
  /** Says yes, with what was chosen and the links that are made of it; resolves with where the browser goes on. */
  allow(
    origin: string,
    uid: string,
    account: string,
    choice: Wish,
    linksOf: (grant: string) => NewLink[],
  ): Promise<{ readonly links: readonly Link[]; readonly goTo: string }>;
  refuse(origin: string, uid: string): Promise<string>;
}

export interface AuthorizationOptions {
  readonly partners: Partners;
  readonly isAccount: (id: string) => boolean;
  /** Where the page asks a question, by its id. */
  readonly pageOf: (uid: string) => string;
  readonly now: () => number;
}

export function createAuthorization(options: AuthorizationOptions): Authorization {
  const providers = new Map<string, Promise<Provider>>();
  const providerOf = (origin: string): Promise<Provider> => {
    const known = providers.get(origin);
    if (known !== undefined) return known;
    if (providers.size >= MOST_ORIGINS) providers.delete(providers.keys().next().value!);
    const made = createProvider(origin, options);
    providers.set(origin, made);
    return made;
  };
  const interactionOf = async (origin: string, uid: string): Promise<Interaction> => {
    const interaction = await (await providerOf(origin)).Interaction.find(uid);
    if (interaction === undefined) throw new Error('the question is no longer open');
    return interaction;
  };
  const answer = async (interaction: Interaction, result: Readonly<Record<string, unknown>>): Promise<string> => {
    interaction.result = result;
    await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1000)));
    return interaction.returnTo;
  };
  const partnerOf = ({ params }: Interaction): string => params.client_id ?? '';
  const wishIn = ({ params }: Interaction): Wish => wishOf(params.scope ?? '');

  return {
    async serve(origin, request, response) {
      await (await providerOf(origin)).callback()(request, response);
    },
    async question(origin, uid) {
      const interaction = await (await providerOf(origin)).Interaction.find(uid);
      if (interaction === undefined) return undefined;
      const { from, to } = interaction.params;
      return { uid, partner: partnerOf(interaction), wish: wishIn(interaction), from, to };
    },
    async allow(origin, uid, account, choice, linksOf) {
      const provider = await providerOf(origin);
      const interaction = await interactionOf(origin, uid);
      const grant = new provider.Grant({ accountId: account, clientId: partnerOf(interaction) });
      const chosen = scopeOf(choice).split(' ');
      grant.addOIDCScope(chosen.join(' '));
      // The rest of what was asked is refused, so that it is not asked again.
      const left = scopeOf(wishIn(interaction))
        .split(' ')
        .filter((one) => !chosen.includes(one));
      if (left.length > 0) grant.rejectOIDCScope(left.join(' '));
      const id = await grant.save();
      const links = linksOf(id).map((link) => options.partners.link(link, options.now()));
      return { links, goTo: await answer(interaction, { login: { accountId: account, remember: false }, consent: { grantId: id } }) };
    },
    async refuse(origin, uid) {
      const interaction = await interactionOf(origin, uid);
      return answer(interaction, { error: 'access_denied', error_description: 'the person said no' });
    },
  };
}

async function createProvider(origin: string, { partners, isAccount, pageOf, now }: AuthorizationOptions): Promise<Provider> {
  const { Provider } = await import('oidc-provider');
  // Nothing is signed with it: there are no identity tokens. The package wants one all the same.
  const key = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  const off = { enabled: false };
  const provider = new Provider(origin, {
    adapter: (kind: string) => adapterOf(kind, partners, now),
    jwks: { keys: [key] },
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    scopes: [...scopes],
    claims: {},
    responseTypes: ['code'],
    pkce: { required: () => true },
    extraParams: ['from', 'to'],
    routes: { authorization: endpoints.authorize, token: endpoints.token, revocation: endpoints.revoke, jwks: '/oauth/jwks' },
    discovery: { registration_endpoint: `${origin}/oauth/register`, service_documentation: `${origin}/page/partners.html` },
    features: {
      devInteractions: off,
      dPoP: off,
      userinfo: off,
      resourceIndicators: off,
      pushedAuthorizationRequests: off,
      rpInitiatedLogout: off,
      revocation: { enabled: true },
    },
    cookies: { names: { interaction: QUESTION_COOKIE, resume: RESUME_COOKIE, session: 'hearth_link_session' } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => pageOf(uid) },
    findAccount: (_context: unknown, id: string) => (isAccount(id) ? { accountId: id, claims: async () => ({ sub: id }) } : undefined),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    ttl: {
      AccessToken: ACCESS_S,
      AuthorizationCode: CODE_S,
      Grant: 366 * 86_400,
      IdToken: ACCESS_S,
      Interaction: QUESTION_S,
      RefreshToken: REFRESH_S,
      Session: QUESTION_S,
    },
    clientBasedCORS: () => false,
    renderError: async (context: { type: string; body: unknown }, out: Record<string, unknown>) => {
      context.type = 'text/plain; charset=utf-8';
      context.body = `This link to a partner cannot be made: ${String(out.error_description ?? out.error)}. Go back to the partner and begin again.`;
    },
  });
  provider.use(async (context, next) => {
    await next();
    // The hub signs people in by itself: what the package would remember is not kept, so its cookie is not set.
    const set = [context.response.get('set-cookie') ?? []].flat().filter((one) => one !== '' && !one.startsWith('hearth_link_session'));
    if (set.length > 0) context.response.set('set-cookie', set);
    else context.response.remove('set-cookie');
  });
  provider.on('server_error', (_context, error) => console.error(`authorisation of a partner: ${error.message}`));
  return provider;
}

const kept: readonly string[] = ['AccessToken', 'AuthorizationCode', 'RefreshToken', 'Grant', 'Interaction'] satisfies TokenKind[];

/** oidc-provider's storage: clients are partners, tokens lie by their hashes, sessions are not kept. */
function adapterOf(model: string, partners: Partners, now: () => number) {
  const { tokens } = partners;
  const nothing = {
    upsert: async () => undefined,
    find: async () => undefined,
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: async () => undefined,
    destroy: async () => undefined,
    revokeByGrantId: async () => undefined,
  };
  if (model === 'Client') return { ...nothing, find: async (id: string) => clientOf(id, partners) };
  if (!kept.includes(model)) return nothing;
  const kind = model as TokenKind;
  /** The person sees that it ended: a token that was used twice, or that the partner gave back, ends the link. */
  const end = (grant: string): void => {
    for (const { id, owner } of partners.ofGrant(grant)) partners.stop(id, owner, now());
    tokens.dropGrant(grant);
  };
  return {
    ...nothing,
    upsert: async (id: string, payload: TokenPayload, expiresInS: number) =>
      tokens.put(kind, id, payload, now() + expiresInS * 1000, now()),
    find: async (id: string) => tokens.find(kind, id, now()),
    consume: async (id: string) => tokens.consume(kind, id, now()),
    destroy: async (id: string) => (kind === 'Grant' ? end(id) : tokens.drop(kind, id)),
    revokeByGrantId: async (grant: string) => end(grant),
  };
}

function clientOf(id: string, partners: Partners) {
  const partner = partners.get(id);
  if (partner === undefined || partner.state !== 'approved') return undefined;
  const { client } = partners.secrets(id);
  return {
    client_id: id,
    client_name: partner.name,
    policy_uri: partner.policyUrl,
    redirect_uris: [...partner.redirectUris],
    scope: scopes.join(' '),
    application_type: partner.redirectUris.every(isOfApp) ? 'native' : 'web',
    ...(client === null
      ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: client }),
  };
}

/** RFC 8252: an app on the person's own device is answered on its loopback, at any port, or by a scheme of its own. */
const isOfApp = (uri: string): boolean => {
  const { protocol, hostname } = new URL(uri);
  return protocol === 'http:' ? ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) : protocol !== 'https:';
};
