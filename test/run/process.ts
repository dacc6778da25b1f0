/** Runs test files in a process and a folder for temporary files of their own. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Job } from './schedule.ts';

/** Who says nothing for so long is stopped: tap is told first, so that it can say what it waited for. */
const LONGEST_SILENCE_MS = 240_000;
const LAST_WORDS_MS = 10_000;
/** What a test stopped but nobody waited for, a browser above all, may take this long to be gone on a busy machine. */
const LINGER_MS = 20_000;
const MARK = 'HEARTH_TEST_FILE';

const together = fileURLToPath(new URL('together.ts', import.meta.url));

export interface Run {
  readonly output: string;
  /** Exit code 0 in time, and nothing of it runs on. */
  readonly endedWell: boolean;
  readonly tookMs: number;
}

/**
 * Runs the files of a job, with temporary files in `folder`, which is removed with all that the tests left in it. Processes that they started
 * and did not stop are stopped here and make the run a bad one. Resolves always; `signal` stops it early.
 */
export async function runFiles({ name, files }: Job, folder: string, signal: AbortSignal, { lingerMs = LINGER_MS } = {}): Promise<Run> {
  mkdirSync(folder, { recursive: true });
  const startMs = performance.now();
  const program = files.length === 1 ? files : [together, name];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // tap's own limit is one for all that a process runs; ours is one for silence.
    env: {
      ...process.env,
      TMPDIR: folder,
      TAP_TIMEOUT: String((LONGEST_SILENCE_MS / 1000) * files.length),
      [MARK]: folder,
      HEARTH_TEST_FILES: files.join('\n'),
    },
  });
  const notes: string[] = [];
  const silence = [
    setTimeout(() => {
      notes.push(`# stopped: it said nothing for ${LONGEST_SILENCE_MS / 1000} s`);
      child.kill('SIGALRM');
    }, LONGEST_SILENCE_MS),
    setTimeout(() => child.kill('SIGKILL'), LONGEST_SILENCE_MS + LAST_WORDS_MS),
  ];
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    for (const timer of silence) timer.refresh();
  });
  const ended = new Promise((resolve) => child.stdout.once('end', resolve));
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  // Not `close`, which a process that was left behind with our pipe in its hands would keep from coming.
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  for (const timer of silence) clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  const tookMs = performance.now() - startMs;

  const left = await stopWhatIsLeft(folder, lingerMs);
  // Whoever held the pipe is gone now, or never will be.
  await Promise.race([ended, later(LAST_WORDS_MS, undefined, { ref: false })]);
  child.stdout.destroy();
  for (const command of left) notes.push(`# left running: ${command}`);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (code !== 0) notes.push(`# ended with ${code === null ? 'a signal' : `code ${code}`}`);
  const output = [Buffer.concat(chunks).toString(), ...notes].join('\n');
  return { output, endedWell: code === 0 && left.length === 0, tookMs };
}

/** Stops the processes that carry the mark; those that were not about to end by themselves are returned by their command. */
async function stopWhatIsLeft(folder: string, lingerMs: number): Promise<string[]> {
  const untilMs = performance.now() + lingerMs;
  let left = marked(folder);
  while (left.length > 0 && performance.now() < untilMs) {
    await later(100);
    left = marked(folder);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself after all.
    }
  }
  // They hold files open until they are gone.
  for (let look = 0; left.length > 0 && look < 50 && marked(folder).length > 0; look++) await later(100);
  return left.map(({ command }) => command);
}

function marked(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const isOurs = readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0').includes(`${MARK}=${folder}`);
      if (!isOurs) return [];
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // One that has ended but was not waited for has no command.
      return command === '' ? [] : [{ pid: Number(entry), command }];
    } catch {
      return []; // It ended while we looked, or is somebody else's.
    }
  });
}
