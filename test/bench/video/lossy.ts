/**
 * The two ways of a picture through a bad network between the home and its edge, in a real browser: what is shown, how long it stands
 * still, and what bitrate it settles at. The network is the seeded relay of test/hub/video/lossy-network.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Camera, encodedTestCamera, testCamera } from '../../../hub/sources/camera.ts';
import { openBrowser } from '../../e2e/hub.ts';
import { type Network, openLossyNetwork } from '../../hub/video/lossy-network.ts';
import { openEdge, openVideo, until } from '../../hub/video/stage.ts';
import type { BenchRow } from '../row.ts';

/** Senders find out within this what the network carries. */
const SETTLE_MS = 15_000;
const SPAN_MS = 20_000;
const SEED = 7;
const MOST_WATCHES = 5;

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
  readonly frozenS: number;
  readonly bits: number;
  readonly width: number;
}

async function measure(camera: Camera, network: Network): Promise<Shown & { readonly seconds: number; readonly upBits: number }> {
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
    await until(async () => (await video.stream().catch(() => undefined))?.isPublished === true, 'published', 30_000);
    await page.evaluate(`window.watch = async (token) => {
      const connection = new RTCPeerConnection();
      connection.addTransceiver('video', { direction: 'recvonly' });
      const video = document.createElement('video');
      video.muted = true;
      document.body.append(video);
      connection.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); video.play(); };
      await connection.setLocalDescription(await connection.createOffer());
      await new Promise((resolve) => {
        const look = () => connection.iceGatheringState === 'complete' && resolve();
        connection.onicegatheringstatechange = look;
        look();
      });
      const headers = { 'content-type': 'application/sdp', authorization: 'Bearer ' + token };
      const answer = await fetch('/v1/whep/home', { method: 'POST', headers, body: connection.localDescription.sdp });
      if (!answer.ok) return;
      await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      window.shown = async () => {
        for (const row of (await connection.getStats()).values())
          if (row.type === 'inbound-rtp')
            return { frames: row.framesDecoded, frozenS: row.totalFreezesDuration, bits: row.bytesReceived * 8, width: row.frameWidth };
      };
    }`);
    // Whoever is let go because the camera came again asks again, as the page does.
    const shown = (): Promise<Shown | undefined> => page.evaluate<Shown | undefined>('window.shown?.()');
    const seen = async (): Promise<Shown | undefined> => {
      for (let asked = 0; asked < MOST_WATCHES; asked++) {
        const now = await shown();
        if (now !== undefined && now.frames > 0) return now;
        await page.evaluate(`window.watch('${await video.watchToken('bench')}')`);
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
      return undefined;
    };
    // What never came is a picture that stood still all the time.
    const nothing = { frames: 0, frozenS: SPAN_MS / 1000, bits: 0, width: 0, seconds: SPAN_MS / 1000, upBits: 0 };
    if ((await seen()) === undefined) return nothing;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const before = await seen();
    lossy.takeUpBits();
    const fromMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, SPAN_MS));
    const after = await seen();
    if (before === undefined || after === undefined) return nothing;
    return {
      seconds: (performance.now() - fromMs) / 1000,
      frames: after.frames - before.frames,
      frozenS: after.frozenS - before.frozenS,
      bits: after.bits - before.bits,
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
      const { seconds, frames, frozenS, upBits, width } = await measure(camera(), network);
      process.stderr.write(` ${Math.round(frames / seconds)} pictures a second, ${frozenS.toFixed(1)} s still\n`);
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
        row(`part of the time that the picture (${width} wide) stood still`, frozenS / seconds, '', limits.freezePart, true),
        row('pictures shown', frames / seconds, '/s', limits.fps, false),
        row('bitrate through the line', upBits / seconds / 1000, 'kbit/s', (network.upBits ?? 5_000_000) / 1000, true),
      );
    }
  return all;
}
