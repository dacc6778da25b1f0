/**
 * How fast a vault keeps measurements beside plain SQLite with the same promise of durability, with the same table and with the same use,
 * and how much it writes to the card for one, beside a transaction for each with the indexes and summaries that charts would need.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3-multiple-ciphers';
import { GROUP_MS, TRICKLE_MS } from '../../../hub/ops/keeping.ts';
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
/** A minute of one measurement a second, in real time. */
const SECONDS = 60;
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

/** Keeps all batches, a transaction each, in a database of its own; rows/s. */
const rateOf = (open: (file: string) => Database.Database, writer: (database: Database.Database) => Keep): Promise<number> =>
  inFolder(async (folder) => {
    const database = open(`${folder}/peer.db`);
    const write = writer(database);
    const keep = database.transaction((batch: readonly NewMeasurement[]) => batch.forEach(write));
    const start = performance.now();
    for (const batch of batches) keep(batch);
    const rate = ROWS / ((performance.now() - start) / 1000);
    database.close();
    return rate;
  });
type Keep = (one: NewMeasurement) => void;

const openPlain = (file: string): Database.Database => {
  const plain = new Database(file);
  plain.pragma('journal_mode = WAL');
  plain.pragma('synchronous = FULL');
  return plain;
};
const openEncrypted = (file: string): Database.Database => openDatabase(file, 'ab'.repeat(32));

/** The vault's own table of recent rows, and nothing beside it. */
const rowsAlone = (database: Database.Database): Keep => {
  migrate(database, 'raw', () => undefined);
  const insert = database.prepare('INSERT INTO recent VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 0, 0, NULL, NULL, 0)');
  let seq = 0;
  return (one) => insert.run(++seq, START, one.boot, one.sequence, one.code, one.value, one.endUtcMs, one.spanMs);
};

/** Rows that are kept once, found by time, and summed up by minute, hour and day, as charts need it: what a vault does, by SQL alone. */
const rowsAndSummaries = (database: Database.Database): Keep => {
  migrate(database, 'plain', () => undefined, 2);
  database.exec("INSERT INTO device (id) VALUES ('bench-scale')");
  const insert = database.prepare('INSERT INTO log VALUES (?, 1, 7, ?, 1, ?, ?, 2000, 0)');
  const newest = database.prepare('INSERT OR REPLACE INTO newest VALUES (1, 1, ?, ?)');
  const rollup = database.prepare(
    'INSERT INTO rollup VALUES (?, 1, 1, ?, 1, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + excluded.sum',
  );
  return (one) => {
    insert.run(one.sequence, one.sequence, one.value, one.endUtcMs);
    newest.run(one.sequence, one.endUtcMs);
    for (const [level, width] of [60_000, 3_600_000, 86_400_000].entries())
      rollup.run(level, Math.floor(one.endUtcMs / width), one.value, one.value, one.value);
  };
};

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
    const plain = openEncrypted(`${folder}/plain.db`);
    const keep = plain.transaction(rowsAndSummaries(plain));
    plain.pragma('wal_checkpoint(TRUNCATE)');
    const before = written();
    for (let index = 1; index <= SINGLE; index++) keep(rowOf(index));
    plain.close();
    return (written() - before) / SINGLE;
  });

/** A measurement a second, as the hub keeps them, when the flushes that are free are used up. */
const trickleBytes = (): Promise<{ bytes: number; longestMs: number }> =>
  inFolder(async (folder) => {
    // What a new vault costs once is written back before.
    const made = openStore(folder);
    await made.vault('person-1').commit([rowOf(1_000_000)]);
    made[Symbol.dispose]();
    const store = openStore(folder, { groupMs: GROUP_MS, trickleMs: TRICKLE_MS });
    const vault = store.vault('person-1');
    for (let index = 1; index <= 10; index++) {
      const kept = vault.commit([rowOf(1_000_000 + index)]);
      vault.flush();
      await kept;
    }
    const before = written();
    const kept: Promise<number>[] = [];
    for (let index = 1; index <= SECONDS; index++) {
      const start = performance.now();
      kept.push(vault.commit([rowOf(index)]).then(() => performance.now() - start));
      await delay(1000);
    }
    const waits = await Promise.all(kept);
    store[Symbol.dispose]();
    return { bytes: (written() - before) / SECONDS, longestMs: Math.max(...waits) };
  });

const pacedBytes = (): Promise<{ bytes: number; waitMs: number }> =>
  inFolder(async (folder) => {
    const store = openStore(folder, { groupMs: GROUP_MS, trickleMs: TRICKLE_MS });
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
  const peers = [
    ['raw SQLite, same table, not encrypted, same run', () => rateOf(openPlain, rowsAlone)],
    ['raw SQLite, same table, same cipher, same run', () => rateOf(openEncrypted, rowsAlone)],
    ['raw SQLite, rows once with summaries, same cipher, same run', () => rateOf(openEncrypted, rowsAndSummaries)],
  ] as const;
  const rates: { own: number; peers: number[] }[] = [];
  for (let run = 0; run < RUNS; run++) {
    const own = await vaultRate();
    const others: number[] = [];
    for (const [, rate] of peers) others.push(await rate());
    rates.push({ own, peers: others });
  }
  const plain = median([await plainBytes(), await plainBytes(), await plainBytes()]);
  const { bytes: trickle, longestMs } = await trickleBytes();
  const { bytes: paced, waitMs } = await pacedBytes();
  const against = 'a transaction each, with indexes and summaries, same run';
  return [
    ...peers.map(([peer], index) => {
      const ratio = median(rates.map((run) => run.own / run.peers[index]!));
      return {
        name: 'durable ingest, 50 a batch',
        value: median(rates.map(({ own }) => own)),
        unit: 'rows/s',
        against: peer,
        ratio,
        goal: 'ratio >= 0.8',
        holds: ratio >= 0.8,
      };
    }),
    {
      name: 'written for a measurement, at 1/s',
      value: trickle,
      unit: 'bytes',
      against,
      ratio: plain / trickle,
      goal: 'times fewer >= 10',
      holds: plain / trickle >= 10,
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
      against: `limit ${TRICKLE_MS} ms, what a device has learnt to wait`,
      ratio: waitMs / TRICKLE_MS,
      goal: 'ratio <= 1',
      holds: waitMs <= TRICKLE_MS,
    },
    {
      name: 'acknowledged after at most, at 1/s',
      value: longestMs,
      unit: 'ms',
      against: `limit ${TRICKLE_MS} ms and a second's delay of this machine`,
      ratio: longestMs / (TRICKLE_MS + 1000),
      goal: 'ratio <= 1',
      holds: longestMs <= TRICKLE_MS + 1000,
    },
  ];
}
