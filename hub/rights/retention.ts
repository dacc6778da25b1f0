/**
 * Letting go what is no longer needed (F1). A purge takes out what is older than its rule says, looks again whether anything of it is
 * left, and writes down both. What it takes out is an entry of the log like any removal, so that every target hears of it.
 */
import type { People } from '../people/people.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import type { Clips } from '../video/clips.ts';
import { type RetentionRule, ruleOf, rulesFor } from './retention-rules.ts';

/** Values of one transaction: half a second of a Pi, in which nothing else is committed. */
const BATCH = 500;
/** Of one run: the next one goes on. A rule made short after years has millions. */
const MOST_A_RUN = 100_000;
const MOST_COUNTED = 1_000_000;
const DAY_MS = 86_400_000;
/** Runs that are written down for the home: the last year's. */
const RUNS_KEPT_MS = 366 * DAY_MS;

export interface RetentionOptions {
  readonly store: Store;
  readonly people: Pick<People, 'choices' | 'records' | 'operations' | 'shares' | 'accounts'>;
  /** Undefined on a hub without a camera. */
  readonly clips: Pick<Clips, 'list' | 'remove'> | undefined;
  readonly now: () => number;
}

export interface RuleState
  extends Pick<RetentionRule, 'id' | 'words' | 'categories' | 'purpose' | 'defaultDays' | 'isSettable' | 'mostDays'> {
  /** Days; null: until one deletes it. */
  readonly days: number | null;
}

/** What a purge did by one rule. */
export interface Purged {
  readonly rule: string;
  readonly beforeUtcMs: number;
  readonly removed: number;
  /** Found by looking again: 0 unless it goes on with the next run. */
  readonly left: number;
}
export interface PurgeRun {
  readonly subjects: number;
  readonly removed: number;
  readonly left: number;
}

export interface Retention {
  rules(subject: string): RuleState[];
  /** How much a purge would take by a rule of so many days, counted up to a million. */
  older(subject: string, rule: string, days: number | null): number;
  /** Sets a rule; to its default with `undefined`. */
  set(subject: string, rule: string, days: number | null | undefined): void;
  /** Purges everybody and the home. `isOn` ends it early. */
  run(isOn?: () => boolean): Promise<PurgeRun>;
  /** The last run; undefined before the first. */
  lastRun(): (PurgeRun & { readonly atUtcMs: number }) | undefined;
}

