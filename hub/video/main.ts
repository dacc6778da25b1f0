/**
 * The video program: camera -> WebRTC -> WHIP, in a process of its own, because the WebRTC engines are native and may crash. Settings in
 * HEARTH_VIDEO as JSON: `{"camera": Camera, "url": WHIP URL}`, perhaps `"seal": {"kid", "key"}`. Says its state as a JSON line on each change and every few seconds, and
 * `{"wants": "token"}` for each session, which is answered on standard input by `{"token": bearer}` or `{"refused": why}`.
 * `{"microphone": "off"}` on standard input ends the microphone of the settings, `"events"` lets it tell what stands out, `"live"` lets it be heard too.
 * `{"clips": place}` on standard input says where clips of events go, null that none are recorded; each is told as `{"clip": …}`.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../firmware/clock.ts';
import type { Camera } from '../sources/camera.ts';
import type { Microphone } from '../sources/microphone.ts';
import type { AccessUnit } from './access-unit.ts';
import { type Capture, startCapture } from './capture.ts';
import { type ClipPlace, startClipEvents } from './clip-events.ts';
import { argsAt, ownRate } from './encoder-rate.ts';
import { followRate, rateAt } from './follow-rate.ts';
import { annexBIntake, flvIntake, type Intake, rawIntake } from './intake.ts';
import { startListening } from './listening.ts';
import { createLiveSound, opusSound, rawSound } from './live-sound.ts';
import type { OpenPeer } from './peer.ts';
import { keepPublished, type PublisherState } from './publisher.ts';
import { createUnitSealer } from './sealed-unit.ts';
import { createPacketSealer, sframeKey, soundKid } from './sframe.ts';
import { WINDOW_MS } from './sound.ts';
import { drawTimeBars } from './time-bars.ts';
import { WhipError } from './whip.ts';

const REPORT_MS = 2000;
const TOKEN_WITHIN_MS = 5000;
/** A camera that makes its key frames seldom is started anew for a viewer that waits, but not for each one of a crowd. */
const KEY_FRAME_OLD_MS = 3000;
const RESTART_EACH_MS = 10_000;
/** Of a shorter time one picture makes up too much. */
const LEAST_SPAN_MS = 400;

const settings = JSON.parse(process.env.HEARTH_VIDEO ?? '{}') as {
  camera?: Camera;
  url?: string;
  seal?: { kid: string; key: string };
  microphone?: Microphone;
};
if (settings.camera === undefined || settings.url === undefined) {
  console.error('HEARTH_VIDEO must be {"camera", "url"}');
  process.exit(2);
}
const { camera, url, seal, microphone } = settings;
const { width, height, command, args } = camera;
const stop = new AbortController();
const { signal } = stop;
const now = (): number => systemClock.monotonic();
let frames = 0;
let publishing: PublisherState = { kind: 'connecting' };
let trouble = '';
let capture: Capture | undefined;
let keyFrameAtMs = now();
let restartedAtMs = Number.NEGATIVE_INFINITY;

const report = (fps: number): void => {
  const message = trouble !== '' ? trouble : 'message' in publishing ? publishing.message : '';
  const state = message !== '' ? 'fault' : publishing.kind === 'live' ? 'live' : 'starting';
  console.log(JSON.stringify({ state, fps, message }));
};
const seen = (): void => {
  frames++;
  if (trouble === '') return;
  trouble = '';
  report(camera.fps);
};

const clips = startClipEvents(
  camera,
  now,
  (clip) => console.log(JSON.stringify({ clip })),
  (error) => console.error(`a clip was not recorded: ${error instanceof Error ? error.message : error}`),
);

/** What the camera's own encoder makes, where it can be asked, and what it is asked for now. */
const mostBits = ownRate(camera);
let rate = rateAt(mostBits ?? 0, now());
let sentBits = 0;
let countedAtMs = now();
function onLost(part: number): void {
  const [spanMs, bits] = [now() - countedAtMs, sentBits];
  if (mostBits === undefined || spanMs < LEAST_SPAN_MS) return;
  countedAtMs = now();
  sentBits = 0;
  const before = rate.bits;
  rate = followRate(rate, part, (bits * 1000) / spanMs, mostBits, now());
  if (rate.bits !== before) capture?.restart();
}

let renewSession = (): void => undefined;
const sound = createLiveSound(() => renewSession());
const deaf = (message: string): void => console.log(JSON.stringify({ deaf: message }));

