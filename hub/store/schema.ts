/**
 * The tables of a vault. The log is the truth: measurements (recent rows, older ones in blocks) and entries, in one run of positions in
 * the order of their commit; summaries stand beside it and can be made again from it.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import { createBlocks } from './blocks.ts';
import { createRecent } from './recent.ts';
import type { Row } from './row.ts';
import { StoreError } from './store-error.ts';
import { createSummaries } from './summaries.ts';

type Migration = string | ((database: Database.Database) => void);

/** Each entry brings a vault from the form of its index to the next one. Never change an entry that was released. */
const migrations: readonly Migration[] = [
  `
  CREATE TABLE device (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    device INTEGER NOT NULL REFERENCES device (number),
    boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    code INTEGER NOT NULL,
    value REAL,
    end_utc INTEGER NOT NULL,
    span INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    UNIQUE (device, boot, sequence)
  ) STRICT;
  CREATE INDEX log_by_time ON log (code, end_utc);
  CREATE TABLE rollup (
    level INTEGER NOT NULL,
    device INTEGER NOT NULL,
    code INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum REAL NOT NULL,
    min REAL NOT NULL,
    max REAL NOT NULL,
    PRIMARY KEY (code, level, bucket, device)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE newest (
    device INTEGER NOT NULL,
    code INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    end_utc INTEGER NOT NULL,
    PRIMARY KEY (device, code)
  ) STRICT, WITHOUT ROWID;
  `,
  // Entries beside the measurements, in the same run of positions.
  `
  CREATE TABLE entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, kind TEXT NOT NULL, of INTEGER, body TEXT NOT NULL) STRICT;
  CREATE INDEX entry_of ON entry (of) WHERE of IS NOT NULL;
  CREATE INDEX entry_kind ON entry (kind, seq);
  CREATE TABLE removed (
    device INTEGER NOT NULL, boot INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (device, boot, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE provenance (seq INTEGER PRIMARY KEY, algorithm TEXT NOT NULL, version TEXT NOT NULL, inputs TEXT NOT NULL) STRICT;
  `,
  toBlocks,
  // What opens the subject's devices: keys and bonds. Beside the log: never synced, shared or exported, and gone with the vault.
  'CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;',
];

/** From rows with indexes and summaries of each minute (some 200 bytes a row) to recent rows and packed blocks (some 10). */
function toBlocks(database: Database.Database): void {
  database.exec(`
    CREATE TABLE recent (
      seq INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      device INTEGER NOT NULL,
      boot INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      code INTEGER NOT NULL,
      value REAL,
      end_utc INTEGER NOT NULL,
      span INTEGER NOT NULL,
      quality INTEGER NOT NULL,
      hub_boot INTEGER NOT NULL,
      zone INTEGER,
      device_lead INTEGER,
      doubt INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE block (
      id INTEGER PRIMARY KEY,
      fold INTEGER NOT NULL,
      code INTEGER NOT NULL,
      device INTEGER NOT NULL,
      first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL,
      first_end INTEGER NOT NULL,
      last_end INTEGER NOT NULL,
      low_sequence INTEGER NOT NULL,
      high_sequence INTEGER NOT NULL,
      count INTEGER NOT NULL,
      levels INTEGER NOT NULL,
      unset INTEGER NOT NULL,
      body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX block_by_fold ON block (fold, code, device, first_end, last_end);
    CREATE INDEX block_by_time ON block (code, device, last_end, first_end, levels);
    CREATE INDEX block_by_sequence ON block (device, high_sequence, low_sequence, first_seq, last_seq);
    CREATE INDEX block_unset ON block (id) WHERE unset = 1;
    CREATE TABLE stream (code INTEGER NOT NULL, device INTEGER NOT NULL, PRIMARY KEY (code, device)) STRICT, WITHOUT ROWID;
    CREATE TABLE boot (
      device INTEGER NOT NULL, boot INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, high_sequence INTEGER NOT NULL,
      PRIMARY KEY (device, boot)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE summary (
      code INTEGER NOT NULL, device INTEGER NOT NULL, level INTEGER NOT NULL, bucket INTEGER NOT NULL,
      count INTEGER NOT NULL, sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL,
      PRIMARY KEY (code, device, level, bucket)
    ) STRICT, WITHOUT ROWID;
  `);
  const blocks = createBlocks(database, createSummaries(database));
  const recent = createRecent(database);
  const page = database.prepare<[number, number], Row & { value: number | null }>(
    `SELECT seq, end_utc AS atMs, device, boot, sequence, code, value, end_utc AS endMs, span AS spanMs, quality, 0 AS hubBoot,
       NULL AS zoneMin, NULL AS deviceLeadMs, 0 AS doubt FROM log WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  for (let after = 0; ; ) {
    const rows = page.all(after, MIGRATED_ROWS).map((row) => ({ ...row, value: row.value ?? Number.NaN }));
    if (rows.length === MIGRATED_ROWS) blocks.fold(rows);
    else for (const row of rows) recent.add(row);
    recent.save();
    if (rows.length < MIGRATED_ROWS) break;
    after = rows.at(-1)!.seq;
  }
  database.exec('DROP TABLE log; DROP TABLE rollup; DROP TABLE newest;');
}

/** Rows that a migration holds in memory. */
const MIGRATED_ROWS = 8192;

/**
 * Brings a vault up to date, all or nothing; `before` is told of the form it has, so that a copy is kept. Throws StoreError, with nothing
 * changed, when it was written by a newer Hearth. `upTo` is an older form, to make a vault as it was then.
 */
export function migrate(
  database: Database.Database,
  file: string,
  before: (file: string, form: number) => void,
  upTo = migrations.length,
): void {
  const form = database.pragma('user_version', { simple: true }) as number;
  if (form > migrations.length)
    throw new StoreError(
      'newer',
      `${file} was written by a newer Hearth (form ${form}, this one knows ${migrations.length}): update the hub; nothing was changed`,
    );
  if (form > 0 && form < migrations.length) {
    database.pragma('wal_checkpoint(TRUNCATE)');
    before(file, form);
  }
  database.transaction(() => {
    for (let next = form; next < upTo; next++) {
      const migration = migrations[next]!;
      if (typeof migration === 'string') database.exec(migration);
      else migration(database);
    }
    database.pragma(`user_version = ${upTo}`);
  })();
}
