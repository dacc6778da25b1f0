/** Which camera the home has, and the program that brings its pictures on standard output. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface Camera {
  readonly kind: 'v4l2' | 'rpicam' | 'rtsp' | 'file' | 'test';
  /** Where a USB camera is; empty of others. */
  readonly path?: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Raw I420, which is encoded here, or H.264 as the camera made it, which is passed through: in FLV, or bare (Annex B). */
  readonly gives: 'i420' | 'flv' | 'annex-b';
  readonly command: string;
  readonly args: readonly string[];
}

/** What a Pi 4 encodes as VP8 in software with a core to spare. */
const WIDTH = 640;
const HEIGHT = 360;
const FPS = 25;
/** What cameras encode by themselves. */
const OWN_WIDTH = 1280;
const OWN_HEIGHT = 720;
const OWN_FPS = 30;
/** Carried by the upload of most homes; sharp enough to know a face across a room. */
const OWN_BITS = 2_000_000;
/** A camera makes no key frame on request: two a second, so that who joins sees a picture well within a second. */
const framesToKey = (fps: number): number => Math.round(fps / 2);
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
const V4L2 = '/dev/v4l/by-id';
/** Flushed: else the end of each picture would wait in a buffer for the next. */
const raw = ['-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-flush_packets', '1', '-'] as const;
/** Nothing is held back: each picture is written when it is there. */
const atOnce = ['-loglevel', 'error', '-fflags', 'nobuffer', '-flags', 'low_delay'] as const;
const flv = ['-an', '-f', 'flv', '-flvflags', 'no_duration_filesize', '-flush_packets', '1', '-'] as const;
const size = { width: WIDTH, height: HEIGHT, fps: FPS } as const;
const ownSize = { width: OWN_WIDTH, height: OWN_HEIGHT, fps: OWN_FPS } as const;

/** The kinds of camera that a person may name, beside a device's path. */
export const cameraNames = ['test', 'test-h264', 'rpicam', '/dev/…', 'rtsp://…', 'file:/…'] as const;

/**
 * The camera that a person named, else a USB camera by its stable name, else the Pi's own, else a test picture. Undefined when the name is
 * none of {@link cameraNames}.
 */
export function findCamera(named?: string): Camera | undefined {
  if (named === undefined) return firstFound();
  if (named === 'test') return testCamera();
  if (named === 'test-h264') return encodedTestCamera();
  if (named === 'rpicam') return piCamera();
  if (/^rtsps?:\/\/\S+$/.test(named) && URL.canParse(named)) return networkCamera(named);
  if (named.startsWith('/dev/')) return usbCamera(named, named, formatOf(named));
  if (named.startsWith('file:') && existsSync(named.slice('file:'.length))) return fileCamera(named.slice('file:'.length));
  return undefined;
}

function firstFound(): Camera {
  const [usb] = usbCameras();
  if (usb !== undefined) return cameraAt(usb);
  if (hasPiCamera()) return piCamera();
  return testCamera();
}

/** USB cameras by their stable names, as they are plugged in now. */
function usbCameras(): string[] {
  if (!existsSync(V4L2)) return [];
  return readdirSync(V4L2)
    .filter((name) => name.endsWith('video-index0'))
    .sort();
}

function cameraAt(usb: string): Camera {
  const path = `${V4L2}/${usb}`;
  return usbCamera(path, usb.replace(/^usb-|-video-index0$/g, '').replaceAll('_', ' '), formatOf(path));
}

/**
 * The camera to change to because it was plugged in; undefined while the present one is to stay. One that was unplugged is waited for, as
 * long as no other takes its place.
 * @param plugged stable names of the USB cameras there are
 * @param at makes a camera of such a name
 */
export function pluggedIn(
  present: Camera,
  plugged: () => readonly string[] = usbCameras,
  at: (usb: string) => Camera = cameraAt,
): Camera | undefined {
  if (present.kind !== 'test' && present.kind !== 'v4l2') return undefined;
  const names = plugged();
  if (present.kind === 'v4l2' && names.some((name) => `${V4L2}/${name}` === present.path)) return undefined;
  const [first] = names;
  return first === undefined ? undefined : at(first);
}

