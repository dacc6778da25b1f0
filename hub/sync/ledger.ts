/**
 * What sync remembers, in one SQLite file: how far each target has each vault, what was set aside, receipts, erasures that a target
 * has not heard of yet, and what was done and refused. Positions and reasons only: no measured value is in it.
 */
import Database from 'better-sqlite3-multiple-ciphers';

export interface SetAside {
  readonly target: string;
  readonly subject: string;
  readonly seq: number;
  readonly reason: string;
  readonly atMs: number;
}

export interface Operation {
  readonly atMs: number;
  readonly kind: 'enrolled' | 'renewed' | 'refused' | 'residency' | 'set-aside' | 'erased' | 'recovered' | 'target';
  readonly target: string;
  readonly subject: string;
  readonly message: string;
}

export interface KeptReceipt {
  readonly target: string;
  readonly subject: string;
  readonly upTo: number;
  readonly atMs: number;
  readonly receipt: string;
}

export interface Ledger extends Disposable {
  cursor(target: string, subject: string): number;
  /** Also back, when a target lost what it had. */
  setCursor(target: string, subject: string, seq: number): void;
  /** Subjects of which a target had something. */
  sentSubjects(target: string): string[];
  /** A target is no more: its positions, its erasures and what was set aside for it go; receipts, what was done and {@link Ledger.life} stay. */
  forgetTarget(target: string): void;
  setAside(row: SetAside): void;
  /** Oldest first. */
  listAside(target?: string): SetAside[];
  takeBack(target: string, subject: string, seq: number): void;
  addReceipt(row: KeptReceipt): void;
  /** Newest first; of one subject alone when one is named. */
  receipts(target: string, limit: number, subject?: string): KeptReceipt[];
  log(operation: Operation): void;
  /** Newest first. */
  operations(limit: number): Operation[];
  addErasure(target: string, subject: string): void;
  /** Erasures that the target has not heard of yet. */
  erasures(target: string): string[];
  /** Whether a subject was erased: nothing of it is sent any more. */
  isErased(target: string, subject: string): boolean;
  erased(target: string, subject: string): void;
  /** The target erased the subject by itself, or for another owner of this ledger: nothing is sent until somebody allows it again. */
  foundErased(target: string, subject: string): void;
  /** Subjects of {@link Ledger.foundErased}. */
  foundErasedOf(target: string): string[];
  /** Allowed again after an erasure: everything begins anew, once the erasure is done. Nothing to do for who was not erased. */
  beginAnew(target: string, subject: string): void;
  /** Quantities that are known now, by their codes. Gives the ones that were not known at the last start; none at the first. */
  newCodes(known: readonly number[]): number[];
  /** How often everything of the subject began anew at the target, after it was erased there. */
  life(target: string, subject: string): number;
}

/** A row set aside is a defect somewhere; a thousand of them are the same one. */
export const MOST_ASIDE = 1000;
/** Of each target and vault: days of a busy home. Of the days before, the last one of each stays, and stands for the day. */
const MOST_RECEIPTS = 1000;
/** Years of a quiet home, and a bound on a noisy one. */
const MOST_OPERATIONS = 10_000;
/** Thinning out costs a scan: once in so many. */
const THIN_EVERY = 200;
const DAY_MS = 86_400_000;

const schema = `
  CREATE TABLE IF NOT EXISTS cursor (target TEXT NOT NULL, subject TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (target, subject)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS aside (
    target TEXT NOT NULL, subject TEXT NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (target, subject, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS receipt (
    number INTEGER PRIMARY KEY, target TEXT NOT NULL, subject TEXT NOT NULL, up_to INTEGER NOT NULL, at_ms INTEGER NOT NULL, receipt TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS receipt_of ON receipt (target, subject, number);
  CREATE TABLE IF NOT EXISTS operation (
    number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, subject TEXT NOT NULL, message TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS code (code INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS life (target TEXT NOT NULL, subject TEXT NOT NULL, life INTEGER NOT NULL, PRIMARY KEY (target, subject)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS erasure (target TEXT NOT NULL, subject TEXT NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (target, subject)) STRICT, WITHOUT ROWID;
`;

/** Of an erasure: to be told, told, to be told and then begun anew, and found there. */
const PENDING = 0;
const DONE = 1;
const PENDING_AGAIN = 2;
const FOUND = 3;

