import { Type } from '../../../firmware/schema/type.ts';
import { type Challenge, type Member, newId, newToken } from '../../people/challenges.ts';
import { createLooking } from '../../rights/challenges/looking.ts';
import { askPeer, PeerError } from '../../rights/challenges/peer.ts';
import { AFTERWARDS_MS, termsHash, termsText } from '../../rights/challenges/terms.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { challengePeerRoutes, MOST_MEMBERS, originOf, plain } from './challenge-peers.ts';
import { timeOf } from './measurements.ts';

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) });
const Time = Type.String({ format: 'date-time' });
const ChallengeBody = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Type.String({ description: 'friends (each sees each) or team (the sum alone)' }),
  from: Time,
  to: Time,
  ends: Time,
  terms: Type.String(),
  isYours: Type.Boolean({ description: 'you made it' }),
  host: Type.Union([Type.String(), Type.Null()], { description: 'the hub that runs it; null: this one' }),
  showsOwn: Type.Boolean(),
  left: Type.Union([Time, Type.Null()]),
  isOpen: Type.Boolean(),
});
const StandingBody = Type.Object({
  members: Type.Array(
    Type.Object({ name: Type.String(), isYou: Type.Boolean(), state: Type.String(), steps: Type.Union([Type.Integer(), Type.Null()]) }),
  ),
  sum: Type.Union([Type.Integer(), Type.Null()]),
});
const Offered = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  terms: Type.String(),
  termsHash: Type.String(),
  host: Type.String(),
});
const DAY_MS = 86_400_000;
const MOST_DAYS = 92;
/** Open ones of a person. */
const MOST_CHALLENGES = 20;

