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
  { folder: 'test/hub/edge', but: /janus|storage|restart|video/ },
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
  'test/e2e/bad-days.test.ts': { seconds: 45, cores: 0.7 },
  'test/e2e/bluetooth.test.ts': { seconds: 60, cores: 0.7 },
  'test/e2e/page.test.ts': { seconds: 50, cores: 1.2 },
  'test/e2e/picture.test.ts': { seconds: 50, cores: 1.2 },
  'test/e2e/privacy.test.ts': { seconds: 20, cores: 1 },
  'test/e2e/recordings.test.ts': { seconds: 75, cores: 0.5 },
  'test/e2e/rights.test.ts': { seconds: 40, cores: 1.2 },
  'test/e2e/start.test.ts': { seconds: 25, cores: 1 },
  'test/e2e/weigh-in.test.ts': { seconds: 25, cores: 1 },
  'test/faults/kills.test.ts': { seconds: 30, cores: 0.7 },
  'test/faults/unplug.test.ts': { seconds: 15, cores: 0.5 },
  'test/faults/year.test.ts': { seconds: 12, cores: 1 },
  'test/firmware/devices/bad-days.test.ts': { seconds: 10, cores: 0.5 },
  'test/firmware/every-chip.test.ts': { seconds: 10, cores: 0.4 },
  'test/firmware/signal': { seconds: 12, cores: 1 },
  'test/hub/edge/janus.test.ts': { seconds: 40, cores: 0.6 },
  'test/hub/edge/storage.test.ts': { seconds: 25, cores: 0.7 },
  'test/hub/ops': { seconds: 25, cores: 0.7 },
  'test/hub/sources/ble/instruments-on-air.test.ts': { seconds: 45, cores: 0.4 },
  'test/hub/store': { seconds: 25, cores: 1 },
  'test/hub/store/killed.test.ts': { seconds: 12, cores: 0.7 },
  'test/hub/sync/kill.test.ts': { seconds: 12, cores: 0.6 },
  'test/hub/video/key-frame.test.ts': { seconds: 15, cores: 0.7 },
  'test/hub/video/privacy.test.ts': { seconds: 40, cores: 0.6 },
  'test/hub/wake-up/wake-up.test.ts': { seconds: 8, cores: 0.5 },
  'test/hub/web': { seconds: 45, cores: 1 },
  'test/promises': { seconds: 50, cores: 1 },
  'test/promises/products.test.ts': { seconds: 20, cores: 0.6 },
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
