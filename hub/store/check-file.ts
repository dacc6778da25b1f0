/** Reads every page of a vault's file and says what is wrong, in a thread of its own: ten years take some seconds. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openDatabase } from './database.ts';

interface Asked {
  readonly file: string;
  readonly key: string;
}

/** What is wrong with the file; empty when nothing is. Each page's HMAC is checked as it is read, so one changed byte anywhere is found. */
export function checkFileNow(file: string, key: string): string[] {
  let database: ReturnType<typeof openDatabase> | undefined;
  try {
    database = openDatabase(file, key, { readonly: true });
    const rows = database.pragma('quick_check(5)') as { quick_check: string }[];
    return rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    database?.close();
  }
}

/** The same without keeping anybody waiting. */
export function checkFile(file: string, key: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { file, key } satisfies Asked, execArgv: [] });
    worker.once('message', (found: string[]) => resolve(found));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the check of ${file} ended with ${code}`)));
  });
}

const isAsked = (data: unknown): data is Asked => typeof data === 'object' && data !== null && 'file' in data && 'key' in data;
if (!isMainThread && parentPort !== null && isAsked(workerData)) parentPort.postMessage(checkFileNow(workerData.file, workerData.key));
