/** What sync costs on the wire and how fast a month offline is made up for; how fast an edge takes batches beside PostgreSQL's own COPY. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { systemClock } from '../../../firmware/clock.ts';
import type { MeasuredEntry } from '../../../hub/edge/entry.ts';
import { packOf } from '../../../hub/edge/pack.ts';
import { openPostgresStorage } from '../../../hub/edge/storage/postgres.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import type { EdgeStorage } from '../../../hub/edge/storage/storage.ts';
import { openStore } from '../../../hub/store/store.ts';
import { startSync } from '../../../hub/sync/sync.ts';
import { minutes } from '../../hub/edge/entries.ts';
import { noPostgres, startPostgres } from '../../hub/edge/postgres.ts';
import { startEdge, TOKEN } from '../../hub/sync/edge-process.ts';
import type { BenchRow } from '../row.ts';

/** Three quantities each minute of 30 days. */
const MONTH = 3 * 60 * 24 * 30;
const BATCH = 9000;
const INGEST = 90_000;
const GOAL_BYTES = 3;
const month = minutes(MONTH);

export async function rows(): Promise<BenchRow[]> {
  const found = [bytesOnTheWire(), await catchUp(), await ingestSqlite()];
  if (noPostgres() === false) found.push(await ingestPostgres());
  return found;
}

function bytesOnTheWire(): BenchRow {
  let bytes = 0;
  for (let from = 0; from < month.length; from += BATCH) {
    const entries = month.slice(from, from + BATCH);
    bytes += zstdCompressSync(JSON.stringify(packOf({ after: from, upTo: from + entries.length, entries }))).length;
  }
  const senml =
    gzipSync(
      JSON.stringify(
        month.slice(0, BATCH).map(({ device, code, value, endUtcMs }) => ({ n: `${device}/${code}`, t: endUtcMs / 1000, v: value })),
      ),
    ).length / BATCH;
  const value = bytes / month.length;
  return {
    name: 'wire, catch-up of minute data',
    value,
    unit: 'B/measurement',
    against: 'SenML and gzip, same data',
    ratio: value / senml,
    goal: `<= ${GOAL_BYTES} B`,
    holds: value <= GOAL_BYTES,
  };
}

async function catchUp(): Promise<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
  const store = openStore(folder);
  const stop = new AbortController();
  try {
    const vault = store.vault('home');
    for (let from = 0; from < month.length; from += 5000)
      await vault.commit(
        month.slice(from, from + 5000).map(({ device, boot, sequence, code, value, endUtcMs, spanMs, timeQuality }) => ({
          device,
          boot,
          sequence,
          code,
          value: value ?? Number.NaN,
          endUtcMs,
          spanMs,
          timeQuality,
        })),
      );
    await using edge = await startEdge({ folder: `${folder}/edge` });
    const began = performance.now();
    const sync = startSync({
      source: store,
      folder: `${folder}/sync`,
      targets: [],
      embedded: { url: edge.url.slice(0, -1), token: TOKEN },
      clock: systemClock,
      signal: stop.signal,
      random: Math.random,
    });
    while (sync.state()[0]!.lag > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const seconds = (performance.now() - began) / 1000;
    const { rows: arrived } = (await edge.storage.vaults('hub'))[0]!;
    stop.abort(new Error('done'));
    await sync.done;
    const goal = MONTH / 60;
    return {
      name: 'catch-up after a month offline, vault to edge',
      value: arrived / seconds,
      unit: 'measurements/s',
      against: `${(arrived / 1000).toFixed(0)}k in a minute`,
      ratio: arrived / seconds / goal,
      goal: 'ratio >= 1',
      holds: arrived === MONTH && arrived / seconds >= goal,
    };
  } finally {
    stop.abort(new Error('done'));
    store[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

const csvOf = (rows: readonly MeasuredEntry[]): string =>
  rows
    .map((row) => [1, row.seq, row.device, row.boot, row.sequence, row.code, row.value, row.endUtcMs, row.spanMs, 0].join(','))
    .join('\n');

async function ingest(storage: EdgeStorage): Promise<number> {
  const began = performance.now();
  for (let from = 0; from < INGEST; from += BATCH)
    await storage.take({ hub: 'hub', vault: 'home', after: from, upTo: from + BATCH, entries: month.slice(from, from + BATCH) });
  return INGEST / ((performance.now() - began) / 1000);
}

async function ingestSqlite(): Promise<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
  try {
    await using storage = openSqliteStorage(`${folder}/records.db`);
    const value = await ingest(storage);
    return {
      name: 'edge ingest, SQLite, durable',
      value,
      unit: 'measurements/s',
      against: 'limit 20,000',
      ratio: value / 20_000,
      goal: 'ratio >= 1',
      holds: value >= 20_000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside COPY of the same rows into a table of the same columns and key, by PostgreSQL's own client. */
async function ingestPostgres(): Promise<BenchRow> {
  const postgres = await startPostgres({ durable: true });
  const csv = join(tmpdir(), `hearth-copy-${process.pid}.csv`);
  try {
    await using storage = await openPostgresStorage(postgres.database('ingest'));
    const value = await ingest(storage);
    postgres.database('raw');
    const psql = (...commands: string[]): void => {
      const ran = spawnSync('psql', ['-q', '-h', postgres.folder, '-U', 'hearth', 'raw', ...commands.flatMap((one) => ['-c', one])], {
        encoding: 'utf8',
      });
      if (ran.status !== 0) throw new Error(ran.stderr);
    };
    psql(
      'CREATE TABLE entry (vault bigint, seq bigint, device text, boot bigint, sequence bigint, code integer, value double precision, end_ms bigint, span_ms bigint, quality smallint, PRIMARY KEY (vault, seq, end_ms))',
    );
    const files = Array.from({ length: INGEST / BATCH }, (_, index) => `${csv}.${index}`);
    for (const [index, file] of files.entries()) writeFileSync(file, csvOf(month.slice(index * BATCH, (index + 1) * BATCH)));
    const began = performance.now();
    psql(...files.map((file) => `\\copy entry FROM '${file}' CSV`));
    const copied = performance.now() - began;
    for (const file of files) rmSync(file);
    const peer = INGEST / (copied / 1000);
    return {
      name: 'edge ingest, PostgreSQL, durable',
      value,
      unit: 'measurements/s',
      against: 'COPY by psql, same rows and key',
      ratio: value / peer,
      goal: 'ratio >= 0.3',
      holds: value / peer >= 0.3,
    };
  } finally {
    await postgres.stop();
  }
}
