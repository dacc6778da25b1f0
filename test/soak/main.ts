/**
 * `npm run soak [-- CAMPAIGN …] [--quick] [--seed N] [--times N]`: the fault campaigns at length, an hour and a half at most. Each prints
 * its seed and its counts, and is repeated by giving the seed. Ends with 1 when anything was lost, doubled or misdated. Each campaign has
 * its minutes: on a slow machine what does not fit into them is left out, and the counts say how much was done.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soakBroadcasts } from './adverts.ts';
import { damageVaults } from './damage.ts';
import { openKillRuns } from './kill-runs.ts';
import { killProcesses } from './kills.ts';
import { memoryFolder } from './power-cut.ts';
import { fillSmallDisk } from './small-disk.ts';
import { unplugCable } from './unplug.ts';
import { simulateYear, yearFaults } from './year.ts';

/** Gives what went wrong, a sentence each. `size` is one of the campaign's own, `untilMs` when to begin nothing more. */
type Run = (seed: number, folder: string, size: number, untilMs: number) => Promise<readonly string[]>;

interface Campaign {
  readonly what: string;
  /** How much: at length, and with `--quick`. */
  readonly sizes: readonly [number, number];
  /** Minutes that the longer one may take. */
  readonly minutes: number;
  readonly run: Run;
}

const HOUR_MS = 3_600_000;
const KILLS_A_PIECE = 20;
/** Of the campaign's minutes, with `--quick`. */
const QUICK_PART = 1 / 6;

const campaigns: Readonly<Record<string, Campaign>> = {
  kills: {
    what: 'real processes: so many times SIGKILL to a hub, a third as often to an edge, at random moments',
    sizes: [200, 10],
    minutes: 30,
    async run(seed, folder, size, untilMs) {
      // In pieces: between them everything is looked at, and one that was broken off goes on with the next.
      const before = openKillRuns(`${folder}/runs.json`);
      for (let killed = 0; killed < size && performance.now() < untilMs; killed += KILLS_A_PIECE) {
        const hubKills = Math.min(KILLS_A_PIECE, size - killed);
        const own = seed + 1000 * before.runs.length;
        const report = await killProcesses({ seed: own, folder, hubKills, edgeKills: Math.ceil(hubKills / 3), before, untilMs });
        console.log(`${new Date().toISOString()} ${JSON.stringify(report)}`);
        if (report.wrong.length > 0) return report.wrong;
      }
      return [];
    },
  },
  year: {
    what: 'a year of a home on a virtual clock: so many power cuts, 12 weeks offline, a bad edge, bad cables, wrong clocks',
    sizes: [200, 100],
    // Looked at each six hours, so that it fits.
    minutes: 20,
    async run(seed, folder, size) {
      const stepMs = size >= 200 ? 6 * HOUR_MS : 24 * HOUR_MS;
      const report = await simulateYear({ seed, folder, boards: size >= 200 ? 4 : 2, stepMs, readings: 4, cuts: size });
      console.log(report);
      return yearFaults(report);
    },
  },
  disk: {
    what: 'a hub and an edge on a disk that is filled and freed so many times while devices measure',
    sizes: [100, 10],
    minutes: 12,
    async run(seed, folder, size, untilMs) {
      const report = await fillSmallDisk(`${folder}/disk`, seed, size, untilMs - performance.now());
      console.log(report);
      return report.wrong;
    },
  },
  damage: {
    what: 'a vault damaged so many times: bits flipped, pages zeroed, ends cut off',
    sizes: [300, 30],
    minutes: 8,
    async run(seed, folder, size, untilMs) {
      const report = await damageVaults({ seed, folder, times: size, untilMs });
      console.log(report);
      return report.wrong;
    },
  },
  unplug: {
    what: 'a serial cable pulled so many times in a row, amid its frames',
    sizes: [1000, 100],
    minutes: 8,
    async run(seed, folder, size, untilMs) {
      const report = await unplugCable({ seed, folder, times: size, untilMs });
      console.log(report);
      return report.wrong;
    },
  },
  adverts: {
    what: 'so many million Bluetooth broadcasts of random and broken bytes: no crash, no invented measurement',
    sizes: [10, 1],
    minutes: 12,
    run: (seed, _folder, size) => soakBroadcasts(seed, size),
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    times: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    keep: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const names = positionals.length === 0 ? Object.keys(campaigns) : positionals;
const unknown = names.find((name) => !Object.hasOwn(campaigns, name));
const [seed, times] = [values.seed ?? String(Date.now() % 1_000_000), values.times].map(Number);
if (values.help === true || unknown !== undefined || !Number.isInteger(seed) || !Number.isInteger(times) || times! < 1) {
  if (unknown !== undefined) console.error(`no campaign is called '${unknown}'`);
  console.log('npm run soak [-- CAMPAIGN …] [--quick] [--seed N] [--times N] [--keep FOLDER]\n');
  console.log('  --keep FOLDER leaves what was measured there; the campaign kills then goes on with it the next time\n');
  for (const [name, { what, sizes, minutes }] of Object.entries(campaigns))
    console.log(`  ${name.padEnd(10)} ${sizes[0]}, with --quick ${sizes[1]}, some ${minutes} minutes at most: ${what}`);
  process.exit(values.help === true ? 0 : 2);
}

let isWell = true;
for (let round = 0; round < times!; round++) {
  for (const name of names) {
    const own = seed! + round;
    const { what, sizes, minutes, run } = campaigns[name]!;
    const size = sizes[values.quick ? 1 : 0];
    console.log(`${name} ${size}, seed ${own}: ${what}`);
    const folder = values.keep === undefined ? mkdtempSync(join(memoryFolder(), 'hearth-soak-')) : join(values.keep, name);
    mkdirSync(folder, { recursive: true });
    const startMs = performance.now();
    const wrong = await run(own, folder, size, startMs + minutes * 60_000 * (values.quick ? QUICK_PART : 1)).finally(() => {
      if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
    });
    for (const sentence of wrong) console.error(`  WRONG: ${sentence}`);
    if (wrong.length > 0) console.error(`  again with: npm run soak -- ${name}${values.quick ? ' --quick' : ''} --seed ${own}`);
    console.log(
      `${name}, seed ${own}: ${wrong.length === 0 ? 'all well' : 'not well'}, ${Math.round((performance.now() - startMs) / 1000)} s\n`,
    );
    isWell &&= wrong.length === 0;
  }
}
process.exit(isWell ? 0 : 1);
