/**
 * The right to be forgotten, place by place: every place where something of a person is, how it is erased there, and how one sees that
 * nothing remains. To add a place, add a row. Erasing again after an interruption goes on where it ended: what is gone stays gone.
 */
import type { People } from '../people/people.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import { openDisclosures } from './disclosures.ts';

export interface Place {
  readonly id: string;
  /** What a person reads in the report. */
  readonly what: string;
  readonly erase: (subject: string) => void;
  /** How much is still there; 0 when nothing is. Undefined: it is told and answers later. */
  readonly remains: (subject: string) => number | undefined;
}

export interface PlaceReport {
  readonly id: string;
  readonly what: string;
  readonly state: 'erased' | 'told' | 'remains';
}

export interface Erasure {
  readonly places: readonly PlaceReport[];
  /** The report, signed by the hub (JWS). */
  readonly receipt: string;
}

export interface ErasureContext {
  readonly store: Store;
  readonly people: People;
  /** Tells every target that has some of it. */
  readonly tellTargets: (subject: string) => void;
}

/** In the order of erasing: what cannot be undone first, the account last, so that an interrupted erasure can be asked for again. */
export const erasePlaces = ({ store, people, tellTargets }: ErasureContext): readonly Place[] => [
  {
    id: 'vault',
    what: 'the vault of measurements and its key, and with it every copy that a backup holds',
    erase: (subject) => store.erase(subject),
    remains: (subject) => (store.subjects().includes(subject) || store.lockState(subject) !== 'plain' ? 1 : 0),
  },
  {
    id: 'identity',
    what: 'name, birth date, photo and the rest of the profile, and their key',
    erase: (subject) => people.identities.erase(subject),
    remains: (subject) => people.identities.remains(subject).length,
  },
  {
    id: 'attribution',
    what: 'what was learned to tell whose reading it is, and whose product is whose',
    erase: (subject) => void people.attribution.forget(subject),
    remains: (subject) => people.attribution.remains(subject),
  },
  {
    id: 'guardian',
    what: 'the guardian’s consent',
    erase: (subject) => people.guardians.forget(subject),
    remains: (subject) => (people.guardians.of(subject) === undefined ? 0 : 1),
  },
  {
    id: 'shares',
    what: 'every share of theirs and with them',
    erase: (subject) => people.shares.forget(subject),
    remains: (subject) => people.shares.remains(subject),
  },
  {
    id: 'disclosures',
    what: 'what was written down of them as given to an authority',
    erase: (subject) => openDisclosures(people, () => 0).forget(subject),
    remains: (subject) => openDisclosures(people, () => 0).remains(subject),
  },
  {
    id: 'choices',
    what: 'what they chose: how long things are kept, which messages they get, where copies go',
    erase: (subject) => people.choices.forget(subject),
    remains: (subject) => people.choices.remains(subject),
  },
  {
    id: 'records',
    what: 'what was written down for them: what was let go, what left as a statistic, what was disclosed',
    erase: (subject) => people.records.forget(subject),
    remains: (subject) => people.records.remains(subject),
  },
  {
    id: 'views',
    what: 'that they might watch the camera, and when they did',
    erase: (subject) => {
      people.viewGrants.forget(subject);
      people.viewSessions.forget(subject);
    },
    remains: (subject) => people.viewGrants.remains(subject) + people.viewSessions.remains(subject),
  },
  {
    id: 'partners',
    what: 'every link to a partner, its tokens and what went over it',
    erase: (subject) => people.partners.forget(subject),
    remains: (subject) => people.partners.remains(subject),
  },
  {
    id: 'papers',
    what: 'sealed bundles that the hub held for them',
    erase: (subject) => people.papers.forget(subject),
    remains: (subject) => people.papers.remains(subject),
  },
  {
    id: 'challenges',
    what: 'the challenges that they made or took part in',
    erase: (subject) => people.challenges.forget(subject),
    remains: (subject) => people.challenges.remains(subject),
  },
  {
    id: 'objections',
    what: 'what they objected to',
    erase: (subject) => people.objections.forget(subject),
    remains: (subject) => people.objections.remains(subject),
  },
  {
    id: 'wake-up',
    what: 'when they are woken, and what was decided last',
    erase: (subject) => people.wakeUps.forget(subject),
    remains: (subject) => people.wakeUps.remains(subject),
  },
  {
    id: 'targets',
    what: 'what was sent to edges and other targets: each is told and answers',
    erase: tellTargets,
    remains: () => undefined,
  },
  {
    id: 'account',
    what: 'the account with its password, second secrets and sessions',
    erase: (subject) => people.accounts.remove(subject),
    remains: (subject) => (people.accounts.get(subject) === undefined ? 0 : 1),
  },
  {
    id: 'log',
    what: 'what the operations log says of them; that something happened stays, not what',
    erase: (subject) => void people.operations.forget(subject),
    remains: (subject) => people.operations.remains(subject),
  },
];

/** Erases a person everywhere. `why` goes into the log, which names nobody afterwards. */
export async function erasePerson(
  context: ErasureContext,
  subject: string,
  actor: string,
  why: string,
  nowUtcMs: number,
): Promise<Erasure> {
  const { people } = context;
  const places = erasePlaces(context);
  for (const { erase } of places) erase(subject);
  const reports = places.map(({ id, what, remains }): PlaceReport => {
    const left = remains(subject);
    return { id, what, state: left === undefined ? 'told' : left === 0 ? 'erased' : 'remains' };
  });
  // About the home: the log keeps that an erasure happened, and nothing of whom.
  people.operations.append({ kind: 'erase', actor, subject: HOME, detail: { why, places: reports.length } });
  const receipt = await people.key.issue({ kind: 'erasure', atUtcMs: nowUtcMs, subject, by: actor, text: JSON.stringify(reports) });
  return { places: reports, receipt };
}
