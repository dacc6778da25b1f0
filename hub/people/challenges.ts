/**
 * Challenges (E4, E5, B8): who takes part in what, under which terms, and how the other hub is asked. Nobody's steps are here: they are asked
 * for when somebody looks, and what a friend's hub answers is never written.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Household } from './household.ts';

export interface Challenge {
  readonly id: string;
  /** The hub that runs it; null: this one. */
  readonly hostUrl: string | null;
  /** Who made it here; null where another hub runs it. */
  readonly creator: string | null;
  readonly name: string;
  readonly kind: 'friends' | 'team';
  /** The text that each agreed to. */
  readonly terms: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly endsMs: number;
  readonly createdMs: number;
  readonly stoppedMs: number | null;
}
export type NewChallenge = Omit<Challenge, 'id' | 'createdMs' | 'stoppedMs'>;

/** How the other hub is reached and known: of a member that lives elsewhere, or of the hub that runs it. */
export interface Peer {
  readonly url: string;
  /** Its name for the member. */
  readonly member: string;
  /** Shown to it. */
  readonly token: string;
  /** JWK of its signing key. */
  readonly key: string;
}
export interface Member {
  readonly id: string;
  readonly challenge: string;
  /** Null: lives at another hub. */
  readonly account: string | null;
  /** As they chose to be called. */
  readonly name: string;
  readonly showsOwn: boolean;
  readonly receipt: string;
  readonly joinedMs: number;
  readonly leftMs: number | null;
  readonly lastAskedMs: number | null;
  readonly timesAsked: number;
  readonly peer: Peer | null;
}
export interface NewMember extends Pick<Member, 'challenge' | 'account' | 'name' | 'showsOwn' | 'receipt'> {
  readonly peer: Peer | null;
  /** Which the other hub shows to this one. */
  readonly peerShows: string | null;
  readonly id?: string;
}

export interface Challenges {
  make(challenge: NewChallenge, nowMs: number): Challenge;
  get(id: string): Challenge | undefined;
  isOpen(challenge: Challenge, nowMs: number): boolean;
  /** Code of a link that works once. Undefined when too many are open. */
  invite(challenge: string, nowMs: number): string | undefined;
  /** Of an open code, without using it. */
  invited(code: string, nowMs: number): Challenge | undefined;
  /** Uses a code up; false when it was used meanwhile. */
  take(code: string, nowMs: number): boolean;
  join(member: NewMember, nowMs: number): Member;
  members(challenge: string): Member[];
  /** Where a person takes part, or took, newest first. */
  of(account: string): { readonly challenge: Challenge; readonly member: Member }[];
  member(id: string): Member | undefined;
  /** The member that another hub asks about, if it shows the right token. */
  byPeer(id: string, token: string): Member | undefined;
  /** Notes that a member's number was asked for; never what it was. */
  asked(member: string, nowMs: number): void;
  leave(member: string, nowMs: number): boolean;
  stop(challenge: string, nowMs: number): void;
  /** Forgets those of other hubs where it is over. */
  clean(nowMs: number): void;
  forget(person: string): void;
  remains(person: string): number;
}

export const INVITED_MS = 7 * 86_400_000;
/** Open links of one challenge; a team is asked one by one. */
const MOST_INVITED = 50;

interface ChallengeRow {
  id: string;
  host_url: string | null;
  creator: string | null;
  name: string;
  kind: Challenge['kind'];
  terms: string;
  from_ms: number;
  to_ms: number;
  ends: number;
  created: number;
  stopped: number | null;
}
interface MemberRow {
  id: string;
  challenge: string;
  account: string | null;
  name: string;
  shows_own: number;
  receipt: string;
  joined: number;
  left_at: number | null;
  last_asked: number | null;
  times_asked: number;
  peer: string | null;
  peer_shows: string | null;
}

const challengeOf = (row: ChallengeRow): Challenge => ({
  id: row.id,
  hostUrl: row.host_url,
  creator: row.creator,
  name: row.name,
  kind: row.kind,
  terms: row.terms,
  fromMs: row.from_ms,
  toMs: row.to_ms,
  endsMs: row.ends,
  createdMs: row.created,
  stoppedMs: row.stopped,
});
const memberOf = (row: MemberRow): Member => ({
  id: row.id,
  challenge: row.challenge,
  account: row.account,
  name: row.name,
  showsOwn: row.shows_own === 1,
  receipt: row.receipt,
  joinedMs: row.joined,
  leftMs: row.left_at,
  lastAskedMs: row.last_asked,
  timesAsked: row.times_asked,
  peer: row.peer === null ? null : (JSON.parse(row.peer) as Peer),
});
const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
/** A name for a member or a challenge, and a token that a hub shows. */
export const newId = (): string => random(9);
export const newToken = (): string => random(32);

