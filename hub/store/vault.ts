/**
 * One subject's vault: an encrypted SQLite file with its log.
 *
 * A commit resolves once its rows are on disk (`synchronous=FULL`). Commits that arrive while one is being gathered share its
 * transaction, so that a busy minute costs few flushes of the card.
 */
import Database from 'better-sqlite3-multiple-ciphers';
import type { Flag, Measurement } from '../../firmware/protocol/measurement.ts';
import { isPlausible, type QuantityId, quantities, quantityOfCode } from '../../firmware/protocol/quantities.ts';
import { type TimeQuality, utcMs } from '../../firmware/protocol/time.ts';
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
}

export interface StoredMeasurement extends Measurement {
  readonly seq: number;
  readonly subject: string;
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
export function openVault(file: string, subject: string, key: string): Vault {
  const database = openDatabase(file, key);
  const columns = 'log.seq, device.id AS device, log.boot, log.sequence, log.code, log.value, log.end_utc, log.span, log.quality';
  const from = 'FROM log JOIN device ON device.number = log.device';
  const addDevice = database.prepare('INSERT INTO device (id) VALUES (?) ON CONFLICT DO NOTHING');
  const deviceNumber = database.prepare<[string], { number: number }>('SELECT number FROM device WHERE id = ?');
  const insert = database.prepare(
    `INSERT INTO log (device, boot, sequence, code, value, end_utc, span, quality) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const setNewest = database.prepare(
    `INSERT INTO newest VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, end_utc = excluded.end_utc WHERE excluded.end_utc >= end_utc`,
  );
  const selectLog = database.prepare<[number, number], Row>(`SELECT ${columns} ${from} WHERE log.seq > ? ORDER BY log.seq LIMIT ?`);
  const selectLatest = database.prepare<[], Row>(
    `SELECT ${columns} FROM newest JOIN log ON log.seq = newest.seq JOIN device ON device.number = log.device`,
  );
  const selectHead = database.prepare<[], { head: number | null }>('SELECT max(seq) AS head FROM log');
  const selectCount = database.prepare<[], { count: number }>('SELECT count(*) AS count FROM log');
  const rollups: Rollups = createRollups(database);
  const numbers = new Map<string, number>();
  const waiting: Waiting[] = [];
  let gathering = false;

  const numberOf = (device: string): number => {
    const known = numbers.get(device);
    if (known !== undefined) return known;
    addDevice.run(device);
    const { number } = deviceNumber.get(device)!;
    numbers.set(device, number);
    return number;
  };

  const write = database.transaction((rows: readonly NewMeasurement[]): StoredMeasurement[] => {
    const stored: StoredMeasurement[] = [];
    for (const row of rows) {
      const device = numberOf(row.device);
      const value = Number.isFinite(row.value) ? row.value : null;
      const quality = Math.max(0, qualities.indexOf(row.timeQuality));
      const { changes, lastInsertRowid } = insert.run(device, row.boot, row.sequence, row.code, value, row.endUtcMs, row.spanMs, quality);
      if (changes === 0) continue;
      const seq = Number(lastInsertRowid);
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
      try {
        const stored = write(batch.flatMap((one) => one.rows));
        const isOf = (one: Waiting) => new Set(one.rows.map(identityOf));
        for (const one of batch) {
          const own = batch.length === 1 ? undefined : isOf(one);
          one.resolve(own === undefined ? stored : stored.filter((measurement) => own.has(identityOf(measurement))));
        }
      } catch (error) {
        // A rolled-back device number must not be remembered.
        numbers.clear();
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
    head: () => selectHead.get()?.head ?? 0,
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
