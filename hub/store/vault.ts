/**
 * One subject's vault: an encrypted SQLite file with its log.
 *
 * A commit resolves once its rows are on disk (`synchronous=FULL`). Commits that arrive while one is being gathered share its
 * transaction, so that a busy minute costs few flushes of the card.
 */
import Database from 'better-sqlite3-multiple-ciphers';
import type { Flag } from '../../firmware/protocol/measurement.ts';
import { isPlausible, type QuantityId, quantities, quantityOfCode } from '../../firmware/protocol/quantities.ts';
import { type TimeQuality, utcMs } from '../../firmware/protocol/time.ts';
import {
  bodyOf,
  entryOf,
  type GapCause,
  type HistoricValue,
  type LogEntry,
  type NewEntry,
  type Provenance,
  type StoredMeasurement,
} from './log-entry.ts';
import { createRollups, type Rollups, type SeriesPoint, type SeriesQuery } from './rollups.ts';
import { migrate } from './schema.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

/** A measurement to be kept. A code that this hub does not know yet is kept all the same. */
export interface NewMeasurement {
  readonly device: string;
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  readonly value: number;
  readonly endUtcMs: number;
  readonly spanMs: number;
  readonly timeQuality: TimeQuality;
  /** Of a derived value: what it was computed from. */
  readonly provenance?: Provenance;
}

export type { StoredMeasurement } from './log-entry.ts';

export interface Gap {
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: GapCause;
  readonly lost?: number | undefined;
}

