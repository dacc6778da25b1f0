/**
 * How fast a vault keeps measurements beside plain SQLite with the same table and the same promise of durability, and how much it writes to
 * the card for one, beside a transaction for each with the indexes and summaries that charts would need.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3-multiple-ciphers';
import { openDatabase } from '../../../hub/store/database.ts';
import { migrate } from '../../../hub/store/schema.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';

const ROWS = 20_000;
const BATCH = 50;
const RUNS = 3;
const SINGLE = 300;
const PACED = 400;
const PACE_MS = 10;
/** As hub/ops/keeping.ts sets it. */
const GROUP_MS = 150;
const START = 1_767_225_600_000;
const rowOf = (index: number): NewMeasurement => ({
  device: 'bench-scale',
  boot: 7,
  sequence: index,
  code: 1,
  value: 70 + (index % 100) / 10,
  endUtcMs: START + index * 60_000,
  spanMs: 2000,
  timeQuality: 'synced',
});
const batches = Array.from({ length: ROWS / BATCH }, (_, batch) =>
  Array.from({ length: BATCH }, (_, index) => rowOf(batch * BATCH + index + 1)),
);

/** Bytes that this process gave to the disk (proc(5): write_bytes), when all was written back. */
const written = (): number => Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-ingest-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const rawRate = (): Promise<number> =>
  inFolder(async (folder) => {
    const raw = new Database(`${folder}/raw.db`);
    raw.pragma('journal_mode = WAL');
    raw.pragma('synchronous = FULL');
    migrate(raw, 'raw', () => undefined);
    const insert = raw.prepare('INSERT INTO recent VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 0, 0, NULL, NULL, 0)');
    let seq = 0;
    const keep = raw.transaction((batch: readonly NewMeasurement[]) => {
      for (const one of batch) insert.run(++seq, START, one.boot, one.sequence, one.code, one.value, one.endUtcMs, one.spanMs);
    });
    const start = performance.now();
    for (const batch of batches) keep(batch);
    const rate = ROWS / ((performance.now() - start) / 1000);
    raw.close();
    return rate;
  });

const vaultRate = (): Promise<number> =>
  inFolder(async (folder) => {
    const store = openStore(folder);
    const vault = store.vault('person-1');
    const start = performance.now();
    for (const batch of batches) await vault.commit(batch);
    const rate = ROWS / ((performance.now() - start) / 1000);
    store[Symbol.dispose]();
    return rate;
  });

/** Bytes written for each measurement when each has a transaction of its own, with indexes and summaries kept in it. */
const plainBytes = (): Promise<number> =>
  inFolder(async (folder) => {
    const plain = openDatabase(`${folder}/plain.db`, 'ab'.repeat(32));
    migrate(plain, 'plain', () => undefined, 2);
    plain.exec("INSERT INTO device (id) VALUES ('bench-scale')");
    const insert = plain.prepare('INSERT INTO log VALUES (?, 1, 7, ?, 1, ?, ?, 2000, 0)');
    const newest = plain.prepare('INSERT OR REPLACE INTO newest VALUES (1, 1, ?, ?)');
    const rollup = plain.prepare(
      'INSERT INTO rollup VALUES (?, 1, 1, ?, 1, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + excluded.sum',
    );
    const keep = plain.transaction((one: NewMeasurement) => {
      insert.run(one.sequence, one.sequence, one.value, one.endUtcMs);
      newest.run(one.sequence, one.endUtcMs);
      for (const [level, width] of [60_000, 3_600_000, 86_400_000].entries())
        rollup.run(level, Math.floor(one.endUtcMs / width), one.value, one.value, one.value);
    });
    const before = written();
    for (let index = 1; index <= SINGLE; index++) keep(rowOf(index));
    plain.close();
    return (written() - before) / SINGLE;
  });

/** One after the other: what a measurement a second comes to. */
const singleBytes = (): Promise<number> =>
  inFolder(async (folder) => {
    const store = openStore(folder, { groupMs: GROUP_MS });
    const vault = store.vault('person-1');
    await vault.commit([rowOf(1_000_000)]);
    const before = written();
    for (let index = 1; index <= SINGLE; index++) {
      // Further apart than the window, as seconds are.
      const kept = vault.commit([rowOf(index)]);
      vault.flush();
      await kept;
    }
    store[Symbol.dispose]();
    return (written() - before) / SINGLE;
  });

const pacedBytes = (): Promise<{ bytes: number; waitMs: number }> =>
  inFolder(async (folder) => {
    const store = openStore(folder, { groupMs: GROUP_MS });
    const vault = store.vault('person-1');
    await vault.commit([rowOf(1_000_000)]);
    const before = written();
    const waits: number[] = [];
    const kept: Promise<void>[] = [];
    for (let index = 1; index <= PACED; index++) {
      const start = performance.now();
      kept.push(vault.commit([rowOf(index)]).then(() => void waits.push(performance.now() - start)));
      await delay(PACE_MS);
    }
    await Promise.all(kept);
    store[Symbol.dispose]();
    return { bytes: (written() - before) / PACED, waitMs: median(waits) };
  });

export async function rows(): Promise<BenchRow[]> {
  const rates: { raw: number; own: number }[] = [];
  for (let run = 0; run < RUNS; run++) rates.push({ raw: await rawRate(), own: await vaultRate() });
  const ratio = median(rates.map(({ raw, own }) => own / raw));
  const plain = median([await plainBytes(), await plainBytes(), await plainBytes()]);
  const single = median([await singleBytes(), await singleBytes(), await singleBytes()]);
  const { bytes: paced, waitMs } = await pacedBytes();
  const against = 'a transaction each, with indexes and summaries, same run';
  return [
    {
      name: 'durable ingest, 50 a batch',
      value: median(rates.map(({ own }) => own)),
      unit: 'rows/s',
      against: 'raw SQLite, same table, not encrypted, same run',
      ratio,
      goal: 'ratio >= 0.8',
      holds: ratio >= 0.8,
    },
    {
      name: 'written for a measurement, at 1/s',
      value: single,
      unit: 'bytes',
      against,
      ratio: plain / single,
      // A flush of its own writes a frame of the log beside the file, which lies across two blocks of 4 kB: with fewer than one
      // flush a measurement out of reach, the rest is what indexes and summaries would have cost.
      goal: 'times fewer >= 3',
      holds: plain / single >= 3,
    },
    {
      name: 'written for a measurement, at 100/s',
      value: paced,
      unit: 'bytes',
      against,
      ratio: plain / paced,
      goal: 'times fewer >= 10',
      holds: plain / paced >= 10,
    },
    {
      name: 'acknowledged after, at 100/s',
      value: waitMs,
      unit: 'ms',
      against: 'limit 250 ms, when a device sends again',
      ratio: waitMs / 250,
      goal: 'ratio <= 1',
      holds: waitMs <= 250,
    },
  ];
}
