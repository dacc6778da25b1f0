/**
 * Who may ask what: every route declares one rule of this table in its `config`, and one hook enforces it before a body is read. A route
 * that declares none is for who runs the hub alone.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { People } from '../people/people.ts';
import type { Session } from '../people/sessions.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import { isAtHub, isFromOutside } from './remote.ts';

/** What somebody is to the hub. `waiting`: a minor without a guardian's consent; `machine`: the command line of the hub itself. */
export type Standing = 'nobody' | 'waiting' | 'guest' | 'member' | 'owner' | 'machine';

/** Who asks. */
export interface Who {
  readonly standing: Standing;
  /** Account, and with it subject; empty for nobody. The command line stands for who runs the hub. */
  readonly id: string;
  /** As the operations log calls them. */
  readonly actor: string;
  readonly name: string;
  /** Minors whose guardian they are, with consent: whose data they see. */
  readonly wards: readonly string[];
  /** Minors who named them as guardian, consented to or not. */
  readonly charges: readonly string[];
  /** Shown the camera though a guest. */
  readonly watches: boolean;
  readonly session: Session | undefined;
  /** A partner with an access token, which is nobody to all routes but those for partners. */
  readonly isPartner: boolean;
}

export const NOBODY: Who = {
  standing: 'nobody',
  id: '',
  actor: 'nobody',
  name: '',
  wards: [],
  charges: [],
  watches: false,
  session: undefined,
  isPartner: false,
};

const household: readonly Standing[] = ['member', 'owner', 'machine'];
const signedIn: readonly Standing[] = ['guest', ...household];

interface Rule {
  readonly words: string;
  /** `subject`: whom the request names, by `:subject` in its path or `subject` in its query. */
  readonly allows: (who: Who, subject: string | undefined) => boolean;
}

export const rules = {
  anyone: { words: 'anyone, signed in or not', allows: () => true },
  'any-account': { words: 'whoever is signed in, a minor who waits for consent too', allows: ({ standing }) => standing !== 'nobody' },
  'signed-in': { words: 'whoever is signed in', allows: ({ standing }) => signedIn.includes(standing) },
  household: { words: 'who lives here: not guests', allows: ({ standing }) => household.includes(standing) },
  camera: {
    words: 'who lives here, and guests who were shown the camera',
    allows: ({ standing, watches }) => household.includes(standing) || (standing === 'guest' && watches),
  },
  own: {
    words: 'the person themselves and their guardian; the home’s own values: whoever is signed in',
    allows: (who, subject) => signedIn.includes(who.standing) && (subject === undefined || readable(who).includes(subject)),
  },
  self: {
    words: 'the person themselves alone',
    allows: (who, subject) => who.standing !== 'nobody' && (subject === undefined || subject === who.id),
  },
  guardian: {
    words: 'the guardian of the minor it is about',
    allows: ({ charges }, subject) => subject !== undefined && charges.includes(subject),
  },
  'guardian-or-machine': {
    words: 'the guardian of the minor it is about, and the command line of the hub',
    allows: ({ standing, charges }, subject) => standing === 'machine' || (subject !== undefined && charges.includes(subject)),
  },
  'set-up': {
    words: 'who runs the hub, and its command line; before the hub is claimed, whoever is at it or on its set-up hotspot',
    allows: ({ standing }) => standing === 'owner' || standing === 'machine',
  },
  partner: { words: 'a partner with an access token, under a person’s link', allows: ({ isPartner }) => isPartner },
  owner: { words: 'who runs the hub, and its command line', allows: ({ standing }) => standing === 'owner' || standing === 'machine' },
} as const satisfies Record<string, Rule>;
export type Access = keyof typeof rules;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may. */
    access?: Access;
    /**
     * The second secret must have been given within minutes. `if-set`: from those who have one; `always`: from those who have none, the
     * password.
     */
    again?: 'if-set' | 'always';
    /** It reads or changes the vault of whom it names (`named`), or else of who asks (`own`): refused while that is locked. */
    vault?: 'own' | 'named';
  }
  interface FastifyRequest {
    who: Who;
  }
}

/** Whose values somebody may read: their own, their wards', the home's. */
export function readable(who: Who): string[] {
  switch (who.standing) {
    case 'nobody':
    case 'waiting':
      return [];
    case 'guest':
      return [HOME];
    case 'member':
    case 'owner':
    case 'machine':
      return [who.id, ...who.wards, HOME];
  }
}