/** Comparing steps with friends or a team, here or at other hubs, under terms that each agreed to (E4, E5, B8). */
export function challengeRoutes(web: Web, context: WebContext): void {
  const { house, people } = context;
  const { challenges, accounts, operations, key } = people;
  const isAccount = (id: string): boolean => accounts.get(id) !== undefined;
  const looking = createLooking({ challenges, store: house.store, isAccount, askPeer, now: house.now });
  challengePeerRoutes(web, context, looking);

  const iso = (ms: number): string => new Date(ms).toISOString();
  const json = (challenge: Challenge, member: Member, who: Who) => ({
    id: member.id,
    name: challenge.name,
    kind: challenge.kind,
    from: iso(challenge.fromMs),
    to: iso(challenge.toMs),
    ends: iso(challenge.endsMs),
    terms: challenge.terms,
    isYours: challenge.creator === who.id,
    host: challenge.hostUrl,
    showsOwn: member.showsOwn,
    left: member.leftMs === null ? (challenge.stoppedMs === null ? null : iso(challenge.stoppedMs)) : iso(member.leftMs),
    isOpen: member.leftMs === null && challenges.isOpen(challenge, house.now()),
  });
  /** A membership of one's own: its id names a challenge for a person. */
  const own = (who: Who, id: string): { member: Member; challenge: Challenge } => {
    const member = challenges.member(id);
    if (member === undefined || member.account !== who.id)
      throw new ApiError(404, 'no-challenge', 'You take part in no such challenge.', 'See /api/v1/challenges.');
    return { member, challenge: challenges.get(member.challenge)! };
  };
  const needOpen = (challenge: Challenge, member: Member): void => {
    if (member.leftMs !== null || !challenges.isOpen(challenge, house.now()))
      throw new ApiError(410, 'over', 'This challenge is over.', 'Make a new one.');
  };
  /** `as`: by what name the receipt knows them; another hub is not told one's account. */
  const agree = async (who: Who, challenge: Pick<Challenge, 'name' | 'terms'>, as = who.id): Promise<string> => {
    operations.append({ kind: 'challenge-joined', actor: who.actor, subject: who.id, detail: { challenge: challenge.name } });
    return key.issue({ kind: 'challenge', atUtcMs: house.now(), subject: as, by: as, text: challenge.terms });
  };
  const elsewhere = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      if (error.kind === 'gone') throw new ApiError(410, 'over', 'It is over there, or the invitation was used.', 'Ask for a new one.');
      throw new ApiError(
        502,
        'away',
        `${error.message}.`,
        'See that it runs, and that it answers from outside its home if that is where you are.',
      );
    }
  };
  /** Where a link leads: a code of this hub, or another hub and its code. */
  const partsOf = (link: string): { code: string; origin: string } => {
    const [, address = '', code = ''] = /^(.*?)\/?#?\/?(?:challenge\/)?([A-Za-z0-9_-]{24})$/.exec(link.trim()) ?? [];
    if (code === '') throw new ApiError(400, 'link', 'This is no link to a challenge.', 'Copy the whole link that you were given.');
    return { code, origin: address === '' ? '' : address };
  };
  interface Offer {
    readonly name: string;
    readonly kind: Challenge['kind'];
    readonly terms: string;
    readonly from: number;
    readonly to: number;
    readonly ends: number;
  }
  const offerOf = async (origin: string, code: string): Promise<Offer> => {
    const offer = (await askPeer(origin, 'terms', { code })) as Partial<Offer>;
    const { name, kind, terms, from, to, ends } = offer;
    const isRight =
      typeof name === 'string' &&
      (kind === 'friends' || kind === 'team') &&
      typeof terms === 'string' &&
      [from, to, ends].every((one) => Number.isSafeInteger(one)) &&
      to! - from! <= MOST_DAYS * DAY_MS;
    if (!isRight) throw new PeerError('away', `the other hub at ${origin} does not speak as a hub does`);
    return { name: plain(name).slice(0, 60), kind, terms: terms.slice(0, 8000), from: from!, to: to!, ends: ends! };
  };

  web.get(
    '/api/v1/challenges',
    {
      config: { access: 'household' },
      schema: { summary: 'Challenges that you take part in, or took', response: { 200: Type.Array(ChallengeBody) } },
    },
    async ({ who }) => {
      challenges.clean(house.now());
      return challenges.of(who.id).map(({ challenge, member }) => json(challenge, member, who));
    },
  );

  web.post(
    '/api/v1/challenges',
    {
      config: { access: 'household', again: 'if-set' },
      schema: {
        summary: 'Make a challenge and agree to its terms yourself; the answer has them',
        body: Type.Object({
          name: Type.String({ minLength: 1, maxLength: 60 }),
          kind: Type.Enum(['friends', 'team']),
          from: Type.String(),
          to: Type.String(),
          words: Type.Optional(Type.String({ maxLength: 2000, description: 'what you add to the terms' })),
          as: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: 'how you are called in it' })),
          showsOwn: Type.Optional(Type.Boolean({ description: 'of a team: your own number is shown' })),
        }),
        response: { 201: Type.Object({ challenge: ChallengeBody, receipt: Type.String() }) },
      },
    },
    async ({ who, body }, reply) => {
      const nowMs = house.now();
      const [fromMs, toMs] = [timeOf(body.from, 0, 'from'), timeOf(body.to, 0, 'to')];
      if (!(fromMs < toMs && toMs > nowMs && toMs - fromMs <= MOST_DAYS * DAY_MS))
        throw new ApiError(400, 'days', `A challenge ends in the future and lasts ${MOST_DAYS} days at most.`, 'Choose other days.');
      if (challenges.of(who.id).filter(({ challenge }) => challenges.isOpen(challenge, nowMs)).length >= MOST_CHALLENGES)
        throw new ApiError(409, 'full', `You take part in ${MOST_CHALLENGES} already.`, 'Leave some of them.');
      const [name, as] = [plain(body.name), plain(body.as ?? who.name)];
      const endsMs = toMs + AFTERWARDS_MS;
      const terms = termsText({
        name,
        kind: body.kind,
        host: as,
        words: plain(body.words ?? ' ').replace(/^somebody$/, ''),
        fromMs,
        toMs,
        endsMs,
      });
      const challenge = challenges.make({ hostUrl: null, creator: who.id, name, kind: body.kind, terms, fromMs, toMs, endsMs }, nowMs);
      const receipt = await agree(who, challenge);
      const showsOwn = body.showsOwn ?? false;
      const member = challenges.join(
        { challenge: challenge.id, account: who.id, name: as, showsOwn, receipt, peer: null, peerShows: null },
        nowMs,
      );
      return reply.code(201).send({ challenge: json(challenge, member, who), receipt });
    },
  );

  web.post(
    '/api/v1/challenges/:id/invitations',
    {
      config: { access: 'household' },
      schema: {
        summary: 'A link to a challenge that you made, for one person, once',
        params: Id,
        response: { 201: Type.Object({ link: Type.String() }) },
      },
    },
    async ({ who, params: { id } }, reply) => {
      const { challenge, member } = own(who, id);
      needOpen(challenge, member);
      if (challenge.creator !== who.id) throw new ApiError(403, 'not-yours', 'Who made the challenge invites to it.', 'Ask them.');
      const code = challenges.invite(challenge.id, house.now());
      if (code === undefined) throw new ApiError(409, 'full', 'Many invitations to it are open.', 'Wait until some were used.');
      return reply.code(201).send({ link: `#/challenge/${code}` });
    },
  );

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
        const receipt = await agree(who, here);
        const joined = challenges.join(
          { challenge: here.id, account: who.id, name, showsOwn, receipt, peer: null, peerShows: null },
          nowMs,
        );
        return reply.code(201).send({ challenge: json(here, joined, who), receipt });
      }
      if (origin === '') throw new ApiError(404, 'no-invitation', 'This invitation was used, or is too old.', 'Ask for a new one.');
      const host = originOf(origin);
      const url = originOf(body.address ?? `${request.protocol}://${request.headers.host ?? ''}`);
      const offer = await elsewhere(() => offerOf(host, code));
      if (body.termsHash !== termsHash(offer.terms)) throw other();
      const [id, peerShows] = [newId(), newToken()];
      const receipt = await agree(who, offer, id);
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
      return reply.code(201).send({ challenge: json(challenge, joined, who), receipt });
    },
  );

  web.get(
    '/api/v1/challenges/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'How it stands: every member is asked now, and nothing of the answers is kept',
        params: Id,
        response: { 200: StandingBody },
      },
    },
    async ({ who, params: { id } }, reply) => {
      const { challenge, member } = own(who, id);
      needOpen(challenge, member);
      reply.header('cache-control', 'no-store');
      const { members, sum } = await (challenge.hostUrl === null
        ? looking.standing(challenge, member.id)
        : elsewhere(() => looking.standingElsewhere(member)));
      return { members: [...members], sum };
    },
  );

  web.delete(
    '/api/v1/challenges/:id',
    {
      config: { access: 'household' },
      schema: {
        summary: 'Leave at once; a challenge that you made ends with that',
        params: Id,
        response: { 200: Type.Object({ left: Type.Boolean() }) },
      },
    },
    async ({ who, params: { id } }) => ({ left: leaveChallenge(context, who, id) }),
  );
}

/** Leaves, and tells the other hubs without waiting for them: one that does not hear it is told when it asks. False when there is nothing to leave. */
export function leaveChallenge({ house, people }: Pick<WebContext, 'house' | 'people'>, who: Who, id: string): boolean {
  const { challenges, operations } = people;
  const member = challenges.member(id);
  if (member === undefined || member.account !== who.id) return false;
  const challenge = challenges.get(member.challenge)!;
  if (!challenges.leave(id, house.now())) return false;
  operations.append({ kind: 'challenge-left', actor: who.actor, subject: who.id, detail: { challenge: challenge.name } });
  const isMade = challenge.creator === who.id;
  const told = isMade ? challenges.members(challenge.id) : [member];
  if (isMade) challenges.stop(challenge.id, house.now());
  for (const { peer, leftMs, id: one } of told)
    if (peer !== null && (leftMs === null || one === id))
      askPeer(peer.url, 'leave', { member: peer.member, token: peer.token }).catch(() => undefined);
  return true;
}
