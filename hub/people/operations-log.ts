/**
 * What happened with whose data: append-only and chained, so that a changed, removed or inserted row is found.
 *
 * Each row's hash covers the row before. A row's personal part (`detail`) stands in the chain by its salted hash alone, so that
 * erasing a person removes it and leaves the chain whole. The newest row's hash is signed by the hub's key and kept beside the
 * database: a log that lost its end, or was written anew without the key, does not match it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';
import type { Household } from './household.ts';
import { type OperationKind, operations } from './operations.ts';
import type { HubKey } from './receipts.ts';

/** Who did it: a person's id, the command line of this machine, the hub by itself, or somebody not signed in. */
export type Actor = string | 'machine' | 'hub' | 'nobody';
export type Detail = Readonly<Record<string, string | number | boolean | null>>;

export interface NewOperation {
  readonly kind: OperationKind;
  readonly actor: Actor;
  /** Whose data; `home` for the hub itself. */
  readonly subject: string;
  readonly detail?: Detail;
}

export interface Operation extends NewOperation {
  readonly seq: number;
  readonly atUtcMs: number;
  /** Undefined when it was erased with its person. */
  readonly detail?: Detail;
}

export interface OperationsLog {
  append(operation: NewOperation): void;
  /** As {@link OperationsLog.append}, but one row an hour for the same act of the same actor on the same subject. */
  appendOnce(operation: NewOperation): void;
  /** What a person may read, newest first: what is about them or done by them; of the hub itself too for who runs it. */
  read(reader: { id: string; wards: readonly string[]; runsHub: boolean }, beforeSeq: number, limit: number): Operation[];
  /** What is wrong with the chain, each with the row; empty when nothing is. */
  verify(): string[];
  /** Rows and newest hash: what one writes down to check later that nothing was taken away. */
  head(): { readonly seq: number; readonly hash: string };
  /** Removes the personal part of every row about or by a person. Returns how many. */
  forget(person: string): number;
  /** Removes what rows about a person say that are older, but of consents, disclosures and erasures. Returns how many. */
  forgetBefore(subject: string, beforeUtcMs: number): number;
  /** How many rows about a person from before a time say something still. */
  saysBefore(subject: string, beforeUtcMs: number): number;
  /** Personal parts of a person still there. */
  remains(person: string): number;
}

const ONCE_MS = 3_600_000;
/** Remembered acts of the past hour; forgetting one early costs a second row. */
const MOST_REMEMBERED = 1000;
/** What one must be able to account for is said as long as its person is here. */
const SAYS_BEFORE = `subject = ? AND at < ? AND detail IS NOT NULL
  AND kind NOT IN ('consent-given', 'consent-withdrawn', 'hand-over', 'disclosure', 'erase', 'objection', 'policy')`;
const FIRST_PREVIOUS = '0'.repeat(64);

