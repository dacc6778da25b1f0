/** One hub for one data folder: two would both write to its databases. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { writeFileAtomic } from './files.ts';

export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  readonly url: string;
}

/** The hub that runs on this folder, or undefined: a file left behind by a power cut names a process that is gone. */
export function runningHub(data: string): Running | undefined {
  const file = `${data}/hub.json`;
  if (!existsSync(file)) return undefined;
  try {
    const running = JSON.parse(readFileSync(file, 'utf8')) as Running;
    // Process numbers are used again, after a power cut above all: the program must be a hub too.
    const isHub = readFileSync(`/proc/${running.pid}/cmdline`, 'utf8').includes('hub/main.ts');
    return isHub && running.pid !== process.pid ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Says where the hub is, for the command line. Returns how to take it back. */
export function announceHub(data: string, running: Running): () => void {
  writeFileAtomic(`${data}/hub.json`, JSON.stringify(running));
  return () => rmSync(`${data}/hub.json`, { force: true });
}