export function openRetention({ store, people, clips, now }: RetentionOptions): Retention {
  const { choices, records, operations, shares, accounts } = people;
  const daysOf = (subject: string, { id, defaultDays }: RetentionRule): number | null => {
    const chosen = choices.get<number | null>(subject, 'retention', id);
    return chosen === undefined ? defaultDays : chosen.value;
  };
  const isKept = (subject: string): boolean => store.subjects().includes(subject);
  function* oldRows(subject: string, { keeps }: RetentionRule, beforeMs: number): Generator<number> {
    if (keeps.kind !== 'quantities' || !isKept(subject)) return;
    // What is not dated yet may be younger than it says.
    for (const quantity of keeps.ids)
      for (const { seq, unset } of store.vault(subject).range({ quantity, toMs: beforeMs })) if (unset === undefined) yield seq;
  }
  const oldClips = (beforeMs: number) => (clips?.list() ?? []).filter(({ startMs, lastsMs }) => startMs + lastsMs < beforeMs);
  const count = (subject: string, rule: RetentionRule, beforeMs: number): number => {
    switch (rule.keeps.kind) {
      case 'quantities': {
        let rows = 0;
        for (const _seq of oldRows(subject, rule, beforeMs)) if (++rows >= MOST_COUNTED) break;
        return rows;
      }
      case 'raw':
        return isKept(subject) ? store.segments(subject).endedBefore(beforeMs).length : 0;
      case 'log':
        return operations.saysBefore(subject, beforeMs);
      case 'shares':
        return shares.endedBefore(subject, beforeMs);
      case 'clips':
        return oldClips(beforeMs).length;
      case 'none':
        return 0;
    }
  };
  const purge = async (subject: string, rule: RetentionRule, beforeMs: number, most: number, isOn: () => boolean): Promise<number> => {
    switch (rule.keeps.kind) {
      case 'quantities': {
        let removed = 0;
        while (removed < most && isOn()) {
          const seqs: number[] = [];
          for (const seq of oldRows(subject, rule, beforeMs)) if (seqs.push(seq) >= Math.min(BATCH, most - removed)) break;
          if (seqs.length === 0) break;
          await store.vault(subject).remove(seqs, 'retention');
          removed += seqs.length;
          await new Promise((resolve) => setImmediate(resolve));
        }
        return removed;
      }
      case 'raw':
        return isKept(subject) ? store.segments(subject).dropBefore(beforeMs) : 0;
      case 'log':
        return operations.forgetBefore(subject, beforeMs);
      case 'shares':
        return shares.dropEnded(subject, beforeMs);
      case 'clips':
        return oldClips(beforeMs).filter(({ name }) => clips?.remove(name)).length;
      case 'none':
        return 0;
    }
  };
  const purgeOne = async (subject: string, atMs: number, most: number, isOn: () => boolean): Promise<Purged[]> => {
    const done: Purged[] = [];
    let may = most;
    for (const rule of rulesFor(subject === HOME)) {
      const days = daysOf(subject, rule);
      if (days === null || rule.keeps.kind === 'none' || !isOn()) continue;
      const beforeUtcMs = atMs - days * DAY_MS;
      const removed = await purge(subject, rule, beforeUtcMs, may, isOn);
      may -= removed;
      const left = count(subject, rule, beforeUtcMs);
      if (removed > 0 || left > 0) done.push({ rule: rule.id, beforeUtcMs, removed, left });
    }
    if (done.length === 0) return done;
    records.add(subject, 'purge', { rules: done }, now());
    const sum = (of: (one: Purged) => number): number => done.reduce((total, one) => total + of(one), 0);
    operations.append({
      kind: 'purged',
      actor: 'hub',
      subject,
      detail: { rules: done.map(({ rule }) => rule).join(', '), removed: sum(({ removed }) => removed), left: sum(({ left }) => left) },
    });
    return done;
  };

  return {
    rules: (subject) =>
      rulesFor(subject === HOME).map((rule) => {
        const { id, words, categories, purpose, defaultDays, isSettable, mostDays } = rule;
        return {
          id,
          words,
          categories,
          purpose,
          defaultDays,
          isSettable,
          days: daysOf(subject, rule),
          ...(mostDays === undefined ? {} : { mostDays }),
        };
      }),
    older(subject, id, days) {
      const rule = ruleOf(id);
      return rule === undefined || days === null ? 0 : count(subject, rule, now() - days * DAY_MS);
    },
    set(subject, rule, days) {
      if (days === undefined) choices.unset(subject, 'retention', rule);
      else choices.set(subject, 'retention', rule, days, now());
    },
    async run(isOn = () => true) {
      const atMs = now();
      const subjects = [...new Set([...accounts.list().map(({ id }) => id), ...store.subjects()])];
      let [removed, left] = [0, 0];
      for (const subject of subjects) {
        const done = await purgeOne(subject, atMs, Math.max(0, MOST_A_RUN - removed), isOn);
        for (const one of done) {
          removed += one.removed;
          left += one.left;
        }
        records.dropBefore(subject, 'purge', atMs - RUNS_KEPT_MS);
      }
      const run = { subjects: subjects.length, removed, left };
      choices.set(HOME, 'chore', 'last-purge', run, atMs);
      return run;
    },
    lastRun() {
      const last = choices.get<PurgeRun>(HOME, 'chore', 'last-purge');
      return last === undefined ? undefined : { ...last.value, atUtcMs: last.atUtcMs };
    },
  };
}
