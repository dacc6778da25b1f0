/**
 * The two ways of a picture from the camera to a browser on the same machine, side by side: raw and encoded here (wrtc, VP8), and encoded
 * by the camera and passed through (node-datachannel, H.264). The same test picture, 640x360 at 25 a second, through a whole hub.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { encodedTestCamera } from '../../../hub/sources/camera.ts';
import { rawIntake } from '../../../hub/video/intake.ts';
import { BAR_ROWS, BARS, readTimeBars } from '../../../hub/video/time-bars.ts';
import { ageOfPictures, drawnTime } from '../../e2e/bars-on-page.ts';
import { enter, newDataFolder, openBrowser, startHub, until } from '../../e2e/hub.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';
import { childOf, cpuMs, residentMb } from './process-tree.ts';

const FRAMES = 100;
const SPAN_MS = 6000;
const MORE_VIEWERS = 2;

interface Way {
  readonly camera: string;
  readonly name: string;
  readonly limits: { readonly ageMs: number; readonly cores: number; readonly mb: number };
}
const ways: readonly Way[] = [
  { camera: 'test', name: 'raw, VP8', limits: { ageMs: 150, cores: 0.5, mb: 250 } },
  { camera: 'test-h264', name: 'passed through, H.264', limits: { ageMs: 100, cores: 0.03, mb: 120 } },
];
const FIRST_FRAME_MS = 700;
const LIVE_VIEW_MS = 1000;
const OPENINGS = 3;
const BACK_MS = 5000;
const EDGE_CORES = 0.1;

/** Another viewer within the page, as the card makes one: ms from the offer to its first picture. */
const watchOnceMore = (page: Page): Promise<number> =>
  page.evaluate<number>(`(async () => {
    const fromMs = performance.now();
    const connection = new RTCPeerConnection();
    connection.addTransceiver('video', { direction: 'recvonly' });
    const video = document.createElement('video');
    video.muted = true;
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(performance.now() - fromMs)));
    connection.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); video.play(); };
    await connection.setLocalDescription(await connection.createOffer());
    await new Promise((resolve) => {
      const look = () => connection.iceGatheringState === 'complete' && resolve();
      connection.onicegatheringstatechange = look;
      look();
    });
    const answer = await fetch('/api/v1/camera/whep', { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: connection.localDescription.sdp });
    await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    window.more = [...(window.more ?? []), connection, video];
    return shown;
  })()`);

/** The page opened anew by somebody who is signed in: ms from its first byte asked for to the camera's first picture on it. */
async function openings(page: Page): Promise<number[]> {
  await page.addInitScript(`window.firstPicture = new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector('video');
      if (video === null) requestAnimationFrame(look);
      else video.requestVideoFrameCallback(() => resolve(performance.now()));
    };
    look();
  })`);
  const each: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    await page.reload();
    each.push(await page.evaluate<number>('window.firstPicture'));
  }
  return each;
}

/** How old a picture of the stand-in camera is before its encoder sees it, ms, median: a camera of glass has no such delay. */
async function ownDelayMs(): Promise<number> {
  const camera = encodedTestCamera();
  const untilEncoder = camera.args.slice(0, camera.args.indexOf('-c:v'));
  const program = spawn(camera.command, [...untilEncoder, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-flush_packets', '1', '-']);
  const ages: number[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      program.once('error', reject);
      const row = (camera.height - BAR_ROWS / 2) * camera.width;
      const intake = rawIntake(camera, (frame) => {
        const bars = Array.from({ length: BARS }, (_, bar) => frame[row + Math.floor(((bar + 0.5) * camera.width) / BARS)]!);
        const drawn = readTimeBars(bars);
        if (drawn !== undefined) ages.push((Date.now() % 2 ** 32) - drawn);
        if (ages.length >= FRAMES) resolve();
      });
      program.stdout.on('data', (chunk: Buffer) => intake.take(chunk));
    });
  } finally {
    program.kill('SIGKILL');
  }
  return median(ages.slice(FRAMES / 4));
}

async function coresOf(pid: number): Promise<number> {
  const [fromCpuMs, fromMs] = [cpuMs(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, SPAN_MS));
  return (cpuMs(pid) - fromCpuMs) / (performance.now() - fromMs);
}

async function measure({ camera, name, limits }: Way): Promise<BenchRow[]> {
  // The bars of raw pictures are drawn when they come out of the camera, those of encoded ones within it.
  const ownMs = camera === 'test' ? 0 : await ownDelayMs();
  const data = newDataFolder();
  const hub = await startHub(data, '--camera', camera);
  const browser = await openBrowser();
  const row = (what: string, value: number, unit: string, limit: number): BenchRow => ({
    name: `${name}: ${what}`,
    value,
    unit,
    against: `limit ${limit} ${unit}`,
    ratio: value / limit,
    goal: 'ratio <= 1',
    holds: value <= limit,
  });
  try {
    const page = await enter(browser, hub.url);
    await until(async () => (await drawnTime(page)) !== undefined, 'a clock in the picture', 30_000);
    const { pid } = JSON.parse(readFileSync(`${data}/hub.json`, 'utf8')) as { pid: number };
    const [sender, edge] = [childOf(pid, 'hub/video/main.ts'), childOf(pid, 'hub/edge/main.ts')];
    const ages = await ageOfPictures(page, FRAMES);
    const [senderCores, edgeCores] = await Promise.all([coresOf(sender), coresOf(edge)]);
    const memoryMb = residentMb(sender);
    const firstMs: number[] = [];
    for (let viewer = 0; viewer < MORE_VIEWERS; viewer++) firstMs.push(await watchOnceMore(page));
    const crowdedCores = await coresOf(edge);
    const liveMs = await openings(page);
    await until(async () => (await drawnTime(page)) !== undefined, 'a clock in the picture', 30_000);
    process.kill(sender, 'SIGKILL');
    const killedUtcMs = Date.now();
    await until(async () => ((await drawnTime(page)) ?? 0) > (killedUtcMs + 200) % 2 ** 32, 'the picture is back', 15_000);
    const backMs = Date.now() - killedUtcMs;
    return [
      ownMs === 0
        ? row(`glass to glass, median of ${ages.length}`, median(ages), 'ms', limits.ageMs)
        : row(
            `glass to glass, median of ${ages.length}, less ${ownMs} ms of the stand-in camera`,
            median(ages) - ownMs,
            'ms',
            limits.ageMs,
          ),
      row('CPU of the sender', senderCores, 'cores', limits.cores),
      row('memory of the sender', memoryMb, 'MB', limits.mb),
      row(`first picture of a viewer who joins, median of ${firstMs.length}`, median(firstMs), 'ms', FIRST_FRAME_MS),
      row(`live view of a page that is opened, median of ${liveMs.length}`, median(liveMs), 'ms', LIVE_VIEW_MS),
      row('picture back after the sender was killed', backMs, 'ms', BACK_MS),
      row('CPU of the edge for one more viewer', Math.max(0, crowdedCores - edgeCores) / MORE_VIEWERS, 'cores', EDGE_CORES),
    ];
  } finally {
    await browser.close();
    await hub.stop('SIGTERM');
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

export async function rows(): Promise<BenchRow[]> {
  const all: BenchRow[] = [];
  for (const way of ways) all.push(...(await measure(way)));
  return all;
}
