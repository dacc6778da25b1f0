/**
 * What the hub wrote down for a person about what it did with their data, in full: what a purge took, what left as a statistic, what was
 * disclosed. The operations log says that it happened; here stands what. Erased with the person.
 */
import type { Household } from './household.ts';

export type RecordKind = 'purge' | 'statistics' | 'support' | 'disclosure' | 'copy' | 'policy';

export interface KeptRecord<Body = unknown> {
  readonly number: number;
  readonly kind: RecordKind;
  readonly atUtcMs: number;
  readonly body: Body;
}

export interface Records {
  /** Returns its number. `body` is kept as JSON. */
  add(subject: string, kind: RecordKind, body: unknown, nowUtcMs: number): number;
  /** Newest first. */
  list<Body>(subject: string, kind: RecordKind, limit: number): KeptRecord<Body>[];
  get<Body>(subject: string, kind: RecordKind, number: number): KeptRecord<Body> | undefined;
  replace(subject: string, number: number, body: unknown): void;
  remove(subject: string, number: number): void;
  /** All of a person's, for their archive; in order. */
  all(subject: string): KeptRecord[];
  /** Lets records of a kind go that are older. Returns how many. */
  dropBefore(subject: string, kind: RecordKind, beforeUtcMs: number): number;
  forget(subject: string): void;
  remains(subject: string): number;
}

interface Row {
  number: number;
  kind: RecordKind;
  at: number;
  body: string;
}

export function openRecords(household: Household): Records {
  const insert = household.prepare('INSERT INTO record (subject, kind, at, body) VALUES (?, ?, ?, ?)');
  const select = household.prepare<[string, string, number], Row>('SELECT * FROM record WHERE subject = ? AND kind = ? AND number = ?');
  const selectKind = household.prepare<[string, string, number], Row>(
    'SELECT * FROM record WHERE subject = ? AND kind = ? ORDER BY number DESC LIMIT ?',
  );
  const recordOf = <Body>({ number, kind, at, body }: Row): KeptRecord<Body> => ({
    number,
    kind,
    atUtcMs: at,
    body: JSON.parse(body) as Body,
  });
  return {
    add: (subject, kind, body, nowUtcMs) => Number(insert.run(subject, kind, Math.round(nowUtcMs), JSON.stringify(body)).lastInsertRowid),
    list: <Body>(subject: string, kind: RecordKind, limit: number) =>
      selectKind.all(subject, kind, limit).map((row) => recordOf<Body>(row)),
    get<Body>(subject: string, kind: RecordKind, number: number) {
      const row = select.get(subject, kind, number);
      return row === undefined ? undefined : recordOf<Body>(row);
    },
    replace: (subject, number, body) =>
      void household.prepare('UPDATE record SET body = ? WHERE subject = ? AND number = ?').run(JSON.stringify(body), subject, number),
    remove: (subject, number) => void household.prepare('DELETE FROM record WHERE subject = ? AND number = ?').run(subject, number),
    all: (subject) =>
      household
        .prepare<[string], Row>('SELECT * FROM record WHERE subject = ? ORDER BY number')
        .all(subject)
        .map((row) => recordOf(row)),
    dropBefore: (subject, kind, beforeUtcMs) =>
      household.prepare('DELETE FROM record WHERE subject = ? AND kind = ? AND at < ?').run(subject, kind, Math.round(beforeUtcMs)).changes,
    forget: (subject) => void household.prepare('DELETE FROM record WHERE subject = ?').run(subject),
    remains: (subject) =>
      household.prepare<[string], { count: number }>('SELECT count(*) AS count FROM record WHERE subject = ?').get(subject)!.count,
  };
}
