/**
 * Keeps a program of the hub's process tree running for ever: started again when it ends, each time after a longer wait
 * until it has run steadily, so that a program that cannot start costs nothing and one that crashed once is back at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../firmware/protocol/time.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 30_000;
/** A program that ran this long was well: its next end is a new trouble, not the same again. */
const STEADY_MS = 20_000;
/** Time to close files and devices after SIGTERM; then it is killed. */
const STOP_MS = 3000;
/** Enough of the last words to say why a program ended, never a growing log. */
const LAST_WORDS_BYTES = 2000;

export interface Program {
  /** For people: `video`, `scale`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProgramEvents {
  /** Standard output line by line. Not called when `onStart` takes the streams. */
  readonly onLine?: (line: string) => void;
  /** The program's own streams, for a caller that speaks bytes with it. */
  readonly onStart?: (streams: { stdin: Writable; stdout: Readable }) => void;
  /** It ended without being told to; it is started again after `waitMs`. */
  readonly onEnd?: (end: { readonly reason: string; readonly waitMs: number }) => void;
}

export interface Supervised {
  /** Undefined while it waits to be started again. */
  readonly pid: number | undefined;
  /** How often it was started again. */
  readonly restarts: number;
  /** Ends the program as it is, to be started afresh at once. */
  restart(): void;
  /** Settles once the signal was aborted and the program is gone. */
  readonly done: Promise<void>;
}

export function supervise(program: Program | (() => Program), events: ProgramEvents, clock: Clock, signal: AbortSignal): Supervised {
  let child: ChildProcess | undefined;
  let restarts = 0;
  let wanted = false;

  const runOnce = async (): Promise<string> => {
    const { command, args, env } = typeof program === 'function' ? program() : program;
    // A group of its own: Ctrl-C in a terminal reaches the hub alone, which then stops its programs in order.
    const [first, ...rest] = [...endsWithParent(), command, ...args];
    const running = spawn(first!, rest, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    child = running;
    let lastWords = '';
    running.stdin.on('error', () => undefined);
    running.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_BYTES);
    });
    if (events.onStart !== undefined) events.onStart({ stdin: running.stdin, stdout: running.stdout });
    else createInterface({ input: running.stdout }).on('line', (line) => events.onLine?.(line));
    const stop = (): void => endGroup(running);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await new Promise<string>((resolve) => {
        running.once('error', (error) => resolve(error.message));
        running.once('exit', (code, by) => resolve(describeEnd(code, by, lastWords)));
      });
    } finally {
      signal.removeEventListener('abort', stop);
      child = undefined;
    }
  };

  const run = async (): Promise<void> => {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      const startedMs = clock.monotonic();
      const reason = await runOnce();
      if (signal.aborted) return;
      if (wanted || clock.monotonic() - startedMs >= STEADY_MS) waitMs = FIRST_WAIT_MS;
      if (!wanted) events.onEnd?.({ reason, waitMs });
      wanted = false;
      restarts++;
      await clock.sleep(waitMs, signal).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  };

  const done = run();
  return {
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
    restart() {
      wanted = true;
      if (child !== undefined) endGroup(child);
    },
    done,
  };
}

/**
 * What a command line begins with so that the kernel ends the program when the hub is gone, however it went (prctl(2), PR_SET_PDEATHSIG):
 * one left behind would hold ports, databases and serial lines against the next hub. setpriv is of util-linux, which every Debian has.
 */
export const endsWithParent = (): string[] => (existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []);
const SETPRIV = '/usr/bin/setpriv';

/** SIGTERM to the program, then SIGKILL to its whole group, so that nothing it started is left behind. */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  child.kill('SIGTERM');
  const killGroup = (): void => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ESRCH: the group is already gone, which is what was wanted.
    }
  };
  const timer = setTimeout(killGroup, STOP_MS);
  child.once('exit', () => {
    clearTimeout(timer);
    killGroup();
  });
}

function describeEnd(code: number | null, by: NodeJS.Signals | null, lastWords: string): string {
  const how = by === null ? `exit code ${code}` : `signal ${by}`;
  const words = lastWords.trim().split('\n').at(-1) ?? '';
  return words === '' ? how : `${how}: ${words}`;
}