export interface RangeQuery {
  readonly quantity?: QuantityId | undefined;
  readonly device?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly afterSeq?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Vault {
  readonly subject: string;
  /** Resolves with the rows that are new, once they are on disk; rows known by (device, boot, sequence) are left as they are. Rejects with StoreError. */
  commit(rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]>;
  /** Rows after a position, in order. */
  log(afterSeq: number, limit: number): StoredMeasurement[];
  /** Position of the newest row; 0 when empty. */
  head(): number;
  /** Newest row of each quantity of each device. */
  latest(): StoredMeasurement[];
  series(query: SeriesQuery): SeriesPoint[];
  range(query: RangeQuery): IterableIterator<StoredMeasurement>;
  count(): number;
  /** Everything after a position, measurements and all else, in order. A removed measurement is not there any more; an amended one has its newest value. */
  entries(afterSeq: number, limit: number): LogEntry[];
  /** Keeps an entry that is no measurement: a gap, a calibration, a segment. */
  record(entry: NewEntry, by: string): Promise<LogEntry>;
  /** Gives a measurement a new value. Rejects with RangeError when there is none at that position. */
  amend(seq: number, value: number, by: string): Promise<LogEntry>;
  /** Removes measurements so that nothing of their values is left in the vault. Rejects with RangeError when one is not there. */
  remove(seqs: readonly number[], by: string): Promise<LogEntry[]>;
  /** The values that a measurement had, oldest first; empty when it is not there. */
  history(seq: number): HistoricValue[];
  /** What a derived value was computed from; undefined for what was measured. */
  provenance(seq: number): Provenance | undefined;
  /** Spans without measurements that overlap [fromMs, toMs), by their start. */
  gaps(query: { readonly device?: string | undefined; readonly fromMs: number; readonly toMs: number }): Gap[];
  /** What is wrong with the file; empty when nothing is. */
  checkIntegrity(): string[];
  close(): void;
}

const qualities: readonly TimeQuality[] = ['synced', 'estimated', 'device'];
/** Rows in one transaction: bounds its memory and how long a reader of the newest value waits. */
const MOST_ROWS_A_TRANSACTION = 5000;
/** Enough that WAL does not grow without end, few enough flushes. */
const WAL_PAGES = 1000;

interface Row {
  seq: number;
  device: string;
  boot: number;
  sequence: number;
  code: number;
  value: number | null;
  end_utc: number;
  span: number;
  quality: number;
}

interface Waiting {
  readonly rows: readonly NewMeasurement[];
  readonly resolve: (stored: StoredMeasurement[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens or makes the vault's file. Throws StoreError when it is damaged or its key is not its own. */
export function openVault(file: string, subject: string, key: string, now: () => number = Date.now): Vault {
  const database = openDatabase(file, key);
  const columns = 'log.seq, device.id AS device, log.boot, log.sequence, log.code, log.value, log.end_utc, log.span, log.quality';
  const from = 'FROM log JOIN device ON device.number = log.device';
  const addDevice = database.prepare('INSERT INTO device (id) VALUES (?) ON CONFLICT DO NOTHING');
  const deviceNumber = database.prepare<[string], { number: number }>('SELECT number FROM device WHERE id = ?');
  const insert = database.prepare(
    `INSERT INTO log (seq, device, boot, sequence, code, value, end_utc, span, quality) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device, boot, sequence) DO NOTHING`,
  );
  const setNewest = database.prepare(
    `INSERT INTO newest VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, end_utc = excluded.end_utc WHERE excluded.end_utc >= end_utc`,
  );
  const setNewestAgain = database.prepare(
    'INSERT OR REPLACE INTO newest SELECT device, code, seq, end_utc FROM log WHERE device = ? AND code = ? ORDER BY end_utc DESC, seq DESC LIMIT 1',
  );
  const selectLog = database.prepare<[number, number], Row>(`SELECT ${columns} ${from} WHERE log.seq > ? ORDER BY log.seq LIMIT ?`);
  const selectLatest = database.prepare<[], Row>(
    `SELECT ${columns} FROM newest JOIN log ON log.seq = newest.seq JOIN device ON device.number = log.device`,
  );
  const selectHead = database.prepare<[], { head: number }>(
    'SELECT max(ifnull((SELECT max(seq) FROM log), 0), ifnull((SELECT max(seq) FROM entry), 0)) AS head',
  );
  const selectOne = database.prepare<[number], Row>(`SELECT ${columns} ${from} WHERE log.seq = ?`);
  const selectTwin = database.prepare<[number, number, number], { seq: number; value: number | null }>(
    'SELECT seq, value FROM log WHERE device = ? AND boot = ? AND sequence = ?',
  );
  const isRemoved = database.prepare<[number, number, number], { yes: 1 }>(
    'SELECT 1 AS yes FROM removed WHERE device = ? AND boot = ? AND sequence = ?',
  );
  const addEntry = database.prepare('INSERT INTO entry (seq, at, by, kind, of, body) VALUES (?, ?, ?, ?, ?, ?)');
  const selectEntries = database.prepare<[number, number], EntryRow>('SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?');
  const selectEntriesOf = database.prepare<[number], EntryRow>('SELECT * FROM entry WHERE of = ? ORDER BY seq');
  const selectGaps = database.prepare<[], EntryRow>("SELECT * FROM entry WHERE kind = 'gap'");
  const addProvenance = database.prepare('INSERT INTO provenance VALUES (?, ?, ?, ?)');
  const selectProvenance = database.prepare<[number], { algorithm: string; version: string; inputs: string }>(
    'SELECT algorithm, version, inputs FROM provenance WHERE seq = ?',
  );
  const selectCount = database.prepare<[], { count: number }>('SELECT count(*) AS count FROM log');
  const rollups: Rollups = createRollups(database);
  const numbers = new Map<string, number>();
  const waiting: Waiting[] = [];
  let gathering = false;
  let head = selectHead.get()?.head ?? 0;

  const numberOf = (device: string): number => {
    const known = numbers.get(device);
    if (known !== undefined) return known;
    addDevice.run(device);
    const { number } = deviceNumber.get(device)!;
    numbers.set(device, number);
    return number;
  };

  const put = (entry: NewEntry, by: string): LogEntry => {
    const kept = { seq: head + 1, atMs: now(), by };
    const body = bodyOf(entry);
    addEntry.run(kept.seq, kept.atMs, by, entry.kind, 'of' in entry ? entry.of : null, body);
    head = kept.seq;
    return entryOf(kept, entry.kind, body);
  };

  /** The same identity with another value is no repetition: the value is kept beside the first one, once. */
  const keepConflict = (device: number, row: NewMeasurement, value: number | null): void => {
    const twin = selectTwin.get(device, row.boot, row.sequence);
    if (twin === undefined) return;
    const others = selectEntriesOf.all(twin.seq).map(readEntry);
    const first = others.find((entry) => entry.kind === 'amended');
    const known = [
      first === undefined ? twin.value : first.was,
      ...others.flatMap((entry) => (entry.kind === 'conflict' ? [entry.value] : [])),
    ];
    if (known.includes(value)) return;
    put({ kind: 'conflict', of: twin.seq, id: identityOf(row), value, endMs: row.endUtcMs }, `device:${row.device}`);
  };

  /** Runs what writes; when it fails, nothing of it happened. What waits goes first, so that the order is that of the calls. */
  const change = async <Result>(work: () => Result): Promise<Result> => {
    if (!database.open) throw new StoreError('closed', 'the store is closed: the hub is stopping');
    flush();
    const before = head;
    try {
      return database.transaction(work)();
    } catch (error) {
      head = before;
      numbers.clear();
      throw storeErrorOf(error, file);
    }
  };

  const rowAt = (seq: number): Row => {
    const row = selectOne.get(seq);
    if (row === undefined) throw new RangeError(`there is no measurement at position ${seq} of ${subject}`);
    return row;
  };

  const write = database.transaction((rows: readonly NewMeasurement[]): StoredMeasurement[] => {
    const stored: StoredMeasurement[] = [];
    for (const row of rows) {
      const device = numberOf(row.device);
      const value = Number.isFinite(row.value) ? row.value : null;
      const quality = Math.max(0, qualities.indexOf(row.timeQuality));
      if (isRemoved.get(device, row.boot, row.sequence) !== undefined) continue;
      const seq = head + 1;
      const { changes } = insert.run(seq, device, row.boot, row.sequence, row.code, value, row.endUtcMs, row.spanMs, quality);
      if (changes === 0) {
        keepConflict(device, row, value);
        continue;
      }
      head = seq;
      const { provenance } = row;
      if (provenance !== undefined) addProvenance.run(seq, provenance.algorithm, provenance.version, JSON.stringify(provenance.inputs));
      const measurement = measurementOf({ ...row, seq, value, end_utc: row.endUtcMs, span: row.spanMs, quality }, subject);
      setNewest.run(device, row.code, seq, row.endUtcMs);
      if (measurement?.flag === 'ok') rollups.add(device, row.code, row.value, row.endUtcMs);
      if (measurement !== undefined) stored.push(measurement);
    }
    return stored;
  });

  /** All that waits, in one transaction; when that fails, nobody's rows were kept and all are told. */
  const flush = (): void => {
    gathering = false;
    while (waiting.length > 0) {
      const batch: Waiting[] = [];
      let rows = 0;
      while (waiting.length > 0 && (batch.length === 0 || rows + waiting[0]!.rows.length <= MOST_ROWS_A_TRANSACTION)) {
        const next = waiting.shift()!;
        rows += next.rows.length;
        batch.push(next);
      }
      const headBefore = head;
      try {
        const stored = write(batch.flatMap((one) => one.rows));
        const isOf = (one: Waiting) => new Set(one.rows.map(identityOf));
        for (const one of batch) {
          const own = batch.length === 1 ? undefined : isOf(one);
          one.resolve(own === undefined ? stored : stored.filter((measurement) => own.has(identityOf(measurement))));
        }
      } catch (error) {
        // What was rolled back must not be remembered.
        numbers.clear();
        head = headBefore;
        for (const one of batch) one.reject(storeErrorOf(error, file));
      }
    }
  };

  const listed = (rows: Iterable<Row>): StoredMeasurement[] => [...rows].flatMap((row) => measurementOf(row, subject) ?? []);

  return {
    subject,
    commit(rows) {
      if (!database.open) return Promise.reject(new StoreError('closed', 'the store is closed: the hub is stopping'));
      return new Promise((resolve, reject) => {
        waiting.push({ rows, resolve, reject });
        if (gathering) return;
        gathering = true;
        setImmediate(flush);
      });
    },
    log: (afterSeq, limit) => listed(selectLog.all(afterSeq, limit)),
    head: () => head,
    latest: () => listed(selectLatest.all()),
    series: rollups.series,
    *range({ quantity, device, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, afterSeq = 0, limit = Number.MAX_SAFE_INTEGER }) {
      const where = ['log.seq > ?', 'log.end_utc >= ?', 'log.end_utc < ?'];
      const values: (string | number)[] = [afterSeq, fromMs, toMs];
      if (quantity !== undefined) {
        where.push('log.code = ?');
        values.push(quantities[quantity].code);
      }
      if (device !== undefined) {
        where.push('device.id = ?');
        values.push(device);
      }
      // Pages of rows rather than one open cursor: commits go on while a slow reader exports.
      const page = database.prepare<(string | number)[], Row>(
        `SELECT ${columns} ${from} WHERE ${where.join(' AND ')} ORDER BY log.seq LIMIT ?`,
      );
      let left = limit;
      let after = afterSeq;
      while (left > 0) {
        const rows = page.all(after, ...values.slice(1), Math.min(left, 1000));
        if (rows.length === 0) return;
        left -= rows.length;
        after = rows.at(-1)!.seq;
        yield* listed(rows);
      }
    },
    entries(afterSeq, limit) {
      const measured = selectLog.all(afterSeq, limit).map((row): LogEntry => logEntryOf(row, subject));
      const others = selectEntries.all(afterSeq, limit).map(readEntry);
      return [...measured, ...others].sort((a, b) => a.seq - b.seq).slice(0, limit);
    },
    record: (entry, by) => change(() => put(entry, by)),
    amend: (seq, value, by) =>
      change(() => {
        const row = rowAt(seq);
        const next = Number.isFinite(value) ? value : null;
        database.prepare('UPDATE log SET value = ? WHERE seq = ?').run(next, seq);
        rollups.refresh(row.device, row.code, row.end_utc);
        return put({ kind: 'amended', of: seq, id: identityOf(row), value: next, was: row.value }, by);
      }),
    async remove(seqs, by) {
      const removed = await change(() =>
        seqs.map((seq) => {
          const row = rowAt(seq);
          database.prepare('INSERT INTO removed VALUES (?, ?, ?)').run(numberOf(row.device), row.boot, row.sequence);
          for (const table of ['log WHERE seq', 'entry WHERE of', 'provenance WHERE seq', 'newest WHERE seq'])
            database.prepare(`DELETE FROM ${table} = ?`).run(seq);
          setNewestAgain.run(numberOf(row.device), row.code);
          rollups.refresh(row.device, row.code, row.end_utc);
          return put({ kind: 'removed', of: seq, id: identityOf(row) }, by);
        }),
      );
      // Old pages lie in the write-ahead log until it is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
      return removed;
    },
    history(seq) {
      const row = selectOne.get(seq);
      if (row === undefined) return [];
      const changes = selectEntriesOf
        .all(seq)
        .map(readEntry)
        .filter((entry) => entry.kind === 'amended');
      const first = { seq, atMs: row.end_utc, by: `device:${row.device}`, value: changes[0]?.was ?? row.value ?? Number.NaN };
      return [first, ...changes.map(({ seq, atMs, by, value }) => ({ seq, atMs, by, value: value ?? Number.NaN }))];
    },
    provenance(seq) {
      const row = selectProvenance.get(seq);
      return row && { algorithm: row.algorithm, version: row.version, inputs: JSON.parse(row.inputs) as string[] };
    },
    gaps: ({ device, fromMs, toMs }) =>
      selectGaps
        .all()
        .map(readEntry)
        .flatMap((entry) => (entry.kind === 'gap' ? [entry] : []))
        .filter((gap) => gap.fromMs < toMs && gap.toMs > fromMs && (device === undefined || gap.device === device || gap.device === '*'))
        .map(({ device, fromMs, toMs, cause, lost }) => ({ device, fromMs, toMs, cause, lost }))
        .sort((a, b) => a.fromMs - b.fromMs),
    count: () => selectCount.get()?.count ?? 0,
    checkIntegrity() {
      const rows = database.pragma('integrity_check') as { integrity_check: string }[];
      return rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
    },
    close() {
      if (!database.open) return;
      flush();
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly kind: string;
  readonly body: string;
}

const readEntry = ({ seq, at, by, kind, body }: EntryRow): LogEntry => entryOf({ seq, atMs: at, by }, kind, body);

function logEntryOf(row: Row, subject: string): LogEntry {
  const kept = { seq: row.seq, atMs: row.end_utc, by: `device:${row.device}` };
  const measurement = measurementOf(row, subject);
  if (measurement !== undefined) return { ...kept, kind: 'measured', measurement };
  const { seq, device, boot, sequence, code, value, end_utc: endUtcMs, span: spanMs } = row;
  return { ...kept, kind: 'uncoded', measurement: { seq, device, boot, sequence, code, value: value ?? Number.NaN, endUtcMs, spanMs } };
}

const identityOf = ({ device, boot, sequence }: { device: string; boot: number; sequence: number }): string =>
  `${device}/${boot}/${sequence}`;

function openDatabase(file: string, key: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file);
    database.pragma("cipher = 'sqlcipher'");
    // A raw 256-bit key: nothing to derive, so opening is fast.
    database.pragma(`key = "x'${key}'"`);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
    database.pragma('cache_size = -2000');
    // What is deleted is overwritten: a removed value must not stay in a free page.
    database.pragma('secure_delete = ON');
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw storeErrorOf(error, file);
  }
}

/** A row of a quantity that this hub knows; undefined for another's code, which waits for a newer hub. */
function measurementOf(row: Row, subject: string): StoredMeasurement | undefined {
  const quantity = quantityOfCode(row.code);
  if (quantity === undefined) return undefined;
  const value = row.value ?? Number.NaN;
  const flag: Flag = isPlausible(quantity.id, value) ? 'ok' : 'implausible';
  return {
    seq: row.seq,
    subject,
    device: row.device,
    boot: row.boot,
    sequence: row.sequence,
    quantity: quantity.id,
    value,
    start: utcMs(row.end_utc - row.span),
    end: utcMs(row.end_utc),
    timeQuality: qualities[row.quality] ?? 'estimated',
    flag,
  };
}