export function openChallenges(household: Household): Challenges {
  const select = household.prepare<[string], ChallengeRow>('SELECT * FROM challenge WHERE id = ?');
  const selectMember = household.prepare<[string], MemberRow>('SELECT * FROM challenge_member WHERE id = ?');
  const get = (id: string): Challenge | undefined => {
    const row = select.get(id);
    return row === undefined ? undefined : challengeOf(row);
  };
  const isOpen = ({ stoppedMs, endsMs }: Challenge, nowMs: number): boolean => stoppedMs === null && endsMs > nowMs;
  const member = (id: string): Member | undefined => {
    const row = selectMember.get(id);
    return row === undefined ? undefined : memberOf(row);
  };
  const hash = (code: string): string => sha256(code).toString('base64url');
  const invited: Challenges['invited'] = (code, nowMs) => {
    const row = household
      .prepare<[string, number], { challenge: string }>('SELECT challenge FROM challenge_invitation WHERE hash = ? AND ends > ?')
      .get(hash(code), Math.round(nowMs));
    const challenge = row === undefined ? undefined : get(row.challenge);
    return challenge !== undefined && isOpen(challenge, nowMs) ? challenge : undefined;
  };
  return {
    make({ hostUrl, creator, name, kind, terms, fromMs, toMs, endsMs }, nowMs) {
      const id = newId();
      household
        .prepare(
          'INSERT INTO challenge (id, host_url, creator, name, kind, terms, from_ms, to_ms, ends, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(id, hostUrl, creator, name, kind, terms, Math.round(fromMs), Math.round(toMs), Math.round(endsMs), Math.round(nowMs));
      return get(id)!;
    },
    get,
    isOpen,
    invite(challenge, nowMs) {
      household.prepare('DELETE FROM challenge_invitation WHERE ends <= ?').run(Math.round(nowMs));
      const open = household
        .prepare<[string], { count: number }>('SELECT count(*) AS count FROM challenge_invitation WHERE challenge = ?')
        .get(challenge)!.count;
      if (open >= MOST_INVITED) return undefined;
      const code = random(18);
      household.prepare('INSERT INTO challenge_invitation VALUES (?, ?, ?)').run(hash(code), challenge, Math.round(nowMs + INVITED_MS));
      return code;
    },
    invited,
    take: (code, nowMs) =>
      invited(code, nowMs) !== undefined &&
      household.prepare('DELETE FROM challenge_invitation WHERE hash = ?').run(hash(code)).changes > 0,
    join({ id = newId(), challenge, account, name, showsOwn, receipt, peer, peerShows }, nowMs) {
      household
        .prepare(
          `INSERT INTO challenge_member (id, challenge, account, name, shows_own, receipt, joined, peer, peer_shows)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          id,
          challenge,
          account,
          name,
          showsOwn ? 1 : 0,
          receipt,
          Math.round(nowMs),
          peer === null ? null : JSON.stringify(peer),
          peerShows === null ? null : hash(peerShows),
        );
      return member(id)!;
    },
    members: (challenge) =>
      household
        .prepare<[string], MemberRow>('SELECT * FROM challenge_member WHERE challenge = ? ORDER BY joined, id')
        .all(challenge)
        .map(memberOf),
    of: (account) =>
      household
        .prepare<[string], MemberRow>('SELECT * FROM challenge_member WHERE account = ? ORDER BY joined DESC, id')
        .all(account)
        .map((row) => ({ challenge: get(row.challenge)!, member: memberOf(row) })),
    member,
    byPeer(id, token) {
      const row = selectMember.get(id);
      const [kept, shown] = [Buffer.from(row?.peer_shows ?? '', 'base64url'), sha256(token)];
      return row !== undefined && kept.length === shown.length && timingSafeEqual(kept, shown) ? memberOf(row) : undefined;
    },
    asked: (id, nowMs) =>
      void household
        .prepare('UPDATE challenge_member SET last_asked = ?, times_asked = times_asked + 1 WHERE id = ?')
        .run(Math.round(nowMs), id),
    leave: (id, nowMs) =>
      household
        .prepare('UPDATE challenge_member SET left_at = ?, peer_shows = NULL WHERE id = ? AND left_at IS NULL')
        .run(Math.round(nowMs), id).changes > 0,
    stop(id, nowMs) {
      household.prepare('UPDATE challenge SET stopped = ? WHERE id = ? AND stopped IS NULL').run(Math.round(nowMs), id);
      household.prepare('DELETE FROM challenge_invitation WHERE challenge = ?').run(id);
    },
    clean(nowMs) {
      household
        .prepare(
          `DELETE FROM challenge_member WHERE account IS NULL
           AND (left_at IS NOT NULL OR challenge IN (SELECT id FROM challenge WHERE ends <= ? OR stopped IS NOT NULL))`,
        )
        .run(Math.round(nowMs));
      household
        .prepare(
          `UPDATE challenge_member SET peer = NULL, peer_shows = NULL
           WHERE peer IS NOT NULL AND challenge IN (SELECT id FROM challenge WHERE ends <= ?)`,
        )
        .run(Math.round(nowMs));
    },
    forget(person) {
      // What they made ends with them; where they took part elsewhere, that hub is told that there is no such member.
      household.prepare('DELETE FROM challenge WHERE creator = ?').run(person);
      household.prepare('DELETE FROM challenge_member WHERE account = ?').run(person);
      household.prepare('DELETE FROM challenge WHERE id NOT IN (SELECT challenge FROM challenge_member)').run();
    },
    remains: (person) =>
      household
        .prepare<[string, string], { count: number }>(
          `SELECT (SELECT count(*) FROM challenge_member WHERE account = ?) + (SELECT count(*) FROM challenge WHERE creator = ?) AS count`,
        )
        .get(person, person)!.count,
  };
}