/** What a USB camera's pictures come as: H.264 that it made, single JPEG pictures (more of them fit through a cable), or raw. */
export type UsbFormat = 'h264' | 'mjpeg' | 'raw';

/** What is encoded here: by the machine's cores and memory, so that a Zero 2 W keeps its breath and a Pi 5 shows more. */
export function sizeFor(cores: number, memoryBytes: number): { readonly width: number; readonly height: number; readonly fps: number } {
  if (memoryBytes < 2 ** 30) return { width: 480, height: 270, fps: 15 };
  return cores >= 4 && memoryBytes > 3.5 * 2 ** 30 ? { width: 960, height: 540, fps: FPS } : size;
}

export function usbCamera(path: string, name: string, format: UsbFormat, own = sizeFor(availableParallelism(), totalmem())): Camera {
  if (format !== 'h264') {
    const { width, height, fps } = own;
    // The camera gives what it can; the scaler makes of it what was asked.
    const asked = format === 'mjpeg' ? ['-input_format', 'mjpeg', '-framerate', String(fps)] : [];
    return {
      ...{ kind: 'v4l2', path, name, width, height, fps, gives: 'i420', command: 'ffmpeg' },
      args: ['-loglevel', 'error', '-f', 'v4l2', ...asked, '-i', path, '-vf', `scale=${width}:${height},fps=${fps}`, ...raw],
    };
  }
  const asked = ['-input_format', 'h264', '-video_size', `${OWN_WIDTH}x${OWN_HEIGHT}`, '-framerate', String(OWN_FPS)];
  return {
    kind: 'v4l2',
    path,
    name,
    ...ownSize,
    gives: 'flv',
    command: 'ffmpeg',
    args: [...atOnce, '-f', 'v4l2', ...asked, '-i', path, '-c', 'copy', ...flv],
  };
}

/** A film, again and again at its own pace: H.264 as it is, anything else decoded. */
export function fileCamera(path: string): Camera {
  const name = `Film ${path.split('/').at(-1)}`;
  const input = ['-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', path];
  const film = filmIn(path);
  if (film !== undefined)
    return { ...{ kind: 'file', name, ...film, gives: 'flv', command: 'ffmpeg' }, args: [...input, '-map', '0:v:0', '-c', 'copy', ...flv] };
  const scaled = ['-map', '0:v:0', '-vf', `scale=${WIDTH}:${HEIGHT},fps=${FPS}`];
  return { ...{ kind: 'file', name, ...size, gives: 'i420', command: 'ffmpeg' }, args: [...input, ...scaled, ...raw] };
}