interface Row {
  seq: number;
  at: number;
  kind: OperationKind;
  actor: string;
  subject: string;
  detail: string | null;
  salt: string | null;
  detail_hash: string;
  previous: string;
  hash: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hashOfRow = ({ seq, at, kind, actor, subject, detail_hash, previous }: Omit<Row, 'hash' | 'detail' | 'salt'>): string =>
  sha256(JSON.stringify([seq, at, kind, actor, subject, detail_hash, previous]));

export function openOperationsLog(household: Household, folder: string, key: HubKey, now: () => number): OperationsLog {
  const sealFile = `${folder}/operations.seal`;
  const selectHead = household.prepare<[], Row>('SELECT * FROM operation ORDER BY seq DESC LIMIT 1');
  const insert = household.prepare(
    `INSERT INTO operation (seq, at, kind, actor, subject, detail, salt, detail_hash, previous, hash)
     VALUES (@seq, @at, @kind, @actor, @subject, @detail, @salt, @detail_hash, @previous, @hash)`,
  );
  const once = new Map<string, number>();
  const headOf = (row: Row | undefined) => ({ seq: row?.seq ?? 0, hash: row?.hash ?? FIRST_PREVIOUS });

  const append = ({ kind, actor, subject, detail = {} }: NewOperation): void => {
    const head = headOf(selectHead.get());
    const text = JSON.stringify(detail);
    const salt = randomBytes(16).toString('base64url');
    const row = { seq: head.seq + 1, at: now(), kind, actor, subject, detail_hash: sha256(salt + text), previous: head.hash };
    const hash = hashOfRow(row);
    insert.run({ ...row, detail: text, salt, hash });
    writeFileAtomic(sealFile, JSON.stringify({ seq: row.seq, hash, signature: key.sign(`${row.seq} ${hash}`) }));
  };

  return {
    append,
    appendOnce(operation) {
      const act = `${operation.kind} ${operation.actor} ${operation.subject}`;
      const lastMs = once.get(act);
      if (lastMs !== undefined && now() - lastMs < ONCE_MS) return;
      if (once.size >= MOST_REMEMBERED) once.delete(once.keys().next().value!);
      once.set(act, now());
      append(operation);
    },
    read({ id, wards, runsHub }, beforeSeq, limit) {
      const own = [id, ...wards];
      const marks = own.map(() => '?').join(', ');
      const ofHub = Object.entries(operations).flatMap(([kind, { seenBy }]) => (seenBy === 'household' ? [`'${kind}'`] : []));
      const where = `subject IN (${marks}) OR actor = ?${runsHub ? ` OR kind IN (${ofHub.join(', ')})` : ''}`;
      const rows = household
        .prepare<(string | number)[], Row>(`SELECT * FROM operation WHERE (${where}) AND seq < ? ORDER BY seq DESC LIMIT ?`)
        .all(...own, id, beforeSeq, limit);
      return rows.map(({ seq, at, kind, actor, subject, detail }) => ({
        seq,
        atUtcMs: at,
        kind,
        actor,
        subject,
        ...(detail === null ? {} : { detail: JSON.parse(detail) as Detail }),
      }));
    },
    verify() {
      const faults: string[] = [];
      let head = headOf(undefined);
      const hashes = new Map<number, string>();
      for (const row of household.prepare<[], Row>('SELECT * FROM operation ORDER BY seq').iterate()) {
        if (row.seq !== head.seq + 1) faults.push(`rows ${head.seq + 1} to ${row.seq - 1} are missing`);
        else if (row.previous !== head.hash) faults.push(`row ${row.seq} does not follow the one before it`);
        if (row.hash !== hashOfRow(row)) faults.push(`row ${row.seq} was changed`);
        if (row.detail !== null && sha256(`${row.salt}${row.detail}`) !== row.detail_hash)
          faults.push(`what row ${row.seq} says was changed`);
        head = headOf(row);
        hashes.set(row.seq, row.hash);
      }
      return [...faults, ...sealFaults(sealFile, key, head.seq, hashes)];
    },
    head: () => headOf(selectHead.get()),
    forget: (person) =>
      household
        .prepare('UPDATE operation SET detail = NULL, salt = NULL WHERE (subject = ? OR actor = ?) AND detail IS NOT NULL')
        .run(person, person).changes,
    forgetBefore: (subject, beforeUtcMs) =>
      household.prepare(`UPDATE operation SET detail = NULL, salt = NULL WHERE ${SAYS_BEFORE}`).run(subject, Math.round(beforeUtcMs))
        .changes,
    saysBefore: (subject, beforeUtcMs) =>
      household
        .prepare<[string, number], { count: number }>(`SELECT count(*) AS count FROM operation WHERE ${SAYS_BEFORE}`)
        .get(subject, Math.round(beforeUtcMs))!.count,
    remains: (person) =>
      household
        .prepare<[string, string], { count: number }>(
          'SELECT count(*) AS count FROM operation WHERE (subject = ? OR actor = ?) AND detail IS NOT NULL',
        )
        .get(person, person)!.count,
  };
}

/** The seal may be a row behind after a power cut, never ahead, and its row must be the one that was signed. */
function sealFaults(file: string, key: HubKey, lastSeq: number, hashes: ReadonlyMap<number, string>): string[] {
  if (!existsSync(file)) return lastSeq === 0 ? [] : ['the seal of the log is missing'];
  let seal: { seq: number; hash: string; signature: string };
  try {
    seal = JSON.parse(readFileSync(file, 'utf8')) as typeof seal;
  } catch {
    return ['the seal of the log cannot be read'];
  }
  if (!key.isSigned(`${seal.seq} ${seal.hash}`, seal.signature)) return ['the seal of the log is forged'];
  if (seal.seq > lastSeq) return [`the end of the log is missing: it had ${seal.seq} rows and has ${lastSeq}`];
  if (hashes.get(seal.seq) !== seal.hash) return ['the log is not the one that was sealed'];
  return [];
}
