/** Runs one test file in a process, a folder for temporary files and a process family of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';

/** A file that takes longer is stopped: tap is told first, so that it can say what it waited for. */
const LONGEST_MS = 240_000;
const LAST_WORDS_MS = 10_000;
/** What a test stopped but nobody waited for, a browser above all, may take this long to be gone on a busy machine. */
const LINGER_MS = 20_000;
const MARK = 'HEARTH_TEST_FILE';

export interface FileRun {
  readonly output: string;
  /** Exit code 0 in time, and nothing of it runs on. */
  readonly endedWell: boolean;
  readonly tookMs: number;
}

/**
 * Runs `file` with temporary files in `folder`, which is removed with all that the test left in it. Processes that it started
 * and did not stop are stopped here and make the run a bad one. Resolves always; `signal` stops it early.
 */
export async function runFile(file: string, folder: string, signal: AbortSignal, { lingerMs = LINGER_MS } = {}): Promise<FileRun> {
  mkdirSync(folder, { recursive: true });
  const startMs = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder, TAP_TIMEOUT: String(LONGEST_MS / 1000), [MARK]: folder },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => child.stdout.once('end', resolve));
  const notes: string[] = [];
  const timers = [
    setTimeout(() => {
      notes.push(`# stopped: not done within ${LONGEST_MS / 1000} s`);
      child.kill('SIGALRM');
    }, LONGEST_MS),
    setTimeout(() => child.kill('SIGKILL'), LONGEST_MS + LAST_WORDS_MS),
  ];
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  // Not `close`, which a process that was left behind with our pipe in its hands would keep from coming.
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  for (const timer of timers) clearTimeout(timer);
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
