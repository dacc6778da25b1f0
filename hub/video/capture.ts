/** Raw frames from the camera's program, which is started again when it ends or stops giving frames. */
import { spawn } from 'node:child_process';
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Camera } from '../sources/camera.ts';

/** A camera that gives no frame for so long hangs: a driver that lost its device does so for ever. */
const STALL_MS = 3000;
const RESTART_MS = 1000;
const CHECK_MS = 500;

export interface CaptureOptions {
  readonly camera: Camera;
  /** One buffer, used again for each frame. */
  readonly onFrame: (frame: Uint8ClampedArray) => void;
  readonly onTrouble: (message: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Runs until the signal is aborted; by then the program has ended and the camera is closed. */
export async function captureFrames({ camera, onFrame, onTrouble, clock, signal }: CaptureOptions): Promise<void> {
  const frame = new Uint8ClampedArray((camera.width * camera.height * 3) / 2);
  const once = async (): Promise<void> => {
    const program = spawn(camera.command, camera.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let filled = 0;
    let framedAtMs = clock.monotonic();
    let words = '';
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-500);
    });
    program.stdout.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const part = Math.min(frame.length - filled, chunk.length - at);
        frame.set(chunk.subarray(at, at + part), filled);
        filled += part;
        at += part;
        if (filled < frame.length) continue;
        filled = 0;
        framedAtMs = clock.monotonic();
        onFrame(frame);
      }
    });
    const ended = new AbortController();
    const exit = new Promise<string>((resolve) => {
      program.once('error', (error) => resolve(`${camera.command} cannot run: ${error.message}`));
      program.once('exit', (code, by) => resolve(`${camera.command} ended (${by ?? code}): ${words.trim().split('\n').at(-1) ?? ''}`));
    }).finally(() => ended.abort());
    const kill = (): void => void program.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    while (!ended.signal.aborted) {
      await clock.sleep(CHECK_MS, ended.signal).catch(() => undefined);
      if (clock.monotonic() - framedAtMs > STALL_MS) {
        words = `no frame for ${STALL_MS / 1000} s`;
        kill();
        await exit;
      }
    }
    signal.removeEventListener('abort', kill);
    const reason = await exit;
    if (!signal.aborted) onTrouble(reason);
  };
  while (!signal.aborted) {
    await once();
    await clock.sleep(RESTART_MS, signal).catch(() => undefined);
  }
}
