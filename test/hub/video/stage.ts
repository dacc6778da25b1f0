/** An edge on loopback, a camera that is a small test picture, and a viewer that counts what reaches it. */
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';
import type { Test } from 'tap';
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { systemClock } from '../../../firmware/clock.ts';
import type { IceServersFor } from '../../../hub/edge/ice-servers.ts';
import { openIdentity } from '../../../hub/edge/identity.ts';
import { createEdge } from '../../../hub/edge/server.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { offersSound, type VideoEngine } from '../../../hub/edge/video-engine.ts';
import { startIce } from '../../../hub/edge/werift-engine.ts';
import type { Way } from '../../../hub/edge/whip-sessions.ts';
import { type HomeVideo, startHomeVideo } from '../../../hub/ops/video-program.ts';
import type { ViewSession } from '../../../hub/people/view-sessions.ts';
import { type Camera, encodedTestCamera } from '../../../hub/sources/camera.ts';
import type { Microphone } from '../../../hub/sources/microphone.ts';
import type { CameraState } from '../../../hub/video/camera-state.ts';
import type { Clips } from '../../../hub/video/clips.ts';
import type { IceServer } from '../../../hub/video/ice-links.ts';
import { iceOf, parseSdpFragment, withIce } from '../../../hub/video/sdp-fragment.ts';
import type { Shutter } from '../../../hub/video/shutter.ts';
import { ownVideoEdge, type VideoEdge } from '../../../hub/video/video-edge.ts';

export const TOKEN = 'token-of-the-operator-of-this-edge';
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Small and slow: the tests are about what is sent, not about how much. */
export const rawCamera: Camera = {
  kind: 'test',
  name: 'Test picture',
  width: 160,
  height: 96,
  fps: 10,
  gives: 'i420',
  command: 'ffmpeg',
  args: ['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=10', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'],
};
export const encodedCamera: Camera = encodedTestCamera({ width: 320, height: 192, fps: 10 });

/** A tone after a second. */
export const tone: Microphone = {
  name: 'Tone',
  command: 'ffmpeg',
  args: [
    ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'aevalsrc=0.2*sin(2*PI*440*t)*between(t\\,1\\,2):s=48000'],
    ...['-f', 's16le', '-flush_packets', '1', '-'],
  ],
};

/** Awaits a condition, looking ten times a second. Rejects naming what it waited for. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > withinMs) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export interface TestEdge {
  readonly url: string;
  /** Of its signatures. */
  readonly key: JWK;
  now(): number;
  /** Moves its clock. */
  later(ms: number): void;
  close(): Promise<void>;
}

/** Closes an edge with what it keeps things in, when asked or at the test's end. */
export function closesOnce(t: Test, edge: { close(): Promise<unknown> }, storage: AsyncDisposable): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await edge.close();
      await storage[Symbol.asyncDispose]();
    })());
  t.teardown(close);
  return close;
}

/** @param engine what carries the video; left out: the edge's own */
export async function openEdge(t: Test, port = 0, engine?: VideoEngine, iceServers?: IceServersFor): Promise<TestEdge> {
  const folder = t.testdir({});
  const storage = openSqliteStorage(`${folder}/records.db`);
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const identity = await openIdentity(folder, 'home', now());
  const given = { ...(engine === undefined ? {} : { engine }), ...(iceServers === undefined ? {} : { iceServers }) };
  const edge = await createEdge({ storage, identity, token: TOKEN, now, ...given });
  await edge.listen({ host: '127.0.0.1', port });
  const close = closesOnce(t, edge, storage);
  return {
    url: `http://127.0.0.1:${(edge.server.address() as AddressInfo).port}`,
    key: identity.key,
    now,
    later(ms) {
      aheadMs += ms;
    },
    close,
  };
}

export interface TestVideo extends HomeVideo {
  /** Ends it as the hub's own end would. */
  stop(): Promise<void>;
  /** What was kept of its sessions, oldest first. */
  kept(): ViewSession[];
}

