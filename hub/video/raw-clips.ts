/**
 * What a camera of raw pictures saw, for clips: held in memory as it came, some pictures a second, and encoded only once there is a clip to
 * record, so that a room where nothing moves costs no encoding.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { endsWithParent } from '../ops/supervise.ts';
import type { AccessUnit } from './access-unit.ts';
import { PRE_ROLL_MS } from './clip-recorder.ts';
import { createFlvReader } from './flv.ts';

/** Of a clip of a raw camera: shows who and what, at 17 MB of memory for its pre-roll. */
export const RAW_CLIP_FPS = 10;
const BITS = 800_000;
/** An encoder that cannot keep up loses pictures, never memory. */
const MOST_WAITING_FRAMES = 3 * RAW_CLIP_FPS;

export interface RawClips {
  /** Each picture of the camera, as I420; not kept. */
  frame(frame: Uint8ClampedArray, nowMs: number): void;
  readonly isEncoding: boolean;
  /** Begins to encode, with what was held: how many pictures that is. */
  begin(): number;
  /** Lets the encoder finish what it has; the next pictures are held again. */
  end(): void;
  stop(): void;
}

/**
 * @param onUnit pictures as they come out of the encoder, with ms since the first that was held
 * @param onEnd the encoder has given its last
 */
export function startRawClips(
  size: { readonly width: number; readonly height: number },
  onUnit: (unit: AccessUnit) => void,
  onEnd: () => void,
): RawClips {
  const { width, height } = size;
  const frameBytes = (width * height * 3) / 2;
  const held: Buffer[] = [];
  const most = Math.ceil((PRE_ROLL_MS / 1000) * RAW_CLIP_FPS);
  let encoder: ChildProcess | undefined;
  let finishing: ChildProcess | undefined;
  let isStopped = false;
  let dueMs = Number.NEGATIVE_INFINITY;
  const start = (): ChildProcess => {
    const coding = ['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'];
    const rate = ['-b:v', String(BITS), '-maxrate', String(BITS), '-bufsize', String(BITS), '-g', String(RAW_CLIP_FPS)];
    const input = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'yuv420p',
      '-video_size',
      `${width}x${height}`,
      '-framerate',
      String(RAW_CLIP_FPS),
      '-i',
      '-',
    ];
    const output = ['-an', '-f', 'flv', '-flvflags', 'no_duration_filesize', '-flush_packets', '1', '-'];
    const [first, ...rest] = [...endsWithParent(), 'ffmpeg', '-loglevel', 'error', ...input, ...coding, ...rate, ...output];
    const program = spawn(first!, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
    const reader = createFlvReader();
    program.stdin.on('error', () => undefined);
    program.once('error', () => undefined);
    program.stdout.on('data', (chunk: Buffer) => {
      if (isStopped) return;
      for (const unit of reader.take(chunk)) onUnit(unit);
    });
    program.once('close', () => {
      if (encoder === program) encoder = undefined;
      if (finishing === program) finishing = undefined;
      if (!isStopped) onEnd();
    });
    return program;
  };
  return {
    get isEncoding() {
      return encoder !== undefined;
    },
    frame(frame, nowMs) {
      if (nowMs < dueMs) return;
      // On average at its rate, whatever the camera's is.
      dueMs = Math.max(dueMs, nowMs - 1000 / RAW_CLIP_FPS) + 1000 / RAW_CLIP_FPS;
      if (encoder?.stdin != null) {
        if (encoder.stdin.writableLength < MOST_WAITING_FRAMES * frameBytes + most * frameBytes) encoder.stdin.write(Buffer.from(frame));
        return;
      }
      // The oldest one's memory becomes the newest's.
      const buffer = held.length >= most ? held.shift()! : Buffer.allocUnsafeSlow(frameBytes);
      buffer.set(frame);
      held.push(buffer);
    },
    begin() {
      // One that still finishes would mix its pictures with the new ones.
      if (encoder !== undefined || finishing !== undefined) return 0;
      encoder = start();
      const before = held.splice(0);
      for (const frame of before) encoder.stdin?.write(frame);
      return before.length;
    },
    end() {
      finishing = encoder;
      encoder = undefined;
      finishing?.stdin?.end();
    },
    stop() {
      isStopped = true;
      encoder?.kill('SIGKILL');
      finishing?.kill('SIGKILL');
      held.length = 0;
    },
  };
}
