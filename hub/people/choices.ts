/**
 * What a person chose, by kind and id: how long something is kept, which messages they want, where a copy goes. A choice that was never
 * made has the default of whom it concerns. The home's choices are those of who runs the hub.
 */
import type { Household } from './household.ts';

export type ChoiceKind = 'retention' | 'purpose' | 'message' | 'copies' | 'statistics' | 'policy' | 'chore';

/** Of the passphrase of scheduled copies: it opens archives, so it stands in none. */
export const PASSPHRASE_ID = 'passphrase';

export interface Choice<Value = unknown> {
  readonly kind: ChoiceKind;
  readonly id: string;
  readonly value: Value;
  readonly atUtcMs: number;
}

export interface Choices {
  /** Undefined when it was never made. The module that set it knows its shape. */
  get<Value>(subject: string, kind: ChoiceKind, id: string): Choice<Value> | undefined;
  list<Value>(subject: string, kind: ChoiceKind): Choice<Value>[];
  /** `value` is kept as JSON. */
  set(subject: string, kind: ChoiceKind, id: string, value: unknown, nowUtcMs: number): void;
  unset(subject: string, kind: ChoiceKind, id: string): void;
  /** All of a person's, for their archive; in order. */
  all(subject: string): Choice[];
  forget(subject: string): void;
  remains(subject: string): number;
}

interface Row {
  kind: ChoiceKind;
  id: string;
  value: string;
  at: number;
}

export function openChoices(household: Household): Choices {
  const select = household.prepare<[string, string, string], Row>('SELECT * FROM choice WHERE subject = ? AND kind = ? AND id = ?');
  const selectKind = household.prepare<[string, string], Row>('SELECT * FROM choice WHERE subject = ? AND kind = ? ORDER BY id');
  const selectAll = household.prepare<[string], Row>('SELECT * FROM choice WHERE subject = ? ORDER BY kind, id');
  const insert = household.prepare('INSERT OR REPLACE INTO choice (subject, kind, id, value, at) VALUES (?, ?, ?, ?, ?)');
  const remove = household.prepare('DELETE FROM choice WHERE subject = ? AND kind = ? AND id = ?');
  const choiceOf = <Value>({ kind, id, value, at }: Row): Choice<Value> => ({ kind, id, value: JSON.parse(value) as Value, atUtcMs: at });
  return {
    get<Value>(subject: string, kind: ChoiceKind, id: string) {
      const row = select.get(subject, kind, id);
      return row === undefined ? undefined : choiceOf<Value>(row);
    },
    list: <Value>(subject: string, kind: ChoiceKind) => selectKind.all(subject, kind).map((row) => choiceOf<Value>(row)),
    set: (subject, kind, id, value, nowUtcMs) => void insert.run(subject, kind, id, JSON.stringify(value), Math.round(nowUtcMs)),
    unset: (subject, kind, id) => void remove.run(subject, kind, id),
    all: (subject) => selectAll.all(subject).map((row) => choiceOf(row)),
    forget: (subject) => void household.prepare('DELETE FROM choice WHERE subject = ?').run(subject),
    remains: (subject) =>
      household.prepare<[string], { count: number }>('SELECT count(*) AS count FROM choice WHERE subject = ?').get(subject)!.count,
  };
}
