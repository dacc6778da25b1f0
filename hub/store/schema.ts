/**
 * The tables of a vault. The log is the truth: its rows in the order of their commit; rollups are maintained beside it and can
 * be made again from it.
 */
import type Database from 'better-sqlite3-multiple-ciphers';

/** Each entry brings a vault from the version of its index to the next one. Never change an entry that was released. */
const migrations: readonly string[] = [
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
];

/** Brings a vault up to date, all or nothing. Throws when it was written by a newer Hearth. */
export function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length)
    throw new Error(`${file} was written by a newer Hearth (form ${version}, this one knows ${migrations.length}): update the hub`);
  for (let next = version; next < migrations.length; next++) {
    database.transaction(() => {
      database.exec(migrations[next]!);
      database.pragma(`user_version = ${next + 1}`);
    })();
  }
}
