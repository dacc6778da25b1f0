/** How fast and how compactly a vault keeps measurements, beside plain SQLite with the same promise of durability in the same run. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import type { BenchRow } from '../row.ts';

const ROWS = 20_000;
const BATCH = 50;
const rowOf = (index: number): NewMeasurement => ({
  device: 'bench-scale',
  boot: 7,
  sequence: index,
  code: 1,
  value: 70 + (index % 100) / 10,
  endUtcMs: 1_767_225_600_000 + index * 60_000,
  spanMs: 2000,
  timeQuality: 'synced',
});
const batches = Array.from({ length: ROWS / BATCH }, (_, batch) =>
  Array.from({ length: BATCH }, (_, index) => rowOf(batch * BATCH + index + 1)),
);

export async function rows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
  const raw = new Database(`${folder}/raw.db`);
  raw.pragma('journal_mode = WAL');
  raw.pragma('synchronous = FULL');
  raw.exec(
    'CREATE TABLE log (device TEXT, boot INTEGER, sequence INTEGER, code INTEGER, value REAL, end_utc INTEGER, span INTEGER, quality INTEGER)',
  );
  const insert = raw.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const keep = raw.transaction((batch: readonly NewMeasurement[]) => {
    for (const one of batch) insert.run(one.device, one.boot, one.sequence, one.code, one.value, one.endUtcMs, one.spanMs, 0);
  });
  const rawStart = performance.now();
  for (const batch of batches) keep(batch);
  const rawRate = ROWS / ((performance.now() - rawStart) / 1000);
  raw.pragma('wal_checkpoint(TRUNCATE)');
  const rawBytes = statSync(`${folder}/raw.db`).size / ROWS;
  raw.close();

  const store = openStore(folder);
  const vault = store.vault('person-1');
  const start = performance.now();
  for (const batch of batches) await vault.commit(batch);
  const rate = ROWS / ((performance.now() - start) / 1000);
  const seriesStart = performance.now();
  vault.series({ quantity: 'weight', fromMs: 1_767_225_600_000, toMs: 1_767_225_600_000 + ROWS * 60_000, points: 500 });
  const seriesMs = performance.now() - seriesStart;
  store[Symbol.dispose]();
  const bytes = statSync(`${folder}/vaults/person-1.db`).size / ROWS;
  rmSync(folder, { recursive: true });
  return [
    {
      name: 'ingest, 50 a batch',
      value: rate,
      unit: 'rows/s',
      against: 'raw SQLite, same run',
      ratio: rate / rawRate,
      goal: 'ratio >= 0.1',
      holds: rate / rawRate >= 0.1,
    },
    {
      name: 'on disk, with rollups',
      value: bytes,
      unit: 'bytes/row',
      against: 'raw SQLite, same run',
      ratio: bytes / rawBytes,
      goal: 'ratio <= 5',
      holds: bytes / rawBytes <= 5,
    },
    {
      name: 'chart of 14 days',
      value: seriesMs,
      unit: 'ms',
      against: 'limit 20 ms',
      ratio: seriesMs / 20,
      goal: 'ratio <= 1',
      holds: seriesMs <= 20,
    },
  ];
}
