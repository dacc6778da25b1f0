import { Type } from '../../../firmware/schema/type.ts';
import { type Challenge, newId, newToken } from '../../people/challenges.ts';
import { askPeer, PeerError } from '../../rights/challenges/peer.ts';
import { termsHash } from '../../rights/challenges/terms.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { agree, ChallengeBody, challengeJson, elsewhere, MOST_SPAN_MS } from './challenge-body.ts';
import { MOST_MEMBERS, originOf, plain } from './challenge-peers.ts';

const Offered = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  terms: Type.String(),
  termsHash: Type.String(),
  host: Type.String(),
});
interface Offer {
  readonly name: string;
  readonly kind: Challenge['kind'];
  readonly terms: string;
  readonly from: number;
  readonly to: number;
  readonly ends: number;
}

/** Where a link leads: a code of this hub, or another hub and its code. */
function partsOf(link: string): { code: string; origin: string } {
  const [, address = '', code = ''] = /^(.*?)\/?#?\/?(?:challenge\/)?([A-Za-z0-9_-]{24})$/.exec(link.trim()) ?? [];
  if (code === '') throw new ApiError(400, 'link', 'This is no link to a challenge.', 'Copy the whole link that you were given.');
  return { code, origin: address === '' ? '' : address };
}

async function offerOf(origin: string, code: string): Promise<Offer> {
  const offer = (await askPeer(origin, 'terms', { code })) as Partial<Offer>;
  const { name, kind, terms, from, to, ends } = offer;
  const isRight =
    typeof name === 'string' &&
    (kind === 'friends' || kind === 'team') &&
    typeof terms === 'string' &&
    [from, to, ends].every((one) => Number.isSafeInteger(one)) &&
    to! - from! <= MOST_SPAN_MS;
  if (!isRight) throw new PeerError('away', `the other hub at ${origin} does not speak as a hub does`);
  return { name: plain(name).slice(0, 60), kind, terms: terms.slice(0, 8000), from: from!, to: to!, ends: ends! };
}

/** Taking part by a link, of this hub or another. */
export function challengeJoiningRoutes(web: Web, context: WebContext): void {
  const { house, people } = context;
  const { challenges, key } = people;

  web.post(
    '/api/v1/challenges/terms',
    {
      config: { access: 'household' },
      schema: {
        summary: 'The terms behind a link, of this hub or another, before you agree',
        body: Type.Object({ link: Type.String({ maxLength: 300 }) }),
        response: { 200: Offered },
      },
    },
    async ({ body: { link } }) => {
      const { code, origin } = partsOf(link);
      const here = challenges.invited(code, house.now());
      if (here !== undefined)
        return { name: here.name, kind: here.kind, terms: here.terms, termsHash: termsHash(here.terms), host: 'this hub' };
      if (origin === '') throw new ApiError(404, 'no-invitation', 'This invitation was used, or is too old.', 'Ask for a new one.');
      const { name, kind, terms } = await elsewhere(() => offerOf(originOf(origin), code));
      return { name, kind, terms, termsHash: termsHash(terms), host: originOf(origin) };
    },
  );

  web.post(
    '/api/v1/challenges/join',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Take part, agreeing to the terms by their hash',
        body: Type.Object({
          link: Type.String({ maxLength: 300 }),
          termsHash: Type.String({ maxLength: 64 }),
          as: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
          showsOwn: Type.Optional(Type.Boolean()),
          address: Type.Optional(Type.String({ maxLength: 200, description: 'under which the other hub reaches this one' })),
        }),
        response: { 201: Type.Object({ challenge: ChallengeBody, receipt: Type.String() }) },
      },
    },
    async (request, reply) => {
      const { who, body } = request;
      const { code, origin } = partsOf(body.link);
      const [name, showsOwn, nowMs] = [plain(body.as ?? who.name), body.showsOwn ?? false, house.now()];
      const other = (): ApiError => new ApiError(409, 'terms', 'These are not the terms that you read.', 'Read them again.');
      const here = challenges.invited(code, nowMs);
      if (here !== undefined) {
        if (body.termsHash !== termsHash(here.terms)) throw other();
        const all = challenges.members(here.id);
        if (all.some(({ account, leftMs }) => account === who.id && leftMs === null))
          throw new ApiError(409, 'member', 'You take part already.', 'See /api/v1/challenges.');
        if (all.length >= MOST_MEMBERS) throw new ApiError(409, 'full', `${MOST_MEMBERS} take part already.`, 'Make another.');
        if (!challenges.take(code, nowMs)) throw new ApiError(404, 'no-invitation', 'This invitation was used.', 'Ask for a new one.');
        const receipt = await agree(context, who, here);
        const joined = challenges.join(
          { challenge: here.id, account: who.id, name, showsOwn, receipt, peer: null, peerShows: null },
          nowMs,
        );
        return reply.code(201).send({ challenge: challengeJson(context, here, joined, who), receipt });
      }
      if (origin === '') throw new ApiError(404, 'no-invitation', 'This invitation was used, or is too old.', 'Ask for a new one.');
      const host = originOf(origin);
      const url = originOf(body.address ?? `${request.protocol}://${request.headers.host ?? ''}`);
      const offer = await elsewhere(() => offerOf(host, code));
      if (body.termsHash !== termsHash(offer.terms)) throw other();
      const [id, peerShows] = [newId(), newToken()];
      const receipt = await agree(context, who, offer, id);
      const answer = (await elsewhere(async () =>
        askPeer(host, 'join', {
          code,
          termsHash: body.termsHash,
          receipt,
          key: JSON.stringify(await key.publicJwk()),
          name,
          showsOwn,
          url,
          member: id,
          token: peerShows,
        }),
      )) as { member: string; token: string; key: string };
      const { kind, terms, from, to, ends } = offer;
      const challenge = challenges.make(
        { hostUrl: host, creator: null, name: offer.name, kind, terms, fromMs: from, toMs: to, endsMs: ends },
        nowMs,
      );
      const joined = challenges.join(
        {
          id,
          challenge: challenge.id,
          account: who.id,
          name,
          showsOwn,
          receipt,
          peer: { url: host, member: String(answer.member), token: String(answer.token), key: String(answer.key) },
          peerShows,
        },
        nowMs,
      );
      return reply.code(201).send({ challenge: challengeJson(context, challenge, joined, who), receipt });
    },
  );
}
