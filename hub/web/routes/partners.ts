import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import { Type } from '../../../firmware/schema/type.ts';
import type { LinkAct, Partner } from '../../people/partners.ts';
import { HOME } from '../../people/subjects.ts';
import { endpoints } from '../../rights/partners/authorization.ts';
import { scopes } from '../../rights/partners/scopes.ts';
import { startPartnerHooks } from '../../rights/partners/webhooks.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { needRedirectUri, needWebAddress, RegistrationError } from '../partner-addresses.ts';

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) });
const Url = Type.String({ minLength: 8, maxLength: 500 });
const PartnerBody = Type.Object({
  id: Type.String({ description: 'its client_id' }),
  name: Type.String(),
  policyUrl: Type.String(),
  region: Type.String({ description: 'where it keeps what it reads' }),
  redirectUris: Type.Array(Type.String()),
  webhookUrl: Type.Union([Type.String(), Type.Null()]),
  state: Type.String({ description: 'approved, or waiting: it registered itself' }),
  since: Type.String({ format: 'date-time' }),
});
const NewPartner = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 60 }),
  policyUrl: Url,
  region: Type.String({ minLength: 2, maxLength: 60 }),
  redirectUris: Type.Array(Url, { minItems: 1, maxItems: 10 }),
  webhookUrl: Type.Optional(Url),
  confidential: Type.Optional(Type.Boolean({ description: 'has a server that keeps a secret; an app has none' })),
});
/** RFC 7591, 2: what of it is understood here, and two members of our own. */
const Registration = Type.Object(
  {
    client_name: Type.String({ minLength: 1, maxLength: 60 }),
    policy_uri: Url,
    redirect_uris: Type.Array(Url, { minItems: 1, maxItems: 10 }),
    token_endpoint_auth_method: Type.Optional(Type.Enum(['none', 'client_secret_basic', 'client_secret_post'])),
    region: Type.String({ minLength: 2, maxLength: 60, description: 'where you keep what you read, in words' }),
    webhook_uri: Type.Optional(Url),
  },
  { additionalProperties: true },
);

const actWords: Readonly<Record<LinkAct['kind'], string>> = {
  read: 'it read',
  live: 'it was told as it happened',
  write: 'it added',
  told: 'it was told that there is something new',
};

