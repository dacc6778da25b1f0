import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { drawnTime } from './bars-on-page.ts';
import { dataFolder, enter, openBrowser, startHub, until } from './hub.ts';
import { listen, untilHeard } from './tones-on-page.ts';

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

t.test('the page plays the camera: frames advance, its clock is read, the room is heard; a killed video process comes back', async (t) => {
  const hub = await startHub(dataFolder(t), '--microphone', 'test');
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
  await until(async () => ((await clock()) ?? first) > first, 'the clock goes on', 30_000);
  await until(async () => (await framesOf(page)) > frames, 'frames advance', 30_000);
  // How old a picture is at most, and how soon it is back, the bench says: here the machine may be busy.
  t.ok((await clock())! <= Date.now() % 2 ** 32, 'of a time that was');

  const badge = page.locator('camera-card .badge');
  await until(async () => (await badge.allTextContents()).join() === 'live', 'without sound', 30_000);
  await listen(page);
  await untilHeard(page);
  await until(async () => (await badge.allTextContents()).join() === 'live, with sound', 'it says so', 60_000);
  await page.getByRole('switch', { name: 'I agree that who watches hears the room' }).click();
  await until(async () => (await badge.allTextContents()).join() === 'live', 'taken back: the picture goes on without sound', 60_000);
  const { soundPackets } = await hub.get<{ soundPackets: number }>('/api/v1/camera/viewers');
  t.equal(soundPackets, 0, 'of a session that has none');

  const { pid } = JSON.parse(readFileSync(`${hub.data}/hub.json`, 'utf8')) as { pid: number };
  const video = pidOf(pid, 'hub/video/main.ts');
  t.ok(video !== undefined, 'the video program is a process of its own');
  const killedAt = Date.now();
  process.kill(video!, 'SIGKILL');
  const backSince = async (): Promise<boolean> => {
    const shown = await clock();
    return shown !== undefined && shown > (killedAt + 500) % 2 ** 32;
  };
  await until(backSince, 'the picture is back', 60_000);
  const health = await hub.get<{ status: string; devices: { connected: boolean }[] }>('/healthz');
  t.equal(health.status, 'ok', 'the rest went on');
  t.ok(health.devices.every(({ connected }) => connected));
});

/** An edge in Ireland as its operator runs it, by TLS; gives its address and a code for this hub. */
async function irishEdge(t: Test): Promise<{ url: string; code: string }> {
  const folder = dataFolder(t);
  const env = { ...process.env, HEARTH_EDGE_DIR: folder, HEARTH_EDGE_REGION: 'ireland', HEARTH_EDGE_NAMES: 'localhost,127.0.0.1' };
  const program = fileURLToPath(new URL('../../hub/edge/main.ts', import.meta.url));
  const { NODE_OPTIONS: _hooks, ...own } = { NODE_OPTIONS: '', ...env };
  const edge = spawn(process.execPath, [program], {
    env: { ...own, HEARTH_EDGE_TOKEN: 'token-of-the-operator-of-this-edge' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(edge, 'exit');
  t.teardown(async () => {
    edge.kill();
    await ended;
  });
  const [line] = (await once(createInterface({ input: edge.stdout! }), 'line')) as [string];
  const { listening } = JSON.parse(line) as { listening: number };
  const code = execFileSync(process.execPath, [program, 'code', 'attic'], { env: own, encoding: 'utf8' }).split('\n')[0]!;
  return { url: `https://127.0.0.1:${listening}`, code };
}

t.test(
  'a sealed picture and its sound go through an edge outside the home and are opened on the page; a browser that cannot is told so',
  async (t) => {
    const edge = await irishEdge(t);
    const data = dataFolder(t);
    writeFileSync(
      `${data}/hearth.yaml`,
      `continent: europe\nvideoEdges: [{ url: '${edge.url}', region: ireland, code: '${edge.code}' }]\n`,
    );
    const hub = await startHub(data, '--camera', 'test-h264', '--microphone', 'test', '--no-bluetooth');
    const browser = await openBrowser();
    t.teardown(async () => {
      await browser.close();
      await hub.stop('SIGTERM');
    });
    const page = await enter(browser, hub.url);
    await until(async () => (await drawnTime(page)) !== undefined, 'a clock in the opened picture', 60_000);
    t.match(await page.locator('camera-card').textContent(), /through ireland/);
    const { codec } = await hub.get<{ codec: string }>('/api/v1/camera/viewers');
    t.equal(codec, 'video/H264');
    await listen(page);
    await untilHeard(page);
    t.ok((await hub.get<{ soundPackets: number }>('/api/v1/camera/viewers')).soundPackets > 0, 'sealed sound is opened on the page, too');
    await page.addInitScript('delete window.RTCRtpScriptTransform');
    await page.reload();
    const says = page.locator('camera-card .veil');
    await until(async () => /sealed, and this browser cannot open it/.test((await says.allTextContents()).join()), 'it is said', 30_000);
  },
);
