/**
 * What an authority was given (E9): written down by who runs the hub, told to the person at once, or on the day from which that is
 * allowed. Until then it lies with the home's records, where who runs the hub reads it and the person's page, log and archive do not.
 */
import type { People } from '../people/people.ts';
import { HOME } from '../people/subjects.ts';

export interface Disclosure {
  readonly subject: string;
  readonly authority: string;
  /** The law or order. */
  readonly basis: string;
  readonly what: string;
  readonly disclosedUtcMs: number;
  /** From when the person may be told; null: at once. */
  readonly tellUtcMs: number | null;
  readonly toldUtcMs: number | null;
}
export type Told = Omit<Disclosure, 'subject'> & { readonly seenUtcMs: number | null };

export interface Disclosures {
  record(disclosure: Omit<Disclosure, 'toldUtcMs'>, actor: string): void;
  /** All that were written down, for who runs the hub. */
  recorded(): (Disclosure & { readonly number: number })[];
  /** What a person was told. */
  told(subject: string): (Told & { readonly number: number })[];
  /** They looked. */
  seen(subject: string): void;
  /** Tells what may be told now. Returns how many. */
  tell(): number;
  /** Of an erased person nothing is left to be told. */
  forget(subject: string): void;
  remains(subject: string): number;
}

/** A household has few in its life. */
const MOST = 1000;

export function openDisclosures(people: Pick<People, 'records' | 'operations'>, now: () => number): Disclosures {
  const { records, operations } = people;
  const recorded = () => records.list<Disclosure>(HOME, 'disclosure', MOST).map(({ number, body }) => ({ ...body, number }));
  const tell = (): number => {
    let told = 0;
    for (const { number, ...disclosure } of recorded().reverse()) {
      const { subject, tellUtcMs, toldUtcMs, authority, basis, what, disclosedUtcMs } = disclosure;
      if (toldUtcMs !== null || (tellUtcMs !== null && tellUtcMs > now())) continue;
      const atUtcMs = Math.round(now());
      // First the person's own, so that a power cut tells it twice rather than never.
      records.add(
        subject,
        'disclosure',
        { authority, basis, what, disclosedUtcMs, tellUtcMs, toldUtcMs: atUtcMs, seenUtcMs: null } satisfies Told,
        atUtcMs,
      );
      operations.append({
        kind: 'disclosure',
        actor: 'hub',
        subject,
        detail: { authority, basis, what, disclosed: new Date(disclosedUtcMs).toISOString() },
      });
      records.replace(HOME, number, { ...disclosure, toldUtcMs: atUtcMs });
      told++;
    }
    return told;
  };
  const told = (subject: string) => records.list<Told>(subject, 'disclosure', MOST).map(({ number, body }) => ({ ...body, number }));
  return {
    record(disclosure, actor) {
      const number = records.add(HOME, 'disclosure', { ...disclosure, toldUtcMs: null } satisfies Disclosure, now());
      // Of whom stands in the record: the log's row must not tell who reads it before the day.
      operations.append({ kind: 'disclosure-recorded', actor, subject: HOME, detail: { number } });
      tell();
    },
    recorded,
    told,
    seen(subject) {
      for (const { number, ...one } of told(subject))
        if (one.seenUtcMs === null) records.replace(subject, number, { ...one, seenUtcMs: Math.round(now()) });
    },
    tell,
    forget(subject) {
      for (const { number, subject: about } of recorded()) if (about === subject) records.remove(HOME, number);
    },
    remains: (subject) => recorded().filter((one) => one.subject === subject).length,
  };
}