/** What other people read: no control characters, no direction marks that turn a name around. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').trim();
const partnerJson = ({ createdMs, redirectUris, ...partner }: Partner) => ({
  ...partner,
  redirectUris: [...redirectUris],
  since: new Date(createdMs).toISOString(),
});

/** Who may ask people for a link: added by who runs the hub, or registered by themselves and then looked at (E2). */
export function partnerRoutes(web: Web, { house, people }: WebContext): void {
  const { partners, operations } = people;
  const hooks = startPartnerHooks({ partners, now: house.now, random: Math.random });
  const stopListening = house.listen((event) => {
    if (event.type === 'measurement') hooks.heard(event.measurement);
  });
  web.addHook('preClose', async () => {
    stopListening();
    await hooks[Symbol.asyncDispose]();
  });
  const noPartner = (): ApiError => new ApiError(404, 'no-partner', 'There is no such partner.', 'See /api/v1/partners.');
  const full = (): ApiError =>
    new ApiError(429, 'full', 'Too many partners wait to be looked at.', 'Who runs the hub removes some of them first.');

  const add = (body: Static<typeof NewPartner>, state: Partner['state']) => {
    for (const uri of body.redirectUris) needRedirectUri(uri);
    needWebAddress(body.policyUrl, 'the privacy policy');
    if (body.webhookUrl !== undefined) needWebAddress(body.webhookUrl, 'the webhook');
    const [name, region] = [plain(body.name), plain(body.region)];
    if (name === '' || region === '') throw new RegistrationError('invalid_client_metadata', 'name and region are words that can be read');
    const { policyUrl, redirectUris, webhookUrl = null, confidential = false } = body;
    return partners.add({ name, region, policyUrl, redirectUris, webhookUrl, isConfidential: confidential }, state, house.now());
  };

  web.get(
    '/api/v1/partners',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Partners that may ask for a link, and those that wait to be looked at',
        response: { 200: Type.Array(PartnerBody) },
      },
    },
    async () => partners.list().map(partnerJson),
  );

  web.post(
    '/api/v1/partners',
    {
      config: { access: 'owner', again: 'if-set' },
      schema: {
        summary: 'Let a partner ask people for a link; nothing is shared by that',
        body: NewPartner,
        response: {
          201: Type.Object({
            partner: PartnerBody,
            clientSecret: Type.Union([Type.String(), Type.Null()]),
            webhookSecret: Type.Union([Type.String(), Type.Null()], { description: 'signs what it is told (Standard Webhooks)' }),
            scopes: Type.Array(Type.String()),
            endpoints: Type.Object({ authorize: Type.String(), token: Type.String(), revoke: Type.String() }),
          }),
        },
      },
    },
    async ({ who, body }, reply) => {
      const added = refused(() => add(body, 'approved'));
      if (added === undefined) throw full();
      operations.append({ kind: 'partner-added', actor: who.actor, subject: HOME, detail: { partner: added.partner.name } });
      return reply.code(201).send({
        partner: partnerJson(added.partner),
        clientSecret: added.clientSecret ?? null,
        webhookSecret: added.webhookSecret ?? null,
        scopes: [...scopes],
        endpoints,
      });
    },
  );

  web.post(
    '/api/v1/partners/:id/approval',
    {
      config: { access: 'owner', again: 'if-set' },
      schema: { summary: 'Let a partner that registered itself ask people', params: Id, response: { 200: PartnerBody } },
    },
    async ({ who, params: { id } }) => {
      if (!partners.approve(id)) throw noPartner();
      const partner = partners.get(id)!;
      operations.append({ kind: 'partner-added', actor: who.actor, subject: HOME, detail: { partner: partner.name } });
      return partnerJson(partner);
    },
  );

  web.delete(
    '/api/v1/partners/:id',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'It may ask nobody any more, and every link to it ends at once',
        params: Id,
        response: { 200: Type.Object({ removed: Type.String() }) },
      },
    },
    async ({ who, params: { id } }) => {
      const partner = partners.get(id);
      if (partner === undefined) throw noPartner();
      partners.remove(id, house.now());
      operations.append({ kind: 'partner-removed', actor: who.actor, subject: HOME, detail: { partner: partner.name } });
      return { removed: partner.name };
    },
  );

  web.get(
    '/api/v1/links/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'What went over a link of yours to a partner, newest first, and the words that you agreed to',
        params: Id,
        response: {
          200: Type.Object({
            consent: Type.String(),
            version: Type.String(),
            acts: Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }), words: Type.String(), rows: Type.Integer() })),
          }),
        },
      },
    },
    async ({ who, params: { id } }) => {
      const link = partners.getLink(id);
      if (link === undefined || link.owner !== who.id)
        throw new ApiError(404, 'no-link', 'There is no such link of yours.', 'See /api/v1/shares.');
      return {
        consent: link.consent,
        version: link.consentVersion,
        acts: partners.acts(id).map(({ atMs, kind, rows }) => ({ at: new Date(atMs).toISOString(), words: actWords[kind], rows })),
      };
    },
  );

  web.post(
    '/oauth/register',
    {
      config: { access: 'anyone' },
      schema: {
        summary: 'A partner registers itself (RFC 7591); it can ask nobody until who runs the hub has approved it',
        body: Registration,
        response: {
          201: Type.Object({
            client_id: Type.String(),
            client_id_issued_at: Type.Integer(),
            client_secret: Type.Optional(Type.String()),
            client_secret_expires_at: Type.Optional(Type.Integer()),
            client_name: Type.String(),
            redirect_uris: Type.Array(Type.String()),
            token_endpoint_auth_method: Type.String(),
            webhook_secret: Type.Optional(Type.String()),
            state: Type.String(),
          }),
        },
      },
    },
    async ({ body }, reply) => {
      const method = body.token_endpoint_auth_method ?? 'client_secret_basic';
      try {
        if (!people.accounts.isClaimed) throw full();
        const added = add(
          {
            name: body.client_name,
            policyUrl: body.policy_uri,
            region: body.region,
            redirectUris: body.redirect_uris,
            ...(body.webhook_uri === undefined ? {} : { webhookUrl: body.webhook_uri }),
            confidential: method !== 'none',
          },
          'waiting',
        );
        if (added === undefined) throw full();
        const { partner, clientSecret, webhookSecret } = added;
        return reply.code(201).send({
          client_id: partner.id,
          client_id_issued_at: Math.floor(partner.createdMs / 1000),
          ...(clientSecret === undefined ? {} : { client_secret: clientSecret, client_secret_expires_at: 0 }),
          client_name: partner.name,
          redirect_uris: [...partner.redirectUris],
          token_endpoint_auth_method: method,
          ...(webhookSecret === undefined ? {} : { webhook_secret: webhookSecret }),
          state: partner.state,
        });
      } catch (error) {
        if (!(error instanceof RegistrationError)) throw error;
        // In the form that programs expect (RFC 7591, 3.2.2), which is not that of the answer above.
        const plainReply: FastifyReply = reply;
        return plainReply.code(400).serializer(JSON.stringify).send({ error: error.code, error_description: error.message });
      }
    },
  );
}

function refused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error;
    throw new ApiError(
      400,
      error.code.replaceAll('_', '-'),
      `A partner cannot be added like that: ${error.message}.`,
      'Mend it and try again.',
    );
  }
}