/** The engine of the way that this camera goes; the other is not loaded. */
async function way(): Promise<{ openPeer: OpenPeer; newIntake: () => Intake }> {
  if (camera.gives === 'i420') {
    const [{ default: wrtc }, { rawPeers }] = await Promise.all([import('wrtc'), import('./raw-peer.ts')]);
    const source = new wrtc.nonstandard.RTCVideoSource();
    const microphone = new wrtc.nonstandard.RTCAudioSource();
    sound.through(rawSound(microphone));
    const onFrame = (frame: Uint8ClampedArray): void => {
      seen();
      if (camera.kind === 'test') drawTimeBars(frame, width, height, Date.now());
      source.onFrame({ width, height, data: frame });
      clips.frame(frame, now());
    };
    return { openPeer: rawPeers(source.createTrack(), microphone.createTrack(), systemClock), newIntake: () => rawIntake(camera, onFrame) };
  }
  const { passThrough } = await import('./pass-through-peer.ts');
  let isKeyFrameWanted = false;
  const keyOf = (kid: bigint) => (seal === undefined ? undefined : sframeKey(Buffer.from(seal.key, 'base64url'), kid));
  const kid = BigInt(seal?.kid ?? 0);
  const [pictureKey, soundKey] = [keyOf(kid), keyOf(soundKid(kid))];
  const sealer = pictureKey === undefined ? undefined : createUnitSealer(pictureKey);
  const sealSound = soundKey === undefined ? (packet: Buffer) => packet : createPacketSealer(soundKey);
  const onWanted = (): void => {
    isKeyFrameWanted = true;
  };
  const through = passThrough(onWanted, systemClock, sealer, onLost);
  sound.through(opusSound((packet) => through.sendSound(sealSound(packet)), deaf, systemClock));
  const onUnit = (unit: AccessUnit): void => {
    seen();
    sentBits += unit.bytes.length * 8;
    if (unit.isKey) {
      keyFrameAtMs = now();
      isKeyFrameWanted = false;
    }
    through.send({ ...unit, atMs: now() });
    clips.unit(unit, now());
    // A wish stays until it is met: a viewer may ask but once.
    if (!isKeyFrameWanted || now() - keyFrameAtMs <= KEY_FRAME_OLD_MS || now() - restartedAtMs <= RESTART_EACH_MS) return;
    restartedAtMs = now();
    capture?.restart();
  };
  const newIntake = (): Intake => (camera.gives === 'flv' ? flvIntake(onUnit) : annexBIntake(now, onUnit));
  return { openPeer: through.open, newIntake };
}

const listening =
  microphone === undefined
    ? undefined
    : startListening({
        microphone,
        onSound: sound.frame,
        onLoud: (isLoud) => clips.sound(isLoud, now()),
        onEvent: ({ sinceMs, untilMs, peakDb }) =>
          console.log(JSON.stringify({ heard: { beganMsAgo: now() - sinceMs, lastsMs: untilMs - sinceMs + WINDOW_MS, peakDb } })),
        onTrouble: deaf,
        clock: systemClock,
        random: Math.random,
      });

const answers: ((line: string) => void)[] = [];
createInterface({ input: process.stdin }).on('line', (line) => {
  const said = JSON.parse(line) as { clips?: ClipPlace | null; microphone?: 'off' | 'events' | 'live' };
  if (said.microphone !== undefined) {
    // First it is heard no more, or the microphone begins.
    sound.set(microphone !== undefined && said.microphone === 'live');
    listening?.set(said.microphone !== 'off');
  } else if (said.clips === undefined) answers.shift()?.(line);
  else clips.place(said.clips, now());
});
/** A token of the hub for one session. */
async function token(): Promise<string> {
  const line = await new Promise<string>((resolve, reject) => {
    answers.push(resolve);
    setTimeout(() => reject(new WhipError('unreachable', 'the hub gave no token')), TOKEN_WITHIN_MS).unref();
    console.log(JSON.stringify({ wants: 'token' }));
  });
  const said = JSON.parse(line) as { token?: string; refused?: string };
  if (said.token === undefined) throw new WhipError('unreachable', said.refused ?? 'the hub gave no token');
  return said.token;
}

for (const name of ['SIGTERM', 'SIGINT'] as const)
  process.on(name, () => {
    stop.abort();
    sound.set(false);
    void listening?.stop();
    // What was being recorded is whole at once: a server that is slow to let go must not cost it.
    clips.place(null, now());
  });
const { openPeer, newIntake } = await way();
capture = startCapture({
  command,
  get args() {
    return rate.bits === (mostBits ?? 0) ? args : argsAt(camera, rate.bits);
  },
  newIntake() {
    clips.restart(now());
    return newIntake();
  },
  clock: systemClock,
  random: Math.random,
  signal,
  onTrouble(message) {
    trouble = message;
    report(0);
  },
});
const published = keepPublished({
  url,
  token,
  openPeer: (iceServers) => openPeer(iceServers, sound.isOn),
  onSession(renew) {
    renewSession = renew;
  },
  clock: systemClock,
  random: Math.random,
  signal,
  onState(next) {
    publishing = next;
    report(camera.fps);
  },
});
setInterval(() => {
  report((frames * 1000) / REPORT_MS);
  frames = 0;
}, REPORT_MS);
await Promise.all([capture.done, published]);
await listening?.stop();
// The engines' threads keep a process alive; after close() nothing is left to wait for.
process.exit(0);
