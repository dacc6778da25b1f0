import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import t from 'tap';
import { drawnTime } from './bars-on-page.ts';
import { dataFolder, enter, openBrowser, startHub, until } from './hub.ts';

const framesOf = (page: Page): Promise<number> =>
  page.evaluate(`document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames`);

/** The process that runs a program of this data folder's hub. */
function pidOf(parent: number, program: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const parentOf = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
      return parentOf === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program);
    } catch {
      return false;
    }
  });
  return found === undefined ? undefined : Number(found);
}

t.test('the page plays the camera: frames advance, the drawn clock is read; a killed video process comes back within 5 s', async (t) => {
  const hub = await startHub(dataFolder(t));
  const browser = await openBrowser();
  t.teardown(async () => {
    await browser.close();
    await hub.stop('SIGTERM');
  });
  const page = await enter(browser, hub.url);
  const clock = (): Promise<number | undefined> => drawnTime(page);
  await until(async () => (await clock()) !== undefined, 'a clock in the picture', 30_000);
  const first = (await clock())!;
  const frames = await framesOf(page);
  await until(async () => ((await clock()) ?? first) > first, 'the clock goes on', 5000);
  await until(async () => (await framesOf(page)) > frames, 'frames advance', 5000);
  const behindMs = (Date.now() % 2 ** 32) - (await clock())!;
  t.ok(behindMs >= 0 && behindMs < 2000, `the picture is ${behindMs} ms old`);

  const { pid } = JSON.parse(readFileSync(`${hub.data}/hub.json`, 'utf8')) as { pid: number };
  const video = pidOf(pid, 'hub/video/main.ts');
  t.ok(video !== undefined, 'the video program is a process of its own');
  const killedAt = Date.now();
  process.kill(video!, 'SIGKILL');
  const backSince = async (): Promise<boolean> => {
    const shown = await clock();
    return shown !== undefined && shown > (killedAt + 500) % 2 ** 32;
  };
  await until(backSince, 'the picture is back', 5000);
  const health = await hub.get<{ status: string; devices: { connected: boolean }[] }>('/healthz');
  t.equal(health.status, 'ok', 'the rest went on');
  t.ok(health.devices.every(({ connected }) => connected));
});
