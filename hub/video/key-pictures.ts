/** Small grey pictures of an encoded camera: its key frames alone, decoded by a program of its own, a few a second. */
import { type ChildProcess, spawn } from 'node:child_process';
import { endsWithParent } from '../ops/supervise.ts';
import type { AccessUnit } from './access-unit.ts';
import { MOTION_CELLS, MOTION_HEIGHT, MOTION_WIDTH } from './motion.ts';

/** Two a second tell motion; a camera that makes nothing but key frames is not decoded whole. */
const EACH_MS = 300;
/** A decoder that cannot keep up loses pictures, never memory. */
const MOST_WAITING_BYTES = 4 * 2 ** 20;
const AGAIN_MS = 5000;
/** An access unit delimiter (ITU-T H.264, 7.3.2.4): by it the decoder knows that the picture before is whole. */
const DELIMITER = Buffer.from([0, 0, 0, 1, 9, 0xf0]);

const args = [
  ...['-loglevel', 'error', '-probesize', '32', '-analyzeduration', '0', '-fflags', 'nobuffer', '-flags', 'low_delay', '-threads', '1'],
  ...['-f', 'h264', '-i', '-', '-fps_mode', 'passthrough', '-vf', `scale=${MOTION_WIDTH}:${MOTION_HEIGHT}:flags=area`],
  ...['-pix_fmt', 'gray', '-f', 'rawvideo', '-flush_packets', '1', '-'],
];

export interface KeyPictures {
  /** Each picture of the camera; those that are no key frame are left alone. */
  unit(unit: AccessUnit, nowMs: number): void;
  /** Ends the decoder. */
  stop(): void;
}

/** @param onPicture {@link MOTION_CELLS} brightnesses; the buffer is used again */
export function startKeyPictures(onPicture: (grey: Uint8Array) => void): KeyPictures {
  let decoder: ChildProcess | undefined;
  let endedMs = Number.NEGATIVE_INFINITY;
  let sentMs = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  const start = (nowMs: number): ChildProcess => {
    const [first, ...rest] = [...endsWithParent(), 'ffmpeg', ...args];
    const program = spawn(first!, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
    const grey = new Uint8Array(MOTION_CELLS);
    let filled = 0;
    program.stdin.on('error', () => undefined);
    program.stdout.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const part = Math.min(MOTION_CELLS - filled, chunk.length - at);
        grey.set(chunk.subarray(at, at + part), filled);
        filled += part;
        at += part;
        if (filled < MOTION_CELLS) continue;
        filled = 0;
        if (!isStopped) onPicture(grey);
      }
    });
    const over = (): void => {
      if (decoder !== program) return;
      decoder = undefined;
      endedMs = nowMs;
    };
    program.once('error', over);
    program.once('exit', over);
    return program;
  };
  return {
    unit({ bytes, isKey }, nowMs) {
      if (!isKey || isStopped || nowMs - sentMs < EACH_MS) return;
      if (decoder === undefined) {
        if (nowMs - endedMs < AGAIN_MS) return;
        decoder = start(nowMs);
        endedMs = nowMs;
      }
      const { stdin } = decoder;
      if (stdin === null || stdin.writableLength > MOST_WAITING_BYTES) return;
      sentMs = nowMs;
      stdin.write(bytes);
      stdin.write(DELIMITER);
    },
    stop() {
      isStopped = true;
      decoder?.kill('SIGKILL');
    },
  };
}
