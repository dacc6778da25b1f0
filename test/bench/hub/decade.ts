/**
 * The whole hub on ten years of data: how much longer it takes to the page than on none, and what its process holds in memory, idle and
 * after charts of all of it were looked at. Camera and edge are processes of their own and left out.
 */
import { readFileSync, rmSync } from 'node:fs';
import { newDataFolder } from '../../e2e/hub.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';
import { fillDecade } from '../store/decade.ts';
import { hubPid, IDLE_AFTER_MS, residentMb, start } from './start.ts';

const RUNS = 3;
const START_LIMIT_MS = 1000;
const MEMORY_LIMIT_MB = 120;
const DAYS = [1, 14, 400, 3650];
const DAY_MS = 86_400_000;

export async function rows(): Promise<BenchRow[]> {
  const [full, empty] = [newDataFolder(), newDataFolder()];
  try {
    const count = fillDecade(full);
    const times: { full: number; empty: number }[] = [];
    let idleMb = Number.NaN;
    let afterMb = Number.NaN;
    for (let run = 0; run <= RUNS; run++) {
      const none = await start(empty, '--no-edge');
      await none.stop();
      const hub = await start(full, '--no-edge');
      // The first start makes what a folder needs.
      if (run > 0) times.push({ full: hub.ms, empty: none.ms });
      if (run === RUNS) {
        await new Promise((resolve) => setTimeout(resolve, IDLE_AFTER_MS));
        idleMb = residentMb(hubPid(full));
        await lookAtCharts(full, hub.url);
        afterMb = residentMb(hubPid(full));
      }
      await hub.stop();
    }
    const moreMs = median(times.map((one) => one.full - one.empty));
    const wholeMs = median(times.map((one) => one.full));
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
      limit(`start to the page with ${(count / 1e6).toFixed(1)} million measurements, more than with none`, moreMs, 'ms', START_LIMIT_MS),
      limit('the same, from the command on', wholeMs, 'ms', 3 * START_LIMIT_MS),
      limit('hub process with them, idle', idleMb, 'MB resident', MEMORY_LIMIT_MB),
      limit('hub process with them, after charts of a day to ten years', afterMb, 'MB resident', MEMORY_LIMIT_MB),
    ];
  } finally {
    for (const folder of [full, empty]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function lookAtCharts(data: string, url: string): Promise<void> {
  const authorization = `Bearer ${readFileSync(`${data}/cli.token`, 'utf8').trim()}`;
  const toMs = Date.UTC(2025, 11, 1);
  for (const days of DAYS) {
    const query = new URLSearchParams({
      quantity: 'co2',
      from: new Date(toMs - days * DAY_MS).toISOString(),
      to: new Date(toMs).toISOString(),
      points: '2000',
    });
    const response = await fetch(`${url}/api/v1/series?${query}`, { headers: { authorization } });
    const points = ((await response.json()) as { points?: unknown[] }).points ?? [];
    if (!response.ok || points.length < 500) throw new Error(`a chart of ${days} days: ${response.status}, ${points.length} points`);
  }
}
