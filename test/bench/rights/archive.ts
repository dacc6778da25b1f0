/**
 * Ten years of a person as one archive: a weigh-in each morning, heart rate each minute of the night, steps each quarter of an hour of the
 * day. How long the archive takes, and how much memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { openPeople } from '../../../hub/people/people.ts';
import { partsOf, scopeOf } from '../../../hub/rights/archive/parts.ts';
import { writeArchive } from '../../../hub/rights/archive/write.ts';
import { createBlocks } from '../../../hub/store/blocks.ts';
import { openDatabase } from '../../../hub/store/database.ts';
import { keyOf } from '../../../hub/store/keys.ts';
import type { Row } from '../../../hub/store/row.ts';
import { openStore } from '../../../hub/store/store.ts';
import { createSummaries } from '../../../hub/store/summaries.ts';
import { FOLD_ROWS } from '../../../hub/store/vault.ts';
import type { BenchRow } from '../row.ts';

const DAYS = 3652;
const DAY_MS = 86_400_000;
const START = Date.UTC(2016, 0, 1);
const SUBJECT = 'person-1';
const MOST_S = 60;
const MOST_MB = 400;

function fill(file: string, key: string): number {
  const database = openDatabase(file, key);
  database.pragma('synchronous = OFF');
  const blocks = createBlocks(database, createSummaries(database));
  for (const device of ['scale-1', 'mat-1', 'tracker-1']) database.prepare('INSERT INTO device (id) VALUES (?)').run(device);
  const shared = { boot: 7, quality: 0, hubBoot: 1, zoneMin: 60, deviceLeadMs: null, doubt: 0 };
  const fold = database.transaction((some: readonly Row[]) => blocks.fold(some));
  let seq = 0;
  let rows: Row[] = [];
  const add = (
    device: number,
    quantity: 'weight' | 'fat_ratio' | 'heart_rate' | 'steps',
    value: number,
    endMs: number,
    spanMs: number,
  ): void => {
    seq++;
    rows.push({ ...shared, seq, sequence: seq, device, code: quantities[quantity].code, value, endMs, spanMs, atMs: endMs });
    if (rows.length < FOLD_ROWS) return;
    fold(rows);
    rows = [];
  };
  for (let day = 0; day < DAYS; day++) {
    const startMs = START + day * DAY_MS;
    for (let minute = 0; minute < 480; minute++)
      add(2, 'heart_rate', 52 + ((day * 7 + minute * 3) % 17), startMs + minute * 60_000, 60_000);
    add(1, 'weight', 72 + ((day * 13) % 31) / 10, startMs + 7 * 3_600_000, 0);
    add(1, 'fat_ratio', 21 + ((day * 11) % 23) / 10, startMs + 7 * 3_600_000, 0);
    for (let quarter = 0; quarter < 64; quarter++)
      add(3, 'steps', (day * quarter * 7) % 900, startMs + 8 * 3_600_000 + quarter * 900_000, 900_000);
  }
  if (rows.length > 0) fold(rows);
  database.close();
  return seq;
}

export async function rows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-archive-bench-'));
  try {
    const made = openStore(folder);
    made.vault(SUBJECT);
    made[Symbol.dispose]();
    const count = fill(`${folder}/vaults/${SUBJECT}.db`, keyOf(`${folder}/keys`, SUBJECT, false));
    const store = openStore(folder);
    const people = openPeople({ data: folder, store, zone: 'UTC', now: Date.now });
    const sources = { data: folder, store, people };
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const before = process.memoryUsage.rss();
    let bytes = 0;
    let peak = before;
    const archive = writeArchive(
      partsOf(sources, scopeOf(sources, SUBJECT, false), `${folder}/run/draft`, () => undefined),
      () => ({}),
    );
    for await (const chunk of archive) {
      bytes += (chunk as Buffer).length;
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    const seconds = (performance.now() - startMs) / 1000;
    const { user, system } = process.cpuUsage(startCpu);
    people[Symbol.dispose]();
    store[Symbol.dispose]();
    const row = (name: string, value: number, unit: string, most: number): BenchRow => ({
      name,
      value,
      unit,
      against: `limit ${most} ${unit}`,
      ratio: value / most,
      goal: 'ratio <= 1',
      holds: value <= most,
    });
    return [
      row(`archive of ten years, ${(count / 1e6).toFixed(1)} million values, ${Math.round(bytes / 2 ** 20)} MB`, seconds, 's', MOST_S),
      // What a machine with other work to do still says truly.
      row('the same in processor time, all threads', (user + system) / 1e6, 's', MOST_S),
      row('memory that it adds', (peak - before) / 2 ** 20, 'MB', MOST_MB),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