/** Whose values a request without a subject is about: one's own and the home's. */
export const ownSubjects = (who: Who): string[] => readable(who).filter((subject) => !who.wards.includes(subject));

export interface AccessOptions {
  readonly people: People;
  readonly whoOf: (request: FastifyRequest) => Who;
  readonly lockState: Store['lockState'];
  /** Access from outside the home was switched on. */
  readonly allowsRemote: boolean;
  readonly now: () => number;
}

/** Puts the hook in. Before any route. */
export function enforceAccess(web: FastifyInstance, { people, whoOf, lockState, allowsRemote, now }: AccessOptions): void {
  web.decorateRequest('who', null as unknown as Who);
  web.addHook('onRequest', async (request, reply) => {
    const isRemote = isFromOutside(request);
    if (isRemote && !allowsRemote) {
      people.operations.appendOnce({ kind: 'remote-refused', actor: 'nobody', subject: HOME });
      throw new ApiError(
        403,
        'remote',
        'This hub is for its home network alone.',
        'Its owner can switch access from outside on: see remote.',
      );
    }
    people.guardians.handOver(now());
    const who = whoOf(request);
    request.who = who;
    if (isRemote && who.standing !== 'nobody')
      people.operations.appendOnce({
        kind: 'remote-access',
        actor: who.actor,
        subject: who.id,
        detail: { session: who.session?.id ?? '' },
      });
    if (request.is404) return;
    const { access = 'owner', again, vault } = request.routeOptions.config;
    if (access === 'set-up' && !people.accounts.isClaimed && isAtHub(request)) return;
    const subject = subjectOf(request);
    if (access === 'partner' && !who.isPartner) {
      reply.header('www-authenticate', 'Bearer error="invalid_token"');
      throw new ApiError(401, 'token', 'This needs an access token of a link that holds.', 'Refresh it, or ask the person for a link.');
    }
    if (!rules[access].allows(who, subject)) throw refusal(who, rules[access].words);
    const vaultOf = subject ?? (vault === 'own' ? who.id : undefined);
    if (vault !== undefined && vaultOf !== undefined && lockState(vaultOf) === 'locked') throw lockedError(vaultOf === who.id);
    if (again !== undefined) needAgain(people, who, again, now());
    if (subject !== undefined && access === 'own' && subject !== who.id && subject !== HOME) logRead(people, who, subject);
    if (who.standing === 'machine' && access === 'own') logRead(people, who, subject ?? who.id);
  });
}

/** Of one's own vault, or of somebody's whose guardian one is. */
export const lockedError = (isOwn: boolean): ApiError =>
  isOwn
    ? new ApiError(423, 'locked', 'Your vault is locked.', 'Unlock it under You, “Lock my vault”, or by hearth protect unlock.')
    : new ApiError(423, 'locked', 'This vault is locked.', 'Only the person whose it is unlocks it.');

function subjectOf(request: FastifyRequest): string | undefined {
  const params = request.params as { subject?: string } | undefined;
  const query = request.query as { subject?: string | string[] } | undefined;
  const named = params?.subject ?? query?.subject;
  // Said twice, it is neither: the check and the route must not read different ones.
  return Array.isArray(named) ? '' : named;
}

const logRead = (people: People, { actor }: Who, subject: string): void => {
  if (people.accounts.isClaimed && subject !== HOME) people.operations.appendOnce({ kind: 'read', actor, subject });
};

function refusal(who: Who, words: string): ApiError {
  if (who.standing === 'nobody')
    return new ApiError(
      401,
      'sign-in',
      'This needs you to be signed in.',
      'Sign in on the page, or use the command line on the hub itself.',
    );
  if (who.standing === 'waiting')
    return new ApiError(403, 'consent', 'Your guardian has not agreed yet.', 'Ask them to open People on the hub’s page and agree.');
  return new ApiError(403, 'not-yours', `This is for: ${words}.`, 'Ask the person whose it is, or who runs the hub.');
}

/** Throws ApiError 403 unless the second secret, or the password of who has none, was given just now. */
function needAgain(people: People, who: Who, again: 'if-set' | 'always', nowUtcMs: number): void {
  if (who.session === undefined || who.session.againUntilUtcMs > nowUtcMs) return;
  const hasSecret = people.secrets.list(who.id).length > 0;
  if (hasSecret)
    throw new ApiError(403, 'second-secret', 'This asks for your second secret again.', 'Give it, then try again within five minutes.');
  if (again === 'always')
    throw new ApiError(403, 'password-again', 'This asks for your password again.', 'Give it, then try again within five minutes.');
}
