/**
 * In what order test files run, and how many at once. Most compute from their start to their end: as many run as there are cores.
 * Some mostly wait, for a virtual walk or for a radio to be found deaf, and run beside the others for the part of a core they need.
 */

/** What a file was seen to need on a quiet machine of two cores. Only those are listed that take long or wait. */
export interface Need {
  readonly seconds: number;
  /** Cores on average. */
  readonly cores: number;
}

const OTHERS: Need = { seconds: 1, cores: 1 };
/** More at once than there are cores for by this factor: no file computes for its whole time. */
const OVERBOOKED = 1.25;
/** A limit all the same, for the memory: a file with a browser and a hub takes half a gigabyte. */
const MOST_AT_ONCE_PER_CORE = 3;

export const NEEDS: Readonly<Record<string, Need>> = {
  'test/check.ts': { seconds: 9, cores: 1.7 },
  'test/e2e/bluetooth.test.ts': { seconds: 92, cores: 0.7 },
  'test/e2e/recordings.test.ts': { seconds: 90, cores: 0.4 },
};

/** The files with the longest first, so that none is left to run alone at the end. */
export function longestFirst(files: readonly string[], needs: Readonly<Record<string, Need>> = NEEDS): string[] {
  const secondsOf = (file: string): number => (needs[file] ?? OTHERS).seconds;
  return files.toSorted((a, b) => secondsOf(b) - secondsOf(a) || (a < b ? -1 : 1));
}

/**
 * The first of the waiting files that may start beside those that run, or undefined when one of them has to end first.
 * Where nothing runs the first may always.
 */
export function nextToStart(
  waiting: readonly string[],
  running: readonly string[],
  cores: number,
  needs: Readonly<Record<string, Need>> = NEEDS,
): string | undefined {
  if (running.length === 0) return waiting[0];
  if (running.length >= cores * MOST_AT_ONCE_PER_CORE) return undefined;
  const coresOf = (file: string): number => (needs[file] ?? OTHERS).cores;
  const busy = running.reduce((sum, file) => sum + coresOf(file), 0);
  return waiting.find((file) => busy + coresOf(file) <= cores * OVERBOOKED);
}
