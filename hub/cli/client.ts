/** Calls from the command line to the hub that runs on the same data folder. */
import { readFileSync } from 'node:fs';
import { runningHub } from '../ops/single.ts';

export const exitCodes = { ok: 0, refused: 1, usage: 2, notRunning: 3, degraded: 4 } as const;

export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Client {
  /** Parsed JSON of an answer. Throws {@link CliError} when the hub refuses; 503 of /healthz is an answer. */
  get(path: string): Promise<unknown>;
  post(path: string, body?: object): Promise<unknown>;
  put(path: string, body: object): Promise<unknown>;
  delete(path: string): Promise<unknown>;
  /** The answer's body as it comes. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>;
  /** Sends bytes, or an object as JSON, and gives the answer as it is. Throws {@link CliError} when the hub refuses. */
  raw(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object | Uint8Array<ArrayBuffer>): Promise<Response>;
}

/** Throws {@link CliError} 3 when no hub runs there. */
export function connect(data: string): Client {
  const running = runningHub(data);
  if (running === undefined)
    throw new CliError(exitCodes.notRunning, `no hub runs on ${data}: start it with 'npm start', or name its folder with --data`);
  let token: string;
  try {
    token = readFileSync(`${data}/cli.token`, 'utf8').trim();
  } catch {
    throw new CliError(exitCodes.refused, `${data}/cli.token cannot be read: run this as the user of the hub`);
  }
  return clientOf(running, token);
}

/** Asks a hub on this machine that is known to run. */
export function clientOf({ port, pid }: { readonly port: number; readonly pid: number }, token: string): Client {
  const call = async (method: string, path: string, body?: object | Uint8Array<ArrayBuffer>): Promise<Response> => {
    const isBytes = body instanceof Uint8Array;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new CliError(
        exitCodes.notRunning,
        `the hub of process ${pid} does not answer: ${error instanceof Error ? error.message : error}`,
      );
    });
    if (response.ok || path === '/healthz') return response;
    const { error } = (await response.json().catch(() => ({}))) as { error?: { message: string; remedy: string } };
    throw new CliError(exitCodes.refused, error === undefined ? `the hub answered ${response.status}` : `${error.message} ${error.remedy}`);
  };
  return {
    get: async (path) => (await call('GET', path)).json(),
    post: async (path, body) => (await call('POST', path, body)).json(),
    put: async (path, body) => (await call('PUT', path, body)).json(),
    delete: async (path) => (await call('DELETE', path)).json(),
    raw: call,
    async stream(path) {
      const { body } = await call('GET', path);
      if (body === null) throw new CliError(exitCodes.refused, 'the hub sent nothing');
      return body;
    },
  };
}
