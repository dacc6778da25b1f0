import { Type } from '../../../firmware/schema/type.ts';
import type { Challenge, Member } from '../../people/challenges.ts';
import { createLooking } from '../../rights/challenges/looking.ts';
import { askPeer } from '../../rights/challenges/peer.ts';
import { AFTERWARDS_MS, termsText } from '../../rights/challenges/terms.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { Web, WebContext } from '../context.ts';
import { agree, ChallengeBody, challengeJson, elsewhere, MOST_DAYS, MOST_SPAN_MS } from './challenge-body.ts';
import { challengeJoiningRoutes } from './challenge-joining.ts';
import { challengePeerRoutes, plain } from './challenge-peers.ts';
import { timeOf } from './measurements.ts';

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) });
const StandingBody = Type.Object({
  members: Type.Array(
    Type.Object({ name: Type.String(), isYou: Type.Boolean(), state: Type.String(), steps: Type.Union([Type.Integer(), Type.Null()]) }),
  ),
  sum: Type.Union([Type.Integer(), Type.Null()]),
});
/** Open ones of a person. */
const MOST_CHALLENGES = 20;

/** Comparing steps with friends or a team, here or at other hubs, under terms that each agreed to (E4, E5, B8). */
export function challengeRoutes(web: Web, context: WebContext): void {
  const { house, people } = context;
  const { challenges, accounts } = people;
  const isAccount = (id: string): boolean => accounts.get(id) !== undefined;
  const looking = createLooking({ challenges, store: house.store, isAccount, askPeer, now: house.now });
  challengePeerRoutes(web, context, looking);
  challengeJoiningRoutes(web, context);

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
  web.get(
    '/api/v1/challenges',
    {
      config: { access: 'household' },
      schema: { summary: 'Challenges that you take part in, or took', response: { 200: Type.Array(ChallengeBody) } },
    },
    async ({ who }) => {
      challenges.clean(house.now());
      return challenges.of(who.id).map(({ challenge, member }) => challengeJson(context, challenge, member, who));
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
      if (!(fromMs < toMs && toMs > nowMs && toMs - fromMs <= MOST_SPAN_MS))
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
      const receipt = await agree(context, who, challenge);
      const showsOwn = body.showsOwn ?? false;
      const member = challenges.join(
        { challenge: challenge.id, account: who.id, name: as, showsOwn, receipt, peer: null, peerShows: null },
        nowMs,
      );
      return reply.code(201).send({ challenge: challengeJson(context, challenge, member, who), receipt });
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