export function openLedger(file: string): Ledger {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  // A kill loses nothing. A power cut may take the last moments: a delivery is then repeated, which changes nothing at a target.
  database.pragma('synchronous = NORMAL');
  database.exec(schema);
  const getCursor = database.prepare<[string, string], { seq: number }>('SELECT seq FROM cursor WHERE target = ? AND subject = ?');
  const putCursor = database.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)');
  const addAside = database.prepare('INSERT OR REPLACE INTO aside VALUES (?, ?, ?, ?, ?)');
  const listAside = database.prepare<[string, string], SetAside>(
    "SELECT target, subject, seq, reason, at_ms AS atMs FROM aside WHERE (? = '' OR target = ?) ORDER BY at_ms, seq",
  );
  const dropAside = database.prepare('DELETE FROM aside WHERE target = ? AND subject = ? AND seq = ?');
  const addReceipt = database.prepare('INSERT INTO receipt (target, subject, up_to, at_ms, receipt) VALUES (?, ?, ?, ?, ?)');
  const thinReceipts = database.prepare(
    `DELETE FROM receipt WHERE target = :target AND subject = :subject
     AND number < (SELECT number FROM receipt WHERE target = :target AND subject = :subject ORDER BY number DESC LIMIT 1 OFFSET ${MOST_RECEIPTS - 1})
     AND number NOT IN (SELECT max(number) FROM receipt WHERE target = :target AND subject = :subject GROUP BY at_ms / ${DAY_MS})`,
  );
  const listReceipts = database.prepare<[string, string, string, number], KeptReceipt>(
    "SELECT target, subject, up_to AS upTo, at_ms AS atMs, receipt FROM receipt WHERE target = ? AND (? = '' OR subject = ?) ORDER BY number DESC LIMIT ?",
  );
  const listSent = database.prepare<[string], { subject: string }>('SELECT subject FROM cursor WHERE target = ? AND seq > 0');
  const nextLife = database.prepare('INSERT INTO life VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET life = life + 1');
  const getLife = database.prepare<[string, string], { life: number }>('SELECT life FROM life WHERE target = ? AND subject = ?');
  const forgetTarget = database.transaction((target: string) => {
    // Where the same one is added again, what was erased stays so, and what is sent then is new.
    for (const { subject } of database.prepare<[string], { subject: string }>('SELECT subject FROM erasure WHERE target = ?').all(target))
      nextLife.run(target, subject);
    for (const table of ['cursor', 'aside', 'erasure']) database.prepare(`DELETE FROM ${table} WHERE target = ?`).run(target);
  });
  const addOperation = database.prepare('INSERT INTO operation (at_ms, kind, target, subject, message) VALUES (?, ?, ?, ?, ?)');
  const thinOperations = database.prepare(`DELETE FROM operation WHERE number <= (SELECT max(number) FROM operation) - ${MOST_OPERATIONS}`);
  const listOperations = database.prepare<[number], Operation>(
    'SELECT at_ms AS atMs, kind, target, subject, message FROM operation ORDER BY number DESC LIMIT ?',
  );
  const newCodes = database.transaction((known: readonly number[]): number[] => {
    const before = new Set(
      database
        .prepare<[], { code: number }>('SELECT code FROM code')
        .all()
        .map(({ code }) => code),
    );
    const fresh = known.filter((code) => !before.has(code));
    const add = database.prepare('INSERT INTO code VALUES (?)');
    for (const code of fresh) add.run(code);
    return before.size === 0 ? [] : fresh;
  });
  const addErasure = database.prepare(
    `INSERT INTO erasure VALUES (?, ?, ${PENDING}) ON CONFLICT DO UPDATE SET done = ${PENDING} WHERE done = ${PENDING_AGAIN}`,
  );
  const listErasures = database.prepare<[string], { subject: string }>(
    `SELECT subject FROM erasure WHERE target = ? AND done IN (${PENDING}, ${PENDING_AGAIN})`,
  );
  const doneOf = database.prepare<[string, string], { done: number }>('SELECT done FROM erasure WHERE target = ? AND subject = ?');
  const setDone = database.prepare('INSERT INTO erasure VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET done = excluded.done');
  const dropErasure = database.prepare('DELETE FROM erasure WHERE target = ? AND subject = ?');
  const listFound = database.prepare<[string], { subject: string }>(`SELECT subject FROM erasure WHERE target = ? AND done = ${FOUND}`);
  const beginAnew = database.transaction((target: string, subject: string) => {
    const done = doneOf.get(target, subject)?.done;
    if (done === PENDING) setDone.run(target, subject, PENDING_AGAIN);
    if (done !== DONE && done !== FOUND) return;
    dropErasure.run(target, subject);
    nextLife.run(target, subject);
    putCursor.run(target, subject, 0);
  });
  const erased = database.transaction((target: string, subject: string, as: typeof DONE | typeof FOUND) => {
    const isWanted = doneOf.get(target, subject)?.done === PENDING_AGAIN;
    setDone.run(target, subject, as);
    for (const table of ['cursor', 'aside']) database.prepare(`DELETE FROM ${table} WHERE target = ? AND subject = ?`).run(target, subject);
    if (isWanted) beginAnew(target, subject);
  });
  const isErased = database.prepare('SELECT 1 FROM erasure WHERE target = ? AND subject = ?');
  let sinceThinned = 0;
  return {
    cursor: (target, subject) => getCursor.get(target, subject)?.seq ?? 0,
    setCursor: (target, subject, seq) => void putCursor.run(target, subject, seq),
    sentSubjects: (target) => listSent.all(target).map(({ subject }) => subject),
    forgetTarget: (target) => void forgetTarget(target),
    setAside: ({ target, subject, seq, reason, atMs }) => void addAside.run(target, subject, seq, reason, Math.round(atMs)),
    listAside: (target = '') => listAside.all(target, target),
    takeBack: (target, subject, seq) => void dropAside.run(target, subject, seq),
    addReceipt({ target, subject, upTo, atMs, receipt }) {
      addReceipt.run(target, subject, upTo, Math.round(atMs), receipt);
      if (++sinceThinned % THIN_EVERY === 0) thinReceipts.run({ target, subject });
    },
    receipts: (target, limit, subject = '') => listReceipts.all(target, subject, subject, limit),
    log({ atMs, kind, target, subject, message }) {
      addOperation.run(Math.round(atMs), kind, target, subject, message);
      thinOperations.run();
    },
    operations: (limit) => listOperations.all(limit),
    addErasure: (target, subject) => void addErasure.run(target, subject),
    erasures: (target) => listErasures.all(target).map(({ subject }) => subject),
    isErased: (target, subject) => isErased.get(target, subject) !== undefined,
    erased: (target, subject) => void erased(target, subject, DONE),
    foundErased: (target, subject) => void erased(target, subject, FOUND),
    foundErasedOf: (target) => listFound.all(target).map(({ subject }) => subject),
    beginAnew: (target, subject) => void beginAnew(target, subject),
    newCodes,
    life: (target, subject) => getLife.get(target, subject)?.life ?? 0,
    [Symbol.dispose]: () => void database.close(),
  };
}
