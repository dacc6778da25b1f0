/**
 * The embedded edge as a program of the hub's process tree. Its port is drawn before it starts and kept over its restarts, so that sync and
 * video find it where it was, and a machine that is slow to start it delays nothing else.
 */
import { mkdirSync } from 'node:fs';
import type { Clock } from '../../firmware/protocol/time.ts';
import { secretIn } from './files.ts';
import { freePort } from './free-port.ts';
import { supervise } from './supervise.ts';

export interface EdgeProgram {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly token: string;
  readonly isRunning: () => boolean;
  readonly done: Promise<void>;
}

/** Starts the edge and keeps it running; whoever asks it before it listens tries again. */
export async function startEdgeProgram(options: {
  readonly root: string;
  readonly data: string;
  readonly region: string;
  readonly onEnd: (reason: string, waitMs: number) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<EdgeProgram> {
  const { root, data, region, onEnd, clock, signal } = options;
  mkdirSync(`${data}/edge`, { recursive: true });
  const token = secretIn(`${data}/edge.token`);
  const port = await freePort();
  let running = false;
  const supervised = supervise(
    () => ({
      name: 'edge',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', `${root}hub/edge/main.ts`],
      env: { HEARTH_EDGE_DIR: `${data}/edge`, HEARTH_EDGE_TOKEN: token, HEARTH_EDGE_PORT: String(port), HEARTH_EDGE_REGION: region },
    }),
    {
      onLine(line) {
        if (isListening(line)) running = true;
      },
      onEnd({ reason, waitMs }) {
        running = false;
        onEnd(reason, waitMs);
      },
    },
    clock,
    signal,
  );
  return { url: `http://127.0.0.1:${port}`, token, isRunning: () => running, done: supervised.done };
}

/** The edge's one line: `{"listening": port}`. */
function isListening(line: string): boolean {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null && 'listening' in said;
  } catch {
    return false;
  }
}