export function openVideo(
  t: Test,
  edge: TestEdge,
  data: string,
  camera: Camera = rawCamera,
  clips?: Clips,
  changed?: () => Camera | undefined,
  shutter?: Shutter,
  microphone?: Microphone,
  isSoundAgreed?: () => boolean,
): TestVideo {
  const stop = new AbortController();
  const states: CameraState[] = [];
  const kept = new Map<string, ViewSession>();
  const video = startHomeVideo({
    root,
    data,
    camera,
    edges: [ownVideoEdge({ url: edge.url, token: TOKEN, region: 'home' })],
    sessions: {
      keep: (session) => void kept.set(session.id, session),
      open: () => [...kept.values()].filter(({ until }) => until === null),
    },
    ...(clips === undefined ? {} : { clips }),
    ...(changed === undefined ? {} : { changed }),
    ...(shutter === undefined ? {} : { shutter }),
    ...(microphone === undefined ? {} : { microphone }),
    ...(isSoundAgreed === undefined ? {} : { isSoundAgreed }),
    onChange: (state) => states.push(state),
    clock: systemClock,
    signal: stop.signal,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await video.done;
  };
  t.teardown(end);
  return { ...video, stop: end, kept: () => [...kept.values()] };
}

export interface TestViewer {
  readonly status: number;
  packets(): number;
  soundPackets(): number;
  /** Whether the edge agreed to send it sound. */
  readonly hasSound: boolean;
  /** RTP payloads in the order they came, the first few thousand. */
  readonly payloads: readonly Buffer[];
  readonly location: string;
  /** Its entity tag: names the ICE session. */
  readonly tag: string;
  /** ICE servers that were named. */
  readonly link: string;
  readonly token: string;
  /** ICE user fragments of both sides that the pair of addresses in use was found by. */
  selected(): string;
  /** By what kind of address of its own it is connected: `host`, `relay`. */
  way(): string;
  /** Begins ICE anew (RFC 9725, 4.3.3): the offer, and what the answer's fragment says of it. */
  offerAgain(): Promise<string>;
  answerAgain(fragment: string): Promise<void>;
  close(): Promise<void>;
}

/** Watches by WHEP. */
export const watch = (t: Test, edge: TestEdge, token: string, takesSound = true): Promise<TestViewer> =>
  connectTo(t, edge, token, 'whep', 'home', [], takesSound);

/** Opens a session of WHEP as a browser does, or of WHIP as a camera that sends nothing yet. */
export async function connectTo(
  t: Test,
  edge: { readonly url?: string; readonly ask?: VideoEdge['ask'] },
  token: string,
  way: Way,
  camera: string,
  iceServers: readonly IceServer[] = [],
  takesSound = false,
): Promise<TestViewer> {
  const { ask = (method, path, headers, body) => fetch(`${edge.url}${path}`, { method, headers, body: body ?? null }) } = edge;
  const codec = (mimeType: string): RTCRtpCodecParameters =>
    new RTCRtpCodecParameters({ mimeType, clockRate: 90_000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] });
  const opus = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 });
  const connection = new RTCPeerConnection({
    iceServers: iceServers.map(({ url: urls, ...secret }) => ({ urls, ...secret })),
    bundlePolicy: 'max-bundle',
    codecs: { audio: [opus], video: [codec('video/VP8'), codec('video/H264')] },
  });
  t.teardown(() => connection.close());
  let packets = 0;
  const payloads: Buffer[] = [];
  connection.addTransceiver('video', { direction: way === 'whip' ? 'sendonly' : 'recvonly' }).onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe(({ payload }) => {
      packets++;
      if (payloads.length < 5000) payloads.push(Buffer.from(payload));
    });
  });
  let soundPackets = 0;
  if (takesSound)
    connection.addTransceiver('audio', { direction: 'recvonly' }).onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => {
        soundPackets++;
      });
    });
  await connection.setLocalDescription(await connection.createOffer());
  const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${token}` };
  const response = await ask('POST', `/v1/${way}/${camera}`, headers, connection.localDescription!.sdp);
  const answer = await response.text();
  if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  return {
    status: response.status,
    packets: () => packets,
    soundPackets: () => soundPackets,
    hasSound: offersSound(answer),
    payloads,
    location: response.headers.get('location') ?? '',
    tag: response.headers.get('etag') ?? '',
    link: response.headers.get('link') ?? '',
    selected() {
      const { localUsername, remoteUsername, nominated } = connection.iceTransports[0]!.connection;
      return nominated === undefined || connection.connectionState !== 'connected' ? '' : `${localUsername} ${remoteUsername}`;
    },
    way: () => connection.iceTransports[0]!.connection.nominated?.localCandidate.type ?? '',
    async offerAgain() {
      await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
      return connection.localDescription!.sdp;
    },
    async answerAgain(fragment) {
      const ice = iceOf(parseSdpFragment(fragment)!);
      const sdp = withIce(answer, { ...ice, ufrag: ice.ufrag!, pwd: ice.pwd! });
      await connection.setRemoteDescription({ type: 'answer', sdp });
      startIce(connection);
    },
    token,
    close: () => connection.close(),
  };
}

/** Watches until packets come, and asks anew after some seconds without one, as the page does. */
export async function see(t: Test, edge: TestEdge, video: HomeVideo, name: string): Promise<TestViewer> {
  for (;;) {
    const viewer = await watch(t, edge, await video.watchToken(name));
    // Its session is being opened anew.
    if (viewer.status === 404) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    const seen = await until(() => viewer.packets() > 0, 'packets', 6000).then(
      () => true,
      () => false,
    );
    if (seen) return viewer;
    await fetch(`${edge.url}${viewer.location}`, { method: 'DELETE', headers: { authorization: `Bearer ${viewer.token}` } });
  }
}

/** Command lines of all processes that came from a process. */
export function descendantsOf(pid: number): string[] {
  const parents = new Map<number, { parent: number; command: string }>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // A process that has ended and waits to be counted has no command line.
      if (command !== '') parents.set(Number(name), { parent, command });
    } catch {
      // It ended while we looked.
    }
  }
  const isOurs = (id: number): boolean => {
    const parent = parents.get(id)?.parent;
    return parent !== undefined && (parent === pid || isOurs(parent));
  };
  return [...parents].flatMap(([id, { command }]) => (isOurs(id) ? [command] : []));
}
