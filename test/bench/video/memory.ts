/** What the programs that carry the picture grow by in ten minutes of streaming to one browser, both ways at once, each through a whole hub. */
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { enter, newDataFolder, openBrowser, startHub, until } from '../../e2e/hub.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';
import { childOf, residentMb } from './process-tree.ts';

/** Before the first picture the browser shows a black one of two by two. */
const NO_PICTURE_WIDE = 2;
const BEGIN_WITHIN_MS = 60_000;
/** Buffers find their size, code is compiled. */
const WARM_MS = 90_000;
const SPAN_MS = 600_000;
const EACH_MS = 10_000;
/** What the collector of garbage lets a heap of this size swing by; a program that leaks each picture grows by more within a minute. */
const LIMIT_MB = 8;
const ways = [
  { camera: 'test', name: 'raw, VP8' },
  { camera: 'test-h264', name: 'passed through, H.264' },
] as const;

/** Median of the slopes between all pairs (Theil-Sen), which no single swing moves; per sample. */
function slope(samples: readonly number[]): number {
  return median(samples.flatMap((later, at) => samples.slice(0, at).map((earlier, before) => (later - earlier) / (at - before))));
}

export async function rows(): Promise<BenchRow[]> {
  const browser = await openBrowser();
  const ends: (() => Promise<unknown>)[] = [() => browser.close()];
  try {
    const programs: { readonly name: string; readonly pid: number; readonly samples: number[] }[] = [];
    for (const { camera, name } of ways) {
      const data = newDataFolder();
      const hub = await startHub(data, '--camera', camera);
      ends.push(async () => {
        await hub.stop('SIGTERM');
        rmSync(data, { recursive: true, force: true, maxRetries: 5 });
      });
      const page = await enter(browser, hub.url);
      const isSeen = (): Promise<boolean> =>
        page.evaluate<boolean>(`(document.querySelector('video')?.videoWidth ?? 0) > ${NO_PICTURE_WIDE}`);
      await until(isSeen, 'a picture', BEGIN_WITHIN_MS);
      const { pid } = JSON.parse(readFileSync(`${data}/hub.json`, 'utf8')) as { pid: number };
      programs.push({ name: `${name}: sender`, pid: childOf(pid, 'hub/video/main.ts'), samples: [] });
      programs.push({ name: `${name}: edge`, pid: childOf(pid, 'hub/edge/main.ts'), samples: [] });
    }
    await setTimeout(WARM_MS);
    for (let ms = 0; ms <= SPAN_MS; ms += EACH_MS) {
      for (const { pid, samples } of programs) samples.push(residentMb(pid));
      await setTimeout(EACH_MS);
    }
    return programs.map(({ name, samples }) => {
      const value = slope(samples) * (SPAN_MS / EACH_MS);
      return {
        name: `${name}: memory grows in ten minutes (of ${Math.round(samples.at(-1)!)} MB)`,
        ...{ value, unit: 'MB', against: `limit ${LIMIT_MB} MB`, ratio: value / LIMIT_MB, goal: 'ratio <= 1', holds: value <= LIMIT_MB },
      };
    });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
