/** Which camera the home has, and the program that brings its frames as raw I420 on standard output. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

export interface Camera {
  readonly kind: 'v4l2' | 'rpicam' | 'test';
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly command: string;
  readonly args: readonly string[];
}

/** What a Pi 4 encodes as VP8 in software with a core to spare. */
const WIDTH = 640;
const HEIGHT = 360;
const FPS = 25;
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
const V4L2 = '/dev/v4l/by-id';
const raw = ['-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'] as const;
const size = { width: WIDTH, height: HEIGHT, fps: FPS } as const;

/** A USB camera by its stable name, else the Pi's own, else a test picture. */
export function findCamera(): Camera {
  const [usb] = existsSync(V4L2)
    ? readdirSync(V4L2)
        .filter((name) => name.endsWith('video-index0'))
        .sort()
    : [];
  if (usb !== undefined) return usbCamera(`${V4L2}/${usb}`, usb.replace(/^usb-|-video-index0$/g, '').replaceAll('_', ' '));
  if (hasPiCamera()) return piCamera();
  return testCamera();
}

const usbCamera = (path: string, name: string): Camera => ({
  kind: 'v4l2',
  name,
  ...size,
  command: 'ffmpeg',
  // The camera gives what it can; the scaler makes of it what was asked.
  args: ['-loglevel', 'error', '-f', 'v4l2', '-i', path, '-vf', `scale=${WIDTH}:${HEIGHT},fps=${FPS}`, ...raw],
});

const piCamera = (): Camera => ({
  kind: 'rpicam',
  name: 'Pi camera',
  ...size,
  command: 'rpicam-vid',
  args: ['-t', '0', '-n', '--codec', 'yuv420', '--width', String(WIDTH), '--height', String(HEIGHT), '--framerate', String(FPS), '-o', '-'],
});

/** A moving picture with the time of day in it, where there is no camera. */
export function testCamera(): Camera {
  const clock = existsSync(FONT)
    ? `,drawtext=fontfile=${FONT}:text='%{localtime\\:%T}':fontsize=64:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=12:x=(w-text_w)/2:y=(h-text_h)/2`
    : '';
  return {
    kind: 'test',
    name: 'Test picture',
    ...size,
    command: 'ffmpeg',
    args: ['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${FPS}${clock}`, ...raw],
  };
}

/** `rpicam-hello --list-cameras` prints a numbered line for each camera. */
function hasPiCamera(): boolean {
  try {
    return /^\s*\d+\s*:/m.test(
      execFileSync('rpicam-hello', ['--list-cameras'], { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return false;
  }
}
