/** How old the picture is when a browser on the same machine shows it: camera -> encoder -> WHIP -> edge -> WHEP -> page. */
import { rmSync } from 'node:fs';
import { ageOfPictures, drawnTime } from '../../e2e/bars-on-page.ts';
import { enter, newDataFolder, openBrowser, startHub, until } from '../../e2e/hub.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';

const FRAMES = 200;
const LIMIT_MS = 150;

export async function rows(): Promise<BenchRow[]> {
  const data = newDataFolder();
  const hub = await startHub(data);
  const browser = await openBrowser();
  try {
    const page = await enter(browser, hub.url);
    await until(async () => (await drawnTime(page)) !== undefined, 'a clock in the picture', 30_000);
    const ages = await ageOfPictures(page, FRAMES);
    const value = median(ages);
    return [
      {
        name: `picture, glass to glass (median of ${ages.length})`,
        value,
        unit: 'ms',
        against: `limit ${LIMIT_MS} ms`,
        ratio: value / LIMIT_MS,
        goal: 'ratio <= 1',
        holds: value <= LIMIT_MS,
      },
    ];
  } finally {
    await browser.close();
    await hub.stop('SIGTERM');
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