/** Size and rate of a file of H.264; undefined when it is of another codec or cannot be read. */
function filmIn(path: string): { width: number; height: number; fps: number } | undefined {
  try {
    const asked = [
      '-v',
      'error',
      '-select_streams',
      'v:0',
      '-show_entries',
      'stream=codec_name,width,height,avg_frame_rate',
      '-of',
      'json',
    ];
    const { streams } = JSON.parse(
      execFileSync('ffprobe', [...asked, path], { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as { streams: { codec_name: string; width: number; height: number; avg_frame_rate: string }[] };
    const [stream] = streams;
    if (stream?.codec_name !== 'h264') return undefined;
    const [frames = 0, seconds = 1] = stream.avg_frame_rate.split('/').map(Number);
    return { width: stream.width, height: stream.height, fps: Math.round(frames / seconds) || FPS };
  } catch {
    return undefined;
  }
}

/** A camera of the home network. Its picture is whatever it was set to; the password in its URL is seen by users of this machine (`ps`). */
export function networkCamera(url: string): Camera {
  return {
    kind: 'rtsp',
    name: `Camera at ${new URL(url).hostname}`,
    ...ownSize,
    gives: 'flv',
    command: 'ffmpeg',
    // By TCP: a lost packet would stay in the picture until the next key frame.
    args: [...atOnce, '-rtsp_transport', 'tcp', '-i', url, '-c', 'copy', ...flv],
  };
}

/** Encoded by the Pi's own encoder up to Pi 4, by the CPU on a Pi 5. */
export function piCamera(): Camera {
  const encoding = [
    '--codec',
    'h264',
    '--profile',
    'baseline',
    '--level',
    '4',
    '--bitrate',
    String(OWN_BITS),
    '--intra',
    String(framesToKey(OWN_FPS)),
  ];
  const asked = ['--width', String(OWN_WIDTH), '--height', String(OWN_HEIGHT), '--framerate', String(OWN_FPS)];
  return {
    kind: 'rpicam',
    name: 'Pi camera',
    ...ownSize,
    gives: 'annex-b',
    command: 'rpicam-vid',
    args: ['-t', '0', '-n', '-v', '0', ...encoding, ...asked, '--inline', '--flush', '-o', '-'],
  };
}

/** A moving picture with the time of day in it, where there is no camera. */
export function testCamera(): Camera {
  return {
    kind: 'test',
    name: 'Test picture',
    ...size,
    gives: 'i420',
    command: 'ffmpeg',
    args: ['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${FPS}${clockOverlay()}`, ...raw],
  };
}

/** The same as a camera gives it that encodes by itself, with the time of each picture as bars in its lowest rows (see time-bars.ts). */
export function encodedTestCamera({ width, height, fps } = size as { width: number; height: number; fps: number }): Camera {
  const picture = `testsrc2=size=${width}x${height}:rate=${fps}${clockOverlay()}`;
  // One column for each bar, then as wide as the picture: bits of the milliseconds, then of the exclusive or of their bytes.
  const bit = (index: string): string => `mod(floor(ld(0)/pow(2,31-(${index}))),2)`;
  const check = `mod(${[0, 8, 16, 24].map((byte) => bit(`X-32+${byte}`)).join('+')},2)`;
  const bars = `color=size=40x2:rate=${fps},format=yuv420p,geq=lum='st(0,mod(floor(time(0)*1000),4294967296));16+219*if(lt(X,32),${bit('X')},${check})':cb=128:cr=128,scale=${width}:32:flags=neighbor`;
  return {
    kind: 'test',
    name: 'Test picture, encoded',
    width,
    height,
    fps,
    gives: 'flv',
    command: 'ffmpeg',
    args: [
      ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', `${picture}[p];${bars}[b];[p][b]overlay=0:${height - 32},format=yuv420p`],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'],
      ...['-b:v', String(OWN_BITS), '-maxrate', String(OWN_BITS), '-bufsize', String(OWN_BITS / 4), '-g', String(framesToKey(fps)), ...flv],
    ],
  };
}

function clockOverlay(): string {
  return existsSync(FONT)
    ? `,drawtext=fontfile=${FONT}:text='%{localtime\\:%T}':fontsize=64:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=12:x=(w-text_w)/2:y=(h-text_h)/2`
    : '';
}

/** ffmpeg lists what a V4L2 device gives, a line for each format: `[video4linux2…] Compressed: h264 : H.264 : 1280x720`. */
function formatOf(path: string): UsbFormat {
  try {
    execFileSync('ffmpeg', ['-hide_banner', '-f', 'v4l2', '-list_formats', 'all', '-i', path], {
      timeout: 5000,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return 'raw';
  } catch (error) {
    // It ends with an error by design, having listed them.
    const { stderr } = error as { stderr?: Buffer };
    return formatIn(stderr?.toString() ?? '');
  }
}

export const formatIn = (listing: string): UsbFormat =>
  /Compressed\s*:\s*h264\b/i.test(listing) ? 'h264' : /Compressed\s*:\s*mjpeg\b/i.test(listing) ? 'mjpeg' : 'raw';

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
