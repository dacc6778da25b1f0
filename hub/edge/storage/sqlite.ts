/**
 * The embedded edge's storage: one SQLite file. `secure_delete` overwrites what is removed, and the write-ahead log is cut off
 * after a removal, so that a removed value is on the disk no more.
 */
import Database from 'better-sqlite3-multiple-ciphers';
import { type Entry, qualityNumberOf, timeQualities } from '../entry.ts';
import { type EdgeRow, type EdgeStorage, type KnownHub, type Note, StorageError, type VaultSummary } from './storage.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS vault (
    number INTEGER PRIMARY KEY, hub TEXT NOT NULL, name TEXT NOT NULL, up_to INTEGER NOT NULL DEFAULT 0, erased INTEGER NOT NULL DEFAULT 0,
    UNIQUE (hub, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS device (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS entry (
    vault INTEGER NOT NULL, seq INTEGER NOT NULL,
    device INTEGER, boot INTEGER, sequence INTEGER, code INTEGER, value REAL, end_ms INTEGER, span_ms INTEGER, quality INTEGER,
    PRIMARY KEY (vault, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS note (
    vault INTEGER NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (vault, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS hub (name TEXT PRIMARY KEY, enrolled_ms INTEGER, revoked_ms INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS code (hash TEXT PRIMARY KEY, hub TEXT NOT NULL, ends_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
/** Pages of the log before it is carried over: 4 MB, little beside a Pi's memory. */
const WAL_PAGES = 1000;

interface VaultRow {
  readonly number: number;
  readonly up_to: number;
  readonly erased: number;
}
type Kept = Omit<EdgeRow, 'timeQuality'> & { readonly quality: number };

/** Opens or makes the file. Throws SQLite's error when it cannot. */
export function openSqliteStorage(file: string): EdgeStorage {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('secure_delete = ON');
  database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
  database.exec(schema);
  const addVault = database.prepare('INSERT INTO vault (hub, name) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const getVault = database.prepare<[string, string], VaultRow>('SELECT number, up_to, erased FROM vault WHERE hub = ? AND name = ?');
  const setUpTo = database.prepare('UPDATE vault SET up_to = max(up_to, ?) WHERE number = ?');
  const addDevice = database.prepare('INSERT INTO device (id) VALUES (?) ON CONFLICT DO NOTHING');
  const getDevice = database.prepare<[string], { number: number }>('SELECT number FROM device WHERE id = ?');
  const insert = database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const amend = database.prepare('UPDATE entry SET value = ? WHERE vault = ? AND seq = ? AND code IS NOT NULL');
  const remove = database.prepare(
    `INSERT INTO entry (vault, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET
     device = NULL, boot = NULL, sequence = NULL, code = NULL, value = NULL, end_ms = NULL, span_ms = NULL, quality = NULL`,
  );
  // A second value under the same identity goes with the first.
  const forgetConflicts = database.prepare("UPDATE note SET body = '{}' WHERE vault = ? AND name = 'conflict' AND body LIKE ?");
  const redate = database.prepare(
    'UPDATE entry SET end_ms = end_ms + ?, quality = quality - 3 WHERE vault = ? AND seq BETWEEN ? AND ? AND quality >= 3',
  );
  const addNote = database.prepare('INSERT INTO note VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const listVaults = database.prepare<[string], Omit<VaultSummary, 'erased'> & { erased: number }>(
    `SELECT name AS vault, up_to AS upTo, erased, (SELECT count(*) FROM entry WHERE vault = vault.number AND code IS NOT NULL) AS rows
     FROM vault WHERE hub = ? ORDER BY name`,
  );
  const page = database.prepare<[number, number, number], Kept>(
    `SELECT seq, device.id AS device, boot, sequence, code, value, end_ms AS endUtcMs, span_ms AS spanMs, quality
     FROM entry JOIN device ON device.number = entry.device WHERE vault = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const notePage = database.prepare<[number, number, number], Note>(
    'SELECT seq, name, body FROM note WHERE vault = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const noteEnrolled = database.prepare('INSERT INTO hub VALUES (?, ?, NULL) ON CONFLICT DO UPDATE SET enrolled_ms = excluded.enrolled_ms');
  const noteRevoked = database.prepare('INSERT INTO hub VALUES (?, NULL, ?) ON CONFLICT DO UPDATE SET revoked_ms = excluded.revoked_ms');
  const revokedAt = database.prepare<[string], { at: number | null }>('SELECT revoked_ms AS at FROM hub WHERE name = ?');
  const listHubs = database.prepare<[], KnownHub>(
    `SELECT name AS hub, enrolled_ms AS enrolledMs, revoked_ms AS revokedMs, (SELECT count(*) FROM vault WHERE vault.hub = known.name) AS vaults
     FROM (SELECT name, enrolled_ms, revoked_ms FROM hub UNION ALL
           SELECT DISTINCT hub, NULL, NULL FROM vault WHERE hub NOT IN (SELECT name FROM hub)) AS known ORDER BY name`,
  );
  const numbers = new Map<string, number>();
  const numberOf = (device: string): number => {
    const known = numbers.get(device);
    if (known !== undefined) return known;
    addDevice.run(device);
    const { number } = getDevice.get(device)!;
    numbers.set(device, number);
    return number;
  };
  /** Devices that no row names any more. */
  const forgetDevices = (): void => {
    database.exec('DELETE FROM device WHERE number NOT IN (SELECT device FROM entry WHERE device IS NOT NULL)');
    numbers.clear();
  };
  /** Gives whether the entry is new. */
  const keep = (vault: number, entry: Entry): boolean => {
    switch (entry.kind) {
      case 'measured': {
        const { seq, boot, sequence, code, value, endUtcMs, spanMs } = entry;
        const quality = qualityNumberOf(entry);
        return insert.run(vault, seq, numberOf(entry.device), boot, sequence, code, value, endUtcMs, spanMs, quality).changes > 0;
      }
      case 'amended':
        return amend.run(entry.value, vault, entry.of).changes > 0;
      case 'removed':
        forgetConflicts.run(vault, `%"of":${entry.of},%`);
        return remove.run(vault, entry.of).changes > 0;
      case 'redated':
        return redate.run(Math.round(entry.shiftMs), vault, entry.fromSeq, entry.toSeq).changes > 0;
      case 'note':
        return addNote.run(vault, entry.seq, entry.name, entry.body).changes > 0;
    }
  };
  const vaultOf = (hub: string, name: string): VaultRow => {
    addVault.run(hub, name);
    return getVault.get(hub, name)!;
  };
  const take = database.transaction((hub: string, name: string, after: number, upTo: number, entries: readonly Entry[]) => {
    const vault = vaultOf(hub, name);
    if (vault.erased === 1) return { kind: 'erased' } as const;
    if (after > vault.up_to) return { kind: 'ahead', upTo: vault.up_to } as const;
    let added = 0;
    for (const entry of entries) {
      // What changes rows is done once: done again it would undo what came after it.
      if (entry.kind !== 'measured' && entry.kind !== 'note' && entry.seq <= vault.up_to) continue;
      if (keep(vault.number, entry)) added++;
    }
    if (entries.some(({ kind }) => kind === 'removed')) forgetDevices();
    setUpTo.run(upTo, vault.number);
    return { kind: 'taken', upTo: Math.max(upTo, vault.up_to), added } as const;
  });
  const erase = database.transaction((hub: string, name: string) => {
    const { number } = vaultOf(hub, name);
    database.prepare('DELETE FROM note WHERE vault = ?').run(number);
    const { changes } = database.prepare('DELETE FROM entry WHERE vault = ?').run(number);
    database.prepare('UPDATE vault SET erased = 1 WHERE number = ?').run(number);
    forgetDevices();
    return changes;
  });
  const dropWal = (): void => void database.pragma('wal_checkpoint(TRUNCATE)');
  const guarded = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      // A rolled-back device number must not be remembered.
      numbers.clear();
      throw new StorageError(`the edge's file ${file} takes nothing now: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  };
  return {
    take: ({ hub, vault, after, upTo, entries }) =>
      guarded(() => {
        const taken = take.immediate(hub, vault, after, upTo, entries);
        if (taken.kind === 'taken' && entries.some(({ kind }) => kind === 'removed' || kind === 'amended')) dropWal();
        return taken;
      }),
    vaults: (hub) => guarded(() => listVaults.all(hub).map((row) => ({ ...row, erased: row.erased === 1 }))),
    rows: (hub, vault, after, limit) =>
      guarded(() => {
        const number = getVault.get(hub, vault)?.number;
        if (number === undefined) return [];
        return page.all(number, after, limit).map(({ quality, ...row }) => ({ ...row, timeQuality: timeQualities[quality]! }));
      }),
    notes: (hub, vault, after, limit) =>
      guarded(() => {
        const number = getVault.get(hub, vault)?.number;
        return number === undefined ? [] : notePage.all(number, after, limit);
      }),
    erase: (hub, vault) =>
      guarded(() => {
        const rows = erase.immediate(hub, vault);
        dropWal();
        return rows;
      }),
    addCode: (hash, hub, endsUtcMs) =>
      guarded(() => void database.prepare('INSERT OR REPLACE INTO code VALUES (?, ?, ?)').run(hash, hub, Math.round(endsUtcMs))),
    redeemCode: (hash, nowUtcMs) =>
      guarded(() => {
        const used = database
          .prepare<[string], { hub: string; ends_ms: number }>('DELETE FROM code WHERE hash = ? RETURNING hub, ends_ms')
          .get(hash);
        if (used === undefined || used.ends_ms <= nowUtcMs) return undefined;
        noteEnrolled.run(used.hub, Math.round(nowUtcMs));
        return used.hub;
      }),
    hubs: () => guarded(() => listHubs.all()),
    revoke: (hub, nowUtcMs) => guarded(() => void noteRevoked.run(hub, Math.round(nowUtcMs))),
    revokedAt: (hub) => guarded(() => revokedAt.get(hub)?.at ?? undefined),
    check: () => guarded(() => void database.prepare('SELECT 1').get()),
    [Symbol.asyncDispose]: async () => void database.close(),
  };
}
