/** The camera's program: started, and started again when it ends, hangs or writes what is no picture. */
import { spawn } from 'node:child_process';
import type { Clock } from '../../firmware/protocol/time.ts';
import { endsWithParent } from '../ops/supervise.ts';
import { type RetrySchedule, waitsOf } from '../sync/retry-schedule.ts';
import { type Intake, SILENT_MS } from './intake.ts';

/** A camera that gives no frame for so long hangs: a driver that lost its device does so for ever. */
export const STALL_MS = 3000;
/** The first picture takes longer: a camera of the network is found, a sensor finds its exposure. */
export const FIRST_PICTURE_MS = 10_000;
const CHECK_MS = 250;
/** A camera that was plugged in again is seen within seconds, one that is gone for weeks costs little. */
export const captureRetries: RetrySchedule = { firstMs: 500, longestMs: 4000, jitter: 0.2 };
const WORDS_BYTES = 500;

export interface CaptureOptions {
  readonly command: string;
  /** Asked anew for each start of the program. */
  readonly args: readonly string[];
  /** Anew for each start of the program. */
  readonly newIntake: () => Intake;
  readonly onTrouble: (message: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export interface Capture {
  /** Ends the program, to be started afresh: a camera begins with a key frame. */
  restart(): void;
  /** Settles once the signal was aborted and the program has ended: the camera is closed then. */
  readonly done: Promise<void>;
}

export function startCapture(options: CaptureOptions): Capture {
  const { command, newIntake, onTrouble, clock, random, signal } = options;
  let kill = (): void => undefined;
  let isWanted = false;
  let waits = waitsOf(captureRetries, random);

  const once = async (): Promise<void> => {
    // The kernel ends it with this program, however that ends: nothing may keep a camera open that nobody asked for.
    const [first, ...rest] = [...endsWithParent(), command, ...options.args];
    const program = spawn(first!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const intake = newIntake();
    let framedAtMs = clock.monotonic();
    let frames = 0;
    let words = '';
    let silence: NodeJS.Timeout | undefined;
    const count = (pictures: number): void => {
      if (pictures === 0) return;
      if (frames === 0) waits = waitsOf(captureRetries, random);
      frames += pictures;
      framedAtMs = clock.monotonic();
    };
    kill = () => void program.kill('SIGKILL');
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-WORDS_BYTES);
    });
    program.stdout.on('data', (chunk: Buffer) => {
      if (signal.aborted) return;
      try {
        count(intake.take(chunk));
      } catch (error) {
        words = error instanceof Error ? error.message : String(error);
        kill();
      }
      if (intake.silent === undefined) return;
      clearTimeout(silence);
      silence = setTimeout(() => count(intake.silent?.() ?? 0), SILENT_MS);
    });
    const ended = new AbortController();
    const exit = new Promise<string>((resolve) => {
      program.once('error', (error) => resolve(`${command} cannot run: ${error.message}`));
      program.once('exit', (code, by) => resolve(`${command} ended (${by ?? code}): ${words.trim().split('\n').at(-1) ?? ''}`));
    }).finally(() => ended.abort());
    const stop = (): void => kill();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    while (!ended.signal.aborted) {
      await clock.sleep(CHECK_MS, ended.signal).catch(() => undefined);
      const patienceMs = frames === 0 ? FIRST_PICTURE_MS : STALL_MS;
      if (ended.signal.aborted || clock.monotonic() - framedAtMs <= patienceMs) continue;
      words = `no picture for ${patienceMs / 1000} s`;
      kill();
      await exit;
    }
    signal.removeEventListener('abort', stop);
    clearTimeout(silence);
    const reason = await exit;
    if (!signal.aborted && !isWanted) onTrouble(reason);
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await once();
      const waitMs = isWanted ? 0 : waits.next().value;
      isWanted = false;
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  };
  return {
    restart() {
      isWanted = true;
      kill();
    },
    done: run(),
  };
}
