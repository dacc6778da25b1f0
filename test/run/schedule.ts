/**
 * What runs in one process, in what order, and how much at once. Most tests compute from their start to their end: as many run as
 * there are cores. Some mostly wait, for a virtual walk or for a radio to be found deaf, and run beside the others for the part of a
 * core they need.
 */

/** What runs in one process: a file, or the files of a folder. */
export interface Job {
  readonly name: string;
  readonly files: readonly string[];
}

/** Folders whose files share a process, for they start no programs; what is named under `but` has one of its own. */
const TOGETHER: readonly { readonly folder: string; readonly but?: RegExp }[] = [
  { folder: 'test/firmware/chips' },
  { folder: 'test/firmware/protocol' },
  { folder: 'test/firmware/signal' },
  { folder: 'test/hub/cli' },
  { folder: 'test/hub/derived' },
  { folder: 'test/hub/edge', but: /storage|restart/ },
  { folder: 'test/hub/ops', but: /supervise/ },
  { folder: 'test/hub/people' },
  { folder: 'test/hub/rights' },
  { folder: 'test/hub/sources', but: /on-air|radio/ },
  { folder: 'test/hub/store', but: /killed|disk-full/ },
  { folder: 'test/hub/sync', but: /kill/ },
  { folder: 'test/hub/web' },
  { folder: 'test/promises', but: /products/ },
];

export function jobsOf(files: readonly string[], together = TOGETHER): Job[] {
  const jobs = new Map<string, string[]>();
  for (const file of files) {
    const group = together.find(({ folder, but }) => file.startsWith(`${folder}/`) && but?.test(file) !== true);
    const name = group?.folder ?? file;
    jobs.set(name, [...(jobs.get(name) ?? []), file]);
  }
  return [...jobs].map(([name, files]) => ({ name, files }));
}

/** What a job was seen to need on a quiet machine of two cores. Only those are listed that take long or wait. */
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

/** The jobs with the longest first, so that none is left to run alone at the end. */
export function longestFirst(jobs: readonly Job[], needs: Readonly<Record<string, Need>> = NEEDS): Job[] {
  const secondsOf = ({ name, files }: Job): number => (needs[name] ?? OTHERS).seconds * (name in needs ? 1 : files.length);
  return jobs.toSorted((a, b) => secondsOf(b) - secondsOf(a) || (a.name < b.name ? -1 : 1));
}

/**
 * The first of the waiting jobs that may start beside those that run, or undefined when one of them has to end first. Where nothing
 * runs the first may always.
 */
export function nextToStart(
  waiting: readonly Job[],
  running: readonly string[],
  cores: number,
  needs: Readonly<Record<string, Need>> = NEEDS,
): Job | undefined {
  if (running.length === 0) return waiting[0];
  if (running.length >= cores * MOST_AT_ONCE_PER_CORE) return undefined;
  const coresOf = (name: string): number => (needs[name] ?? OTHERS).cores;
  const busy = running.reduce((sum, name) => sum + coresOf(name), 0);
  return waiting.find(({ name }) => busy + coresOf(name) <= cores * OVERBOOKED);
}
