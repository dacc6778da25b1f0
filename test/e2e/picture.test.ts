import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import t from 'tap';
import { BAR_ROWS, BARS, readTimeBars } from '../../hub/video/time-bars.ts';
import { dataFolder, enter, openBrowser, startHub, until } from './hub.ts';

/** Brightness of each bar of the frame that the page shows now. A text, since it runs in the browser. */
const barsOn = (page: Page): Promise<number[]> =>
  page.evaluate(`(() => {
    const video = document.querySelector('video');
    if (video === null || video.videoWidth === 0) return [];
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    const y = canvas.height - ${BAR_ROWS / 2};
    return Array.from({ length: ${BARS} }, (_, bar) => context.getImageData(((bar + 0.5) * canvas.width) / ${BARS}, y, 1, 1).data[1]);
  })()`);

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
  const clock = async (): Promise<number | undefined> => readTimeBars(await barsOn(page));
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
