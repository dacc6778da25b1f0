/**
 * A vault that does not open or is damaged is set aside, never deleted. The newest backup that holds takes its place, and what the damaged
 * file still shows from after that backup is carried over under the positions that it had.
 */

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3-multiple-ciphers';
import { backupsOf, headOf } from './backups.ts';
import { decodeBlock } from './block.ts';
import { checkFileNow } from './check-file.ts';
import { openDatabase } from './database.ts';
import { createDeviceNumbers } from './device-numbers.ts';
import { createRecent } from './recent.ts';
import type { Row } from './row.ts';
import { migrate } from './schema.ts';

export interface Repair {
  readonly subject: string;
  readonly atMs: number;
  /** What was wrong, in the words of SQLite. */
  readonly damage: string;
  /** Where the damaged file is now. */
  readonly asideFile: string;
  /** When the backup was made that took its place; null when there was none that held. */
  readonly restoredFromMs: number | null;
  /** Measurements from after the backup that could still be read. */
  readonly salvaged: number;
}

/** Positions left free, so that none that another may know of is given out again. */
const POSITIONS_LEFT_FREE = 1_000_000;

export function repairVault(folder: string, subject: string, key: string, damage: string, atMs: number): Repair {
  const file = `${folder}/vaults/${subject}.db`;
  const aside = `${folder}/damaged`;
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  const asideFile = `${aside}/${subject}-${new Date(atMs).toISOString().replaceAll(':', '-')}.db`;
  for (const end of ['', '-wal', '-shm']) if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${asideFile}${end}`);
  const backup = backupsOf(folder, subject).find((one) => checkFileNow(one.file, key).length === 0);
  if (backup !== undefined) copyFileSync(backup.file, file);
  const target = openDatabase(file, key);
  try {
    migrate(target, file, () => undefined);
    const head = backup === undefined ? 0 : headOf(file, key);
    const salvaged = salvage(asideFile, key, target, head);
    const restored = { fromMs: backup?.atMs ?? null, afterSeq: head, salvaged };
    const { next } = target
      .prepare<[number], { next: number }>(
        'SELECT max(ifnull((SELECT max(seq) FROM recent), 0), ifnull((SELECT max(seq) FROM entry), 0), ?) AS next',
      )
      .get(head)!;
    target
      .prepare('INSERT INTO entry (seq, at, by, kind, of, body) VALUES (?, ?, ?, ?, NULL, ?)')
      .run(next + POSITIONS_LEFT_FREE, atMs, 'hub', 'restored', JSON.stringify(restored));
    return { subject, atMs, damage, asideFile, restoredFromMs: restored.fromMs, salvaged };
  } finally {
    target.close();
  }
}

/** Carries over what can be read of the rows and entries after a position. Pages that cannot be read are skipped. */
function salvage(damagedFile: string, key: string, target: Database.Database, afterSeq: number): number {
  const copy = `${damagedFile}.reading`;
  let source: Database.Database | undefined;
  try {
    // A copy, because opening writes back what lies in the log beside it.
    for (const end of ['', '-wal']) if (existsSync(`${damagedFile}${end}`)) copyFileSync(`${damagedFile}${end}`, `${copy}${end}`);
    source = openDatabase(copy, key);
    const names = new Map(
      source
        .prepare<[], { number: number; id: string }>('SELECT number, id FROM device')
        .all()
        .map(({ number, id }) => [number, id]),
    );
    const rows = [...readRecent(source, afterSeq), ...readBlocks(source, afterSeq)].sort((a, b) => a.seq - b.seq);
    const devices = createDeviceNumbers(target);
    const recent = createRecent(target);
    let salvaged = 0;
    target.transaction(() => {
      for (const row of rows) {
        const id = names.get(row.device);
        if (id === undefined || recent.at(row.seq) !== undefined) continue;
        recent.add({ ...row, device: devices.numberOf(id) });
        salvaged++;
      }
      recent.save();
    })();
    return salvaged;
  } catch {
    // Nothing of it can be read: it stays aside as it is.
    return 0;
  } finally {
    source?.close();
    for (const end of ['', '-wal', '-shm']) rmSync(`${copy}${end}`, { force: true });
  }
}

function readRecent(source: Database.Database, afterSeq: number): Row[] {
  const one = source.prepare<[number], Row & { value: number | null }>(
    `SELECT seq, at AS atMs, device, boot, sequence, code, value, end_utc AS endMs, span AS spanMs, quality, hub_boot AS hubBoot,
       zone AS zoneMin, device_lead AS deviceLeadMs, doubt FROM recent WHERE seq > ? ORDER BY seq LIMIT 1`,
  );
  const rows: Row[] = [];
  let after = afterSeq;
  for (let failures = 0; failures < 20_000; ) {
    try {
      const row = one.get(after);
      if (row === undefined) break;
      rows.push({ ...row, value: row.value ?? Number.NaN });
      after = row.seq;
    } catch {
      // The page of the next row does not read: try behind it, a position at a time.
      after++;
      failures++;
    }
  }
  return rows;
}

function readBlocks(source: Database.Database, afterSeq: number): Row[] {
  const ids = source.prepare<[number], { id: number }>('SELECT id FROM block WHERE last_seq > ?').all(afterSeq);
  const one = source.prepare<[number], { code: number; device: number; body: Buffer }>('SELECT code, device, body FROM block WHERE id = ?');
  return ids.flatMap(({ id }) => {
    try {
      const block = one.get(id);
      return block === undefined ? [] : decodeBlock(block.body, block.device, block.code).filter(({ seq }) => seq > afterSeq);
    } catch {
      return [];
    }
  });
}
