import { Type } from '../../../firmware/schema/type.ts';
import type { Challenge, Member } from '../../people/challenges.ts';
import { PeerError } from '../../rights/challenges/peer.ts';
import type { Who } from '../access.ts';
import { ApiError } from '../api-error.ts';
import type { WebContext } from '../context.ts';

/** Longest challenge. */
export const MOST_DAYS = 92;
export const MOST_SPAN_MS = MOST_DAYS * 86_400_000;

const Time = Type.String({ format: 'date-time' });
export const ChallengeBody = Type.Object({
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
const iso = (ms: number): string => new Date(ms).toISOString();

/** A challenge as one of its members sees it. */
export function challengeJson({ house, people }: WebContext, challenge: Challenge, member: Member, who: Who) {
  return {
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
    isOpen: member.leftMs === null && people.challenges.isOpen(challenge, house.now()),
  };
}

/** A receipt that the hub signs for who agrees to the terms. `as`: by what name it knows them; another hub is not told one's account. */
export async function agree(
  { house, people: { operations, key } }: WebContext,
  who: Who,
  challenge: Pick<Challenge, 'name' | 'terms'>,
  as = who.id,
): Promise<string> {
  operations.append({ kind: 'challenge-joined', actor: who.actor, subject: who.id, detail: { challenge: challenge.name } });
  return key.issue({ kind: 'challenge', atUtcMs: house.now(), subject: as, by: as, text: challenge.terms });
}

/** What another hub is asked, with its refusals as ours. */
export async function elsewhere<T>(work: () => Promise<T>): Promise<T> {
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
}
