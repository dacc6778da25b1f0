/** What the edge has of each hub's vaults, row by row, in one SQLite file. The same row again changes nothing. */
import Database from 'better-sqlite3-multiple-ciphers';

/** A row as the hub ships it: its position, and the measurement as the API says it. */
export interface ShippedRow {
  readonly seq: number;
  readonly [field: string]: unknown;
}

export interface Ledger extends Disposable {
  /** Keeps rows, on disk when it returns. Gives the highest position of that vault. */
  take(hub: string, vault: string, rows: readonly ShippedRow[]): number;
  vaults(hub: string): { vault: string; upTo: number; rows: number }[];
  rows(hub: string, vault: string, after: number, limit: number): ShippedRow[];
}

export function openLedger(file: string): Ledger {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS row (hub TEXT NOT NULL, vault TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (hub, vault, seq)) STRICT, WITHOUT ROWID',
  );
  const insert = database.prepare('INSERT INTO row VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const head = database.prepare<[string, string], { upTo: number | null }>('SELECT max(seq) AS upTo FROM row WHERE hub = ? AND vault = ?');
  const list = database.prepare<[string], { vault: string; upTo: number; rows: number }>(
    'SELECT vault, max(seq) AS upTo, count(*) AS rows FROM row WHERE hub = ? GROUP BY vault',
  );
  const page = database.prepare<[string, string, number, number], { body: string }>(
    'SELECT body FROM row WHERE hub = ? AND vault = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const keep = database.transaction((hub: string, vault: string, rows: readonly ShippedRow[]) => {
    for (const row of rows) insert.run(hub, vault, row.seq, JSON.stringify(row));
  });
  return {
    take(hub, vault, rows) {
      keep(hub, vault, rows);
      return head.get(hub, vault)?.upTo ?? 0;
    },
    vaults: (hub) => list.all(hub),
    rows: (hub, vault, after, limit) => page.all(hub, vault, after, limit).map(({ body }) => JSON.parse(body) as ShippedRow),
    [Symbol.dispose]: () => database.close(),
  };
}
