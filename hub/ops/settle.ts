/**
 * Gives back what a start leaves behind. Loading some hundred modules makes garbage that the engine sees no reason to collect in a process
 * that allocates little afterwards: some 10 MB would stay resident for months. Needs `--expose-gc`, as `npm start` gives it; else nothing.
 */
import type { Clock } from '../../firmware/protocol/time.ts';

/** Devices are connected and the first page is open by then. */
const FIRST_MS = 10_000;
/** A minute and a half after the start the first check of the data is over, and the first backup (upkeep.ts). */
const SECOND_MS = 80_000;
/** Pages that were opened and exports that were made leave something too. A collection takes some tenths of a second on a Pi. */
const AGAIN_MS = 6 * 3_600_000;

/** Node's `global.gc` of V8 13: `last-resort` also drops compiled code that was not used of late, and gives free pages back. */
type Collect = (options: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => Promise<void>;

export async function settleMemory(clock: Clock, signal: AbortSignal): Promise<void> {
  const collect = (globalThis as { gc?: Collect }).gc;
  if (collect === undefined) return;
  const settled = async (waitMs: number): Promise<void> => {
    await clock.sleep(waitMs, signal).catch(() => undefined);
    if (!signal.aborted) await collect({ type: 'major', execution: 'async', flavor: 'last-resort' });
  };
  await settled(FIRST_MS);
  await settled(SECOND_MS);
  while (!signal.aborted) await settled(AGAIN_MS);
}

/** What `npm start` sets for the hub's own heap (mallopt(3)) and programs of video must not inherit: they give back a frame's memory 30 times a second. */
const OWN_HEAP = ['MALLOC_ARENA_MAX', 'MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_'];

/** To be called before the first program is started: the hub itself has read them by then. */
export function keepHeapSettings(env: NodeJS.ProcessEnv): void {
  for (const name of OWN_HEAP) delete env[name];
}
