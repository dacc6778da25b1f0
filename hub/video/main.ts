/**
 * The video program: camera -> WebRTC -> WHIP, in a process of its own, because the WebRTC engine is native and may crash. Settings in
 * HEARTH_VIDEO as JSON: `{"camera": Camera, "url": WHIP URL, "token": bearer}`. Says its state as a JSON line on each change and
 * every few seconds.
 */
import wrtc from 'wrtc';
import { systemClock } from '../../firmware/clock.ts';
import type { Camera } from '../sources/camera.ts';
import { captureFrames } from './capture.ts';
import { keepPublished } from './publisher.ts';
import { drawTimeBars } from './time-bars.ts';

const REPORT_MS = 2000;

const settings = JSON.parse(process.env.HEARTH_VIDEO ?? '{}') as { camera?: Camera; url?: string; token?: string };
if (settings.camera === undefined || settings.url === undefined || settings.token === undefined) {
  console.error('HEARTH_VIDEO must be {"camera", "url", "token"}');
  process.exit(2);
}
const { camera, url, token } = settings;
const { width, height } = camera;
const stop = new AbortController();
const source = new wrtc.nonstandard.RTCVideoSource();
let frames = 0;
let state: { kind: string; message?: string } = { kind: 'connecting' };
let trouble = '';

const report = (fps: number): void => {
  const isDark = trouble !== '';
  const kind = isDark || state.kind === 'fault' ? 'fault' : state.kind === 'live' ? 'live' : 'starting';
  console.log(JSON.stringify({ state: kind, fps, width, height, message: isDark ? trouble : (state.message ?? ''), name: camera.name }));
};
const capturing = captureFrames({
  camera,
  clock: systemClock,
  signal: stop.signal,
  onTrouble(message) {
    trouble = message;
    report(0);
  },
  onFrame(frame) {
    trouble = '';
    frames++;
    if (camera.kind === 'test') drawTimeBars(frame, width, height, Date.now());
    source.onFrame({ width, height, data: frame });
  },
});
const publishing = keepPublished({
  endpoint: { url, token },
  track: source.createTrack(),
  clock: systemClock,
  signal: stop.signal,
  onState(next) {
    state = next;
    report(camera.fps);
  },
});
setInterval(() => {
  report((frames * 1000) / REPORT_MS);
  frames = 0;
}, REPORT_MS);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
await Promise.all([capturing, publishing]);
// The engine's threads keep a process alive; after close() nothing is left to wait for.
process.exit(0);
