/**
 * TypeScript to JavaScript for the page, in a thread that ends when it is done: the parser is 20 MB of WebAssembly, which would stay in
 * the hub's memory for good after the first page.
 */
import { Worker } from 'node:worker_threads';

/** A page asks for its fifty files at once; a thread is begun in 50 ms on a small machine and must not be for each. */
const IDLE_MS = 2000;

interface Answer {
  readonly id: number;
  readonly code?: string;
  readonly message?: string;
}

const program = `
  const { parentPort } = require('node:worker_threads');
  const { stripTypeScriptTypes } = require('node:module');
  parentPort.on('message', ({ id, text }) => {
    try {
      parentPort.postMessage({ id, code: stripTypeScriptTypes(text) });
    } catch (error) {
      parentPort.postMessage({ id, message: error.message });
    }
  });
`;

/** A stripper that keeps its thread while it is asked. Rejects for what is no TypeScript, and when the thread dies. */
export function createTypeStripper(): (text: string) => Promise<string> {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let nextId = 0;
  const waiting = new Map<number, PromiseWithResolvers<string>>();

  const end = (): void => {
    void worker?.terminate();
    worker = undefined;
  };
  const begin = (): Worker => {
    const started = new Worker(program, { eval: true, execArgv: ['--disable-warning=ExperimentalWarning'] });
    started.on('message', ({ id, code, message }: Answer) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (code === undefined) asked?.reject(new Error(message));
      else asked?.resolve(code);
      if (waiting.size > 0) return;
      started.unref();
      idle = setTimeout(end, IDLE_MS).unref();
    });
    const failed = (error: Error): void => {
      if (worker === started) worker = undefined;
      for (const asked of waiting.values()) asked.reject(error);
      waiting.clear();
    };
    started.on('error', failed);
    started.on('exit', (code) => {
      if (worker === started) failed(new Error(`the thread that reads TypeScript ended with ${code}`));
    });
    return started;
  };

  return (text) => {
    clearTimeout(idle);
    worker ??= begin();
    worker.ref();
    const asked = Promise.withResolvers<string>();
    waiting.set(++nextId, asked);
    worker.postMessage({ id: nextId, text });
    return asked.promise;
  };
}
