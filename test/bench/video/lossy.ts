/**
 * The two ways of a picture through a bad network between the home and its edge, in a real browser: what is shown, how long it stands
 * still, and what bitrate it settles at. The network is the seeded relay of test/hub/video/lossy-network.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { type Camera, encodedTestCamera, testCamera } from '../../../hub/sources/camera.ts';
import { openBrowser } from '../../e2e/hub.ts';
import { type Network, openLossyNetwork } from '../../hub/video/lossy-network.ts';
import { openEdge, openVideo, until } from '../../hub/video/stage.ts';
import type { BenchRow } from '../row.ts';

/** Senders find out within this what the network carries. */
const SETTLE_MS = 12_000;
const SPAN_MS = 15_000;
const SEED = 7;
/** Connected and a first picture. */
const BEGIN_WITHIN_MS = 20_000;
/** One way through one network, whatever happens: all of them take four minutes. */
const ROW_WITHIN_MS = 70_000;

const networks: readonly { readonly name: string; readonly network: Network; readonly limits: { freezePart: number; fps: number } }[] = [
  { name: 'clean', network: { loss: 0, jitterMs: 0 }, limits: { freezePart: 0.01, fps: 20 } },
  { name: '5 % loss, 200 ms jitter', network: { loss: 0.05, jitterMs: 200 }, limits: { freezePart: 0.15, fps: 15 } },
  { name: '300 kbit/s up', network: { loss: 0, jitterMs: 0, upBits: 300_000 }, limits: { freezePart: 0.1, fps: 10 } },
];
const ways: readonly { readonly name: string; readonly camera: () => Camera }[] = [
  { name: 'raw, VP8', camera: testCamera },
  { name: 'passed through, H.264', camera: () => encodedTestCamera() },
];

interface Shown {
  readonly frames: number;
  /** Of gaps between pictures that a person notices, also of the one that goes on. */
  readonly stillMs: number;
  readonly width: number;
}
type Measured = Shown & { readonly seconds: number; readonly upBits: number };
/** What never came is a picture that stood still all the time. */
const NOTHING: Measured = { frames: 0, stillMs: SPAN_MS, width: 0, seconds: SPAN_MS / 1000, upBits: 0 };

/** Watches in the page, and asks anew when it is let go or sees nothing, as the hub's own page does. `token()` is the bench's. */
const WATCH = `
  const [NOTICED_MS, AGAIN_MS] = [250, 4000];
  let [frames, stillMs, width, lastMs, askedMs] = [0, 0, 0, performance.now(), -Infinity];
  let connection;
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const stillSince = (nowMs) => (nowMs - lastMs > NOTICED_MS ? nowMs - lastMs : 0);
  const onFrame = (_, picture) => {
    video.requestVideoFrameCallback(onFrame);
    // Before the first picture the browser shows a black one of two by two.
    if (picture.width <= 2) return;
    const nowMs = performance.now();
    stillMs += stillSince(nowMs);
    [lastMs, width] = [nowMs, picture.width];
    frames++;
  };
  video.requestVideoFrameCallback(onFrame);
  window.shown = () => ({ frames, stillMs: stillMs + stillSince(performance.now()), width });
  const watch = async () => {
    connection?.close();
    const mine = (connection = new RTCPeerConnection());
    mine.addTransceiver('video', { direction: 'recvonly' });
    mine.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); video.play().catch(() => undefined); };
    await mine.setLocalDescription(await mine.createOffer());
    await new Promise((resolve) => {
      const look = () => mine.iceGatheringState === 'complete' && resolve();
      mine.onicegatheringstatechange = look;
      look();
    });
    const headers = { 'content-type': 'application/sdp', authorization: 'Bearer ' + (await token()) };
    const answer = await fetch('/v1/whep/home', { method: 'POST', headers, body: mine.localDescription.sdp });
    if (answer.ok) await mine.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  };
  setInterval(() => {
    const nowMs = performance.now();
    const isLost = connection === undefined || ['failed', 'closed'].includes(connection.connectionState);
    if (nowMs - askedMs < AGAIN_MS || (!isLost && nowMs - lastMs < AGAIN_MS)) return;
    askedMs = nowMs;
    watch().catch(() => undefined);
  }, 200);
`;

async function measure(camera: Camera, network: Network): Promise<Measured> {
  const ends: (() => unknown)[] = [];
  const folders: string[] = [];
  const stage = {
    teardown: (end: () => unknown) => void ends.unshift(end),
    testdir() {
      folders.push(mkdtempSync(`${tmpdir()}/hearth-lossy-`));
      return folders.at(-1)!;
    },
  } as unknown as import('tap').Test;
  try {
    const edge = await openEdge(stage);
    const lossy = await openLossyNetwork(edge.url, network, SEED);
    stage.teardown(() => lossy.close());
    const video = openVideo(stage, { ...edge, url: lossy.url }, stage.testdir({}), camera);
    const browser = await openBrowser();
    stage.teardown(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${edge.url}/healthz`);
    await page.exposeFunction('token', () => video.watchToken('bench'));
    await page.evaluate(`(() => {${WATCH}})()`);
    const shown = (): Promise<Shown> => page.evaluate<Shown>('window.shown()');
    await until(async () => (await shown()).frames > 0, 'a first picture', BEGIN_WITHIN_MS);
    await setTimeout(SETTLE_MS);
    const before = await shown();
    lossy.takeUpBits();
    const fromMs = performance.now();
    await setTimeout(SPAN_MS);
    const after = await shown();
    return {
      seconds: (performance.now() - fromMs) / 1000,
      frames: after.frames - before.frames,
      stillMs: after.stillMs - before.stillMs,
      width: after.width,
      upBits: lossy.takeUpBits(),
    };
  } finally {
    for (const end of ends) await end();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export async function rows(): Promise<BenchRow[]> {
  const all: BenchRow[] = [];
  for (const { name: net, network, limits } of networks)
    for (const { name: way, camera } of ways) {
      process.stderr.write(`  ${way}, ${net} …`);
      const late = new AbortController();
      const measured = await Promise.race([
        measure(camera(), network),
        setTimeout(ROW_WITHIN_MS, NOTHING, { signal: late.signal, ref: false }),
      ]).catch((error: unknown) => {
        process.stderr.write(` ${error instanceof Error ? error.message : error};`);
        return NOTHING;
      });
      late.abort();
      const { seconds, frames, stillMs, upBits, width } = measured;
      process.stderr.write(` ${Math.round(frames / seconds)} pictures a second, ${(stillMs / 1000).toFixed(1)} s still\n`);
      const row = (what: string, value: number, unit: string, limit: number, isMost: boolean): BenchRow => ({
        name: `${way}, ${net}: ${what}`,
        value,
        unit,
        against: `limit ${limit} ${unit}`,
        ratio: value / limit,
        goal: isMost ? 'ratio <= 1' : 'ratio >= 1',
        holds: isMost ? value <= limit : value >= limit,
      });
      all.push(
        row(`part of the time that the picture (${width} wide) stood still`, stillMs / 1000 / seconds, '', limits.freezePart, true),
        row('pictures shown', frames / seconds, '/s', limits.fps, false),
        row('bitrate through the line', upBits / seconds / 1000, 'kbit/s', (network.upBits ?? 5_000_000) / 1000, true),
      );
    }
  return all;
}
