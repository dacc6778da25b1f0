/**
 * Statistics (D8, D9): off until a person joins a study. What is computed of them gets its noise here, once; they read exactly what would
 * go, and it goes by their word alone. What left stands in a ledger, and a budget of epsilon for each year is kept with it: whoever drew
 * noise again and again could be averaged out.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { People } from '../../people/people.ts';
import type { Store } from '../../store/store.ts';
import { type Below, discreteLaplace } from './discrete-laplace.ts';
import {
  type Contribution,
  clockChange,
  type Night,
  type Round,
  type StudyId,
  sensitivityOf,
  sleepDifference,
  studies,
  studyIds,
} from './studies.ts';

/** Two occasions a year at epsilon 1; together with noise of each its own. Dwork and Roth 2014, theorem 3.14: epsilons add up. */
export const YEAR_BUDGET_MILLI = 2000;
const YEAR_MS = 365 * 86_400_000;
const MINUTE_S = 60;
/** Contributions of a person that are looked through: two a year for centuries. */
const MOST_ENTRIES = 1000;

/** `waits`: to be read; `sent`: left; `kept`: they said no, and it is never drawn again. `sending`: it may have left. */
export type EntryState = 'waits' | 'sending' | 'sent' | 'kept';
export interface LedgerEntry {
  readonly number: number;
  readonly atUtcMs: number;
  readonly state: EntryState;
  readonly contribution: Contribution;
  readonly epsilonMilli: number;
  readonly sentUtcMs: number | null;
  /** Where it went. */
  readonly to: string | null;
}
type Body = Omit<LedgerEntry, 'number' | 'atUtcMs'>;

export class StatisticsError extends Error {
  override readonly name = 'StatisticsError';
  readonly kind: 'missing' | 'done' | 'nowhere';

  constructor(kind: StatisticsError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface StatisticsOptions {
  readonly people: Pick<People, 'choices' | 'records' | 'operations' | 'policy' | 'accounts' | 'zone'>;
  readonly store: Store;
  readonly now: () => number;
  readonly below?: Below;
}

export interface Statistics {
  joinedSince(subject: string, study: StudyId): number | undefined;
  join(subject: string, study: StudyId): void;
  /** What waited is thrown away; what left stays in the ledger. */
  leave(subject: string, study: StudyId): void;
  /** Makes what is due, for everybody who joined. Returns how many. */
  draw(): number;
  ledger(subject: string): LedgerEntry[];
  /** Thousandths of epsilon that left in the last year. */
  spentMilli(subject: string): number;
  /** They read it, and it goes. Rejects with what the sender says; it then waits, its budget spent: it may have arrived. */
  send(subject: string, number: number, to: string, sender: (contribution: Contribution) => Promise<void>): Promise<LedgerEntry>;
  keep(subject: string, number: number): void;
}

export function openStatistics({ people, store, now, below = (most) => randomInt(most) }: StatisticsOptions): Statistics {
  const { choices, records, operations, policy, accounts, zone } = people;
  const ledger = (subject: string): LedgerEntry[] =>
    records.list<Body>(subject, 'statistics', MOST_ENTRIES).map(({ number, atUtcMs, body }) => ({ ...body, number, atUtcMs }));
  const spentMilli = (subject: string): number =>
    ledger(subject)
      .filter(({ sentUtcMs }) => sentUtcMs !== null && now() - sentUtcMs < YEAR_MS)
      .reduce((sum, { epsilonMilli }) => sum + epsilonMilli, 0);
  const joinedSince = (subject: string, study: StudyId): number | undefined => choices.get(subject, 'statistics', study)?.atUtcMs;
  const nightsOf = (subject: string): Night[] =>
    store.subjects().includes(subject)
      ? [...store.vault(subject).range({ quantity: 'sleep_duration' })]
          .filter(({ flag }) => flag === 'ok')
          .map(({ end, value }) => ({ endMs: end, minutes: value / MINUTE_S }))
      : [];
  const drawOne = (subject: string, id: StudyId, round: Round): boolean => {
    const study = studies[id];
    const isDrawn = ledger(subject).some(({ contribution }) => contribution.study === id && contribution.round === round.id);
    if (isDrawn || policy.isWaiting(subject, 'statistics') || spentMilli(subject) + study.epsilonMilli > YEAR_BUDGET_MILLI) return false;
    const value = sleepDifference(nightsOf(subject), round.atMs, zone, study);
    if (value === undefined) return false;
    const sensitivity = sensitivityOf(study);
    const contribution: Contribution = {
      form: 'hearth-statistic',
      version: 1,
      study: id,
      round: round.id,
      value: value + discreteLaplace(sensitivity, study.epsilonMilli, below),
      unit: study.unit,
      mechanism: 'discrete-laplace',
      epsilon: String(study.epsilonMilli / 1000),
      sensitivity,
      nonce: randomBytes(16).toString('hex'),
    };
    const body: Body = { state: 'waits', contribution, epsilonMilli: study.epsilonMilli, sentUtcMs: null, to: null };
    records.add(subject, 'statistics', body, now());
    operations.append({ kind: 'statistic-made', actor: 'hub', subject, detail: { study: id, round: round.id } });
    return true;
  };
  const open = (subject: string, number: number): LedgerEntry => {
    const entry = ledger(subject).find((one) => one.number === number);
    if (entry === undefined) throw new StatisticsError('missing', `there is no contribution ${number}`);
    if (entry.state === 'sent' || entry.state === 'kept')
      throw new StatisticsError('done', entry.state === 'sent' ? 'it left already' : 'you said no to it already');
    return entry;
  };
  const put = ({ number, atUtcMs: _at, ...body }: LedgerEntry, subject: string): void => records.replace(subject, number, body);

  return {
    joinedSince,
    join: (subject, study) => choices.set(subject, 'statistics', study, true, now()),
    leave(subject, study) {
      choices.unset(subject, 'statistics', study);
      for (const entry of ledger(subject))
        if (entry.state === 'waits' && entry.contribution.study === study) put({ ...entry, state: 'kept' }, subject);
    },
    draw() {
      let drawn = 0;
      const round = clockChange(zone, now());
      if (round === undefined) return 0;
      for (const { id: subject } of accounts.list())
        for (const study of studyIds) if (joinedSince(subject, study) !== undefined && drawOne(subject, study, round)) drawn++;
      return drawn;
    },
    ledger,
    spentMilli,
    async send(subject, number, to, sender) {
      const entry = open(subject, number);
      // Written down before it goes: a power cut must not give the budget back.
      const going: LedgerEntry = { ...entry, state: 'sending', sentUtcMs: entry.sentUtcMs ?? Math.round(now()), to };
      put(going, subject);
      await sender(entry.contribution);
      const sent: LedgerEntry = { ...going, state: 'sent' };
      put(sent, subject);
      operations.append({ kind: 'statistic-sent', actor: subject, subject, detail: { study: entry.contribution.study, to } });
      return sent;
    },
    keep: (subject, number) => put({ ...open(subject, number), state: 'kept' }, subject),
  };
}
