/** How soon the page is there after `npm start` on a machine that is set up, and what the idle hub holds in memory, camera left out. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newDataFolder } from '../../e2e/hub.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';

const RUNS = 5;
const START_LIMIT_MS = 3000;
const MEMORY_LIMIT_MB = 120;
/** Devices are connected, the first check and backup of the data are over, and what they left was collected (hub/ops/settle.ts). */
export const IDLE_AFTER_MS = 100_000;
const launcher = fileURLToPath(new URL('../../../hardware/setup/launch.mjs', import.meta.url));

export interface Start {
  readonly ms: number;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** From the command to an answered page. */
export async function start(data: string, ...options: string[]): Promise<Start> {
  const fromMs = performance.now();
  const args = [launcher, 'start', '--data', data, '--port', '0', '--no-camera', ...options];
  const launch = spawn('node', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    launch.once('exit', (code) => reject(new Error(`the hub ended (${code}): ${said}`)));
    launch.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const link = /Open (http:\S+)/.exec(said)?.[1];
      if (link !== undefined) resolve(link);
    });
  });
  const page = await fetch(url);
  if (!page.ok || !(await page.text()).includes('<html')) throw new Error(`${url} answered ${page.status}`);
  return {
    ms: performance.now() - fromMs,
    url,
    async stop() {
      const ended = new Promise((resolve) => launch.once('exit', resolve));
      launch.kill('SIGTERM');
      await ended;
    },
  };
}

/** The hub's process, as it says itself. */
export const hubPid = (data: string): number => (JSON.parse(readFileSync(`${data}/hub.json`, 'utf8')) as { pid: number }).pid;

/** Resident memory of a process, MB (proc(5), VmRSS). */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

export async function rows(): Promise<BenchRow[]> {
  const data = newDataFolder();
  try {
    const times: number[] = [];
    let memoryMb = Number.NaN;
    for (let run = 0; run <= RUNS; run++) {
      const hub = await start(data);
      // The first start makes the data folder; the later ones are what everybody waits for.
      if (run > 0) times.push(hub.ms);
      if (run === RUNS) {
        await new Promise((resolve) => setTimeout(resolve, IDLE_AFTER_MS));
        memoryMb = residentMb(hubPid(data));
      }
      await hub.stop();
    }
    const startMs = median(times);
    return [
      {
        name: `second start to the page (median of ${RUNS})`,
        value: startMs,
        unit: 'ms',
        against: `limit ${START_LIMIT_MS} ms`,
        ratio: startMs / START_LIMIT_MS,
        goal: 'ratio <= 1',
        holds: startMs <= START_LIMIT_MS,
      },
      {
        name: 'idle hub process, no camera',
        value: memoryMb,
        unit: 'MB resident',
        against: `limit ${MEMORY_LIMIT_MB} MB`,
        ratio: memoryMb / MEMORY_LIMIT_MB,
        goal: 'ratio <= 1',
        holds: memoryMb <= MEMORY_LIMIT_MB,
      },
    ];
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
