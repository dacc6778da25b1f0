/**
 * Ten years of a room: CO2 and temperature each minute, with the noise and the resolution of their chip. What it weighs, how fast any
 * chart of it is, and how long and how large a process is that opens it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../../../hardware/virtual/random.ts';
import { createBlocks } from '../../../hub/store/blocks.ts';
import { openDatabase } from '../../../hub/store/database.ts';
import { keyOf } from '../../../hub/store/keys.ts';
import type { Row } from '../../../hub/store/row.ts';
import { openStore } from '../../../hub/store/store.ts';
import { createSummaries } from '../../../hub/store/summaries.ts';
import { FOLD_ROWS } from '../../../hub/store/vault.ts';
import { median as medianOf } from '../median.ts';
import type { BenchRow } from '../row.ts';

const YEARS = 10;
const MINUTES = YEARS * 525_960;
const START = Date.UTC(2016, 0, 1);
const END = START + MINUTES * 60_000;
const MINUTE_MS = 60_000;
const RUNS = 5;
/** Charts of spans from an hour to all ten years, anywhere in them, each asked for thrice. */
const SPANS = 60;
const SHORTEST_MS = 3_600_000;

/** A cheap sequence that looks random: Weyl's, with the golden ratio. */
const noise = (index: number): number => ((Math.imul(index, 2654435761) >>> 8) / 2 ** 24 - 0.5) * 2;
const dayWave = (minute: number): number => Math.sin((minute / 1440) * 2 * Math.PI);
const co2 = (minute: number): number => Math.round(700 + 250 * dayWave(minute) + 60 * Math.sin(minute / 37) + 4 * noise(minute));
/** As an SCD41 says it: 16 bits over 175 kelvin. */
const temperature = (minute: number): number => {
  const celsius = 21 + 1.5 * dayWave(minute + 300) + 6 * Math.sin((minute / 525_960) * 2 * Math.PI) + 0.03 * noise(minute * 3);
  return -45 + (175 * Math.round(((celsius + 45) / 175) * 65_535)) / 65_535;
};

/** Makes a data folder whose home vault has the ten years. Returns how many measurements. */
export function fillDecade(folder: string): number {
  const made = openStore(folder);
  made.vault('home');
  made[Symbol.dispose]();
  fill(`${folder}/vaults/home.db`, keyOf(`${folder}/keys`, 'home', false));
  return MINUTES * 2;
}

function fill(file: string, key: string): void {
  const database = openDatabase(file, key);
  database.pragma('synchronous = OFF');
  const blocks = createBlocks(database, createSummaries(database));
  database.exec("INSERT INTO device (id) VALUES ('air-1')");
  const shared = { device: 1, boot: 7, spanMs: 5000, quality: 0, hubBoot: 1, zoneMin: 60, deviceLeadMs: null, doubt: 0 };
  let seq = 0;
  let rows: Row[] = [];
  const fold = database.transaction((some: readonly Row[]) => blocks.fold(some));
  for (let minute = 0; minute < MINUTES; minute++) {
    const endMs = START + minute * MINUTE_MS + 20_000 + Math.round(noise(minute) * 15);
    for (const [code, value] of [
      [96, co2(minute)],
      [97, temperature(minute)],
    ] as const) {
      seq++;
      rows.push({ ...shared, seq, sequence: seq, code, value, endMs, atMs: endMs + 40 });
    }
    if (rows.length < FOLD_ROWS) continue;
    fold(rows);
    rows = [];
  }
  if (rows.length > 0) fold(rows);
  database.close();
}

export async function rows(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-decade-'));
  try {
    const count = fillDecade(folder);
    const bytes = statSync(`${folder}/vaults/home.db`).size / count;

    const store = openStore(folder);
    const vault = store.vault('home');
    const spans = [
      ['a day', 1],
      ['33 hours', 33 / 24],
      ['13 days', 13.8],
      ['a year', 365],
      ['five years', 1800],
      ['ten years', 3652],
    ] as const;
    const charts = spans.map(([name, days]) => {
      const times = Array.from({ length: RUNS }, (_, run) => {
        const toMs = END - run * 7 * 86_400_000;
        const start = performance.now();
        const points = vault.series({ quantity: 'temperature', fromMs: toMs - days * 86_400_000, toMs, points: 2000 });
        const ms = performance.now() - start;
        if (points.length < 1000) throw new Error(`a chart of ${name} has ${points.length} points`);
        return ms;
      });
      return { name, ms: medianOf(times) };
    });
    const random = createRandom(SPANS);
    const anywhere = Array.from({ length: SPANS }, () => {
      const longMs = SHORTEST_MS * ((END - START) / SHORTEST_MS) ** random.uniform();
      const toMs = START + longMs + random.uniform() * (END - START - longMs);
      const times = Array.from({ length: 3 }, () => {
        const start = performance.now();
        vault.series({ quantity: 'co2', fromMs: toMs - longMs, toMs, points: 2000 });
        return performance.now() - start;
      });
      return medianOf(times);
    });
    store[Symbol.dispose]();
    const opened = Array.from(
      { length: 3 },
      () =>
        JSON.parse(
          execFileSync(process.execPath, [fileURLToPath(new URL('open-store.mjs', import.meta.url)), folder], {
            encoding: 'utf8',
            timeout: 60_000,
          }),
        ) as { openMs: number; residentMb: number },
    );
    const limit = (name: string, value: number, unit: string, most: number): BenchRow => ({
      name,
      value,
      unit,
      against: `limit ${most} ${unit}`,
      ratio: value / most,
      goal: 'ratio <= 1',
      holds: value <= most,
    });
    return [
      limit(`at rest with summaries, ${(count / 1e6).toFixed(1)} million`, bytes, 'bytes/measurement', 16),
      ...charts.map(({ name, ms }) => limit(`chart of ${name}, 2,000 points`, ms, 'ms', 20)),
      limit(`slowest chart of ${SPANS} spans anywhere in it`, Math.max(...anywhere), 'ms', 20),
      limit('open ten years, newest values and a chart', medianOf(opened.map(({ openMs }) => openMs)), 'ms', 1000),
      limit('resident memory of that process', medianOf(opened.map(({ residentMb }) => residentMb)), 'MB', 120),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
