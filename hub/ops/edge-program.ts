/**
 * The embedded edge as a program of the hub's process tree. Its port is drawn once and kept over restarts, so that sync and
 * video find it again where it was.
 */
import { mkdirSync } from 'node:fs';
import type { Clock } from '../../firmware/protocol/time.ts';
import { secretIn } from './files.ts';
import { supervise } from './supervise.ts';

/** The program opens two databases and listens: well under a second on a Pi Zero 2; more means that it cannot. */
const START_MS = 15_000;

export interface EdgeProgram {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly token: string;
  readonly isRunning: () => boolean;
  readonly done: Promise<void>;
}

/** Resolves once the edge listens. Rejects when it does not within 15 s; it is tried on all the same. */
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
  const listening = Promise.withResolvers<number>();
  let port = 0;
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
        const said = portIn(line);
        if (said === undefined) return;
        port = said;
        running = true;
        listening.resolve(said);
      },
      onEnd({ reason, waitMs }) {
        running = false;
        onEnd(reason, waitMs);
      },
    },
    clock,
    signal,
  );
  const patience = new AbortController();
  const late = clock.sleep(START_MS, AbortSignal.any([patience.signal, signal])).then(
    () => Promise.reject(new Error(`the edge did not start within ${START_MS / 1000} s`)),
    () => undefined,
  );
  await Promise.race([listening.promise, late]);
  patience.abort();
  return { url: `http://127.0.0.1:${port}`, token, isRunning: () => running, done: supervised.done };
}

function portIn(line: string): number | undefined {
  try {
    const said: unknown = JSON.parse(line);
    const port = typeof said === 'object' && said !== null && 'listening' in said ? said.listening : undefined;
    return typeof port === 'number' ? port : undefined;
  } catch {
    return undefined;
  }
}
