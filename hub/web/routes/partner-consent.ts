import type { FastifyRequest } from 'fastify';
import type { Category } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import { isHomeName } from '../../ops/home-network.ts';
import type { NewLink } from '../../people/partners.ts';
import { createAuthorization, endpoints, QUESTION_COOKIE, type Question } from '../../rights/partners/authorization.ts';
import { CONSENT_VERSION, consentText, warningOf } from '../../rights/partners/consent.ts';
import { isWithin, readable, writable } from '../../rights/partners/scopes.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { cookieIn } from '../cookies.ts';
import { timeOf } from './measurements.ts';

const DAY_MS = 86_400_000;
/** As long as any share: then it is asked for again. */
const MOST_DAYS = 366;
const Uid = Type.Object({ uid: Type.String({ maxLength: 64 }) });
const Categories = Type.Array(Type.String());

/** Linking a partner: its request comes to the authorisation server, the question to the person on the hub's own page (E2, E3). */
export function partnerConsentRoutes(web: Web, { house, people }: WebContext): void {
  const { accounts, partners, operations, key } = people;
  const authorization = createAuthorization({
    partners,
    isAccount: (id) => accounts.get(id) !== undefined,
    pageOf: (uid) => `/#/link/${uid}`,
    now: house.now,
  });
  /** Under which the hub was asked. Another site's name that points here (DNS rebinding) is none of ours. */
  const originOf = ({ protocol, headers }: FastifyRequest): string => {
    const { host = '' } = headers;
    if (!isHomeName(host) && !house.allowsRemote)
      throw new ApiError(403, 'host', `This hub is not called ${host}.`, 'Use its own name or address.');
    return `${protocol}://${host}`;
  };

  web.register(async (scope) => {
    // Forms go unread to the package that reads them itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const [method, url, summary] of [
      ['GET', endpoints.authorize, 'Where a partner sends a person to be asked for a link (OAuth 2.1, code with PKCE S256)'],
      ['GET', `${endpoints.authorize}/:uid`, 'Goes on after the person decided'],
      ['POST', endpoints.token, 'A code or a refresh token against an access token'],
      ['POST', endpoints.revoke, 'A partner gives a token back (RFC 7009): the link ends'],
      ['GET', '/.well-known/oauth-authorization-server', 'The endpoints for programs (RFC 8414)'],
    ] as const)
      scope.route({
        method,
        url,
        config: { access: 'anyone' },
        schema: { summary },
        async handler(request, reply) {
          const origin = originOf(request);
          reply.hijack();
          const { raw } = reply;
          raw.setHeader('referrer-policy', 'no-referrer').setHeader('x-content-type-options', 'nosniff');
          try {
            await authorization.serve(origin, request.raw, raw);
          } catch (error) {
            console.error(`authorisation of a partner: ${error instanceof Error ? error.message : error}`);
            if (!raw.headersSent) raw.writeHead(500).end();
          }
        },
      });
  });

  /** The question, of this browser alone: one that was asked in another is not there. */
  const questionOf = async (request: FastifyRequest, uid: string): Promise<Question> => {
    const question =
      cookieIn(request.headers.cookie, QUESTION_COOKIE) === uid ? await authorization.question(originOf(request), uid) : undefined;
    if (question === undefined)
      throw new ApiError(404, 'no-question', 'This question is no longer open.', 'Go back to the partner and begin again.');
    if (question.wish.reads.length + question.wish.writes.length === 0)
      throw new ApiError(400, 'nothing', 'The partner asks for nothing that this hub could give.', 'Leave this page.');
    return question;
  };
  const partnerOf = ({ partner }: Question) => {
    const found = partners.get(partner);
    if (found === undefined) throw new ApiError(404, 'no-partner', 'There is no such partner.', 'Ask who runs the hub.');
    return found;
  };
  /** What a partner wrote for a day; what is none is left out. */
  const dayIn = (text: string | undefined): string | null =>
    text !== undefined && /^\d{4}-\d\d-\d\d/.test(text) && Number.isFinite(Date.parse(text)) ? text.slice(0, 10) : null;

  web.get(
    '/api/v1/link-requests/:uid',
    {
      config: { access: 'household' },
      schema: {
        summary: 'What a partner asks for, with its policy, its region and a warning',
        params: Uid,
        response: {
          200: Type.Object({
            partner: Type.Object({ name: Type.String(), policyUrl: Type.String(), region: Type.String() }),
            reads: Categories,
            writes: Categories,
            from: Type.Union([Type.String(), Type.Null()]),
            to: Type.Union([Type.String(), Type.Null()]),
            warning: Type.String(),
            version: Type.String(),
            mostDays: Type.Integer(),
          }),
        },
      },
    },
    async (request) => {
      const question = await questionOf(request, request.params.uid);
      const partner = partnerOf(question);
      return {
        partner: { name: partner.name, policyUrl: partner.policyUrl, region: partner.region },
        reads: [...question.wish.reads],
        writes: [...question.wish.writes],
        from: dayIn(question.from),
        to: dayIn(question.to),
        warning: warningOf({ ...partner, partner: partner.name }),
        version: CONSENT_VERSION,
        mostDays: MOST_DAYS,
      };
    },
  );

  web.post(
    '/api/v1/link-requests/:uid',
    {
      config: { access: 'household', again: 'always' },
      schema: {
        summary: 'Allow a partner what you choose of what it asked, never more',
        params: Uid,
        body: Type.Object({
          reads: Type.Array(Type.Enum([...readable]), { maxItems: readable.length }),
          writes: Type.Array(Type.Enum([...writable]), { maxItems: writable.length }),
          from: Type.Optional(Type.String()),
          to: Type.Optional(Type.String()),
          days: Type.Integer({ minimum: 1, maximum: MOST_DAYS }),
          version: Type.String({ description: 'of the warning that you read' }),
        }),
        response: { 200: Type.Object({ goTo: Type.String(), receipts: Type.Array(Type.String()) }) },
      },
    },
    async (request) => {
      const { who, body } = request;
      const question = await questionOf(request, request.params.uid);
      const partner = partnerOf(question);
      const wish = { reads: [...new Set(body.reads)], writes: [...new Set(body.writes)] };
      if (wish.reads.length + wish.writes.length === 0)
        throw new ApiError(400, 'nothing', 'Nothing is chosen.', 'Choose what it may read or add, or say no.');
      if (!isWithin(wish, question.wish))
        throw new ApiError(400, 'scope', 'This is more than the partner asked for.', 'Choose among what it asked for.');
      if (body.version !== CONSENT_VERSION)
        throw new ApiError(409, 'version', 'The text that you agree to has changed.', 'Load the page again and read it.');
      const fromMs = body.from === undefined ? null : timeOf(body.from, 0, 'from');
      const toMs = body.to === undefined ? null : timeOf(body.to, 0, 'to');
      if (fromMs !== null && toMs !== null && fromMs >= toMs)
        throw new ApiError(400, 'days', 'The last day is before the first.', 'Turn them around.');
      const endsMs = house.now() + body.days * DAY_MS;
      const linkOf =
        (grant: string) =>
        (kind: NewLink['kind'], chosen: readonly Category[]): NewLink => {
          const only = { reads: kind === 'reads' ? chosen : [], writes: kind === 'writes' ? chosen : [] };
          const { policyUrl, region } = partner;
          const consent = consentText({ partner: partner.name, policyUrl, region, wish: only, fromMs, toMs, endsMs });
          return {
            grant,
            kind,
            owner: who.id,
            partner: partner.id,
            partnerName: partner.name,
            categories: chosen,
            fromMs,
            toMs,
            endsMs,
            consentVersion: CONSENT_VERSION,
            consent,
          };
        };
      const { links, goTo } = await authorization.allow(originOf(request), question.uid, who.id, wish, (grant) =>
        (['reads', 'writes'] as const).filter((kind) => wish[kind].length > 0).map((kind) => linkOf(grant)(kind, wish[kind])),
      );
      const receipts: string[] = [];
      for (const { id, kind, categories, consent } of links) {
        operations.append({
          kind: 'share',
          actor: who.actor,
          subject: who.id,
          detail: {
            with: partner.name,
            may: kind === 'reads' ? 'read' : 'add',
            categories: categories.join(', '),
            days: body.days,
            link: id,
          },
        });
        receipts.push(await key.issue({ kind: 'partner-link', atUtcMs: house.now(), subject: who.id, by: who.id, text: consent }));
      }
      return { goTo, receipts };
    },
  );

  web.delete(
    '/api/v1/link-requests/:uid',
    {
      config: { access: 'household' },
      schema: { summary: 'Say no', params: Uid, response: { 200: Type.Object({ goTo: Type.String() }) } },
    },
    async (request) => {
      const question = await questionOf(request, request.params.uid);
      return { goTo: await authorization.refuse(originOf(request), question.uid) };
    },
  );
}
