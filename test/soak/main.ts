/**
 * `npm run soak [-- CAMPAIGN …] [--seed N] [--times N]`: the fault campaigns at length. Each prints its seed and its counts, and is
 * repeated exactly by giving the seed. Ends with 1 when anything was lost, doubled or misdated.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soakBroadcasts } from './adverts.ts';
import { damageVaults } from './damage.ts';
import { killProcesses } from './kills.ts';
import { memoryFolder } from './power-cut.ts';
import { fillSmallDisk } from './small-disk.ts';
import { unplugCable } from './unplug.ts';
import { simulateYear, yearFaults } from './year.ts';

/** Gives what went wrong, a sentence each. */
type Campaign = (seed: number, folder: string) => Promise<readonly string[]>;

const HOUR_MS = 3_600_000;

const campaigns: Readonly<Record<string, { readonly what: string; readonly run: Campaign }>> = {
  adverts: {
    what: 'fifteen million Bluetooth broadcasts of random and broken bytes: no crash, no invented measurement',
    run: soakBroadcasts,
  },
  year: {
    what: 'a year of a home on a virtual clock: 200 power cuts, 12 weeks offline, a bad edge, bad cables, wrong clocks',
    async run(seed, folder) {
      const report = await simulateYear({ seed, folder, boards: 4, stepMs: HOUR_MS, readings: 4, cuts: 200 });
      console.log(report);
      return yearFaults(report);
    },
  },
  kills: {
    what: 'real processes: 200 times SIGKILL to a hub, 60 times to an edge, at random moments',
    async run(seed, folder) {
      const report = await killProcesses({ seed, folder, hubKills: 200, edgeKills: 60 });
      console.log(report);
      return report.wrong;
    },
  },
  disk: {
    what: 'a hub and an edge on a disk that is filled and freed 100 times while devices measure',
    async run(seed, folder) {
      const report = await fillSmallDisk(`${folder}/disk`, seed, 100);
      console.log(report);
      return report.wrong;
    },
  },
  damage: {
    what: 'a vault damaged 300 times: bits flipped, pages zeroed, ends cut off',
    async run(seed, folder) {
      const report = await damageVaults({ seed, folder, times: 300 });
      console.log(report);
      return report.wrong;
    },
  },
  unplug: {
    what: 'a serial cable pulled 1,000 times in a row, amid its frames',
    async run(seed, folder) {
      const report = await unplugCable({ seed, folder, times: 1000 });
      console.log(report);
      return report.wrong;
    },
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, times: { type: 'string', default: '1' }, help: { type: 'boolean' } },
});
const names = positionals.length === 0 ? Object.keys(campaigns) : positionals;
const unknown = names.find((name) => !Object.hasOwn(campaigns, name));
const [seed, times] = [values.seed ?? String(Date.now() % 1_000_000), values.times].map(Number);
if (values.help === true || unknown !== undefined || !Number.isInteger(seed) || !Number.isInteger(times) || times! < 1) {
  if (unknown !== undefined) console.error(`no campaign is called '${unknown}'`);
  console.log('npm run soak [-- CAMPAIGN …] [--seed N] [--times N]\n');
  for (const [name, { what }] of Object.entries(campaigns)) console.log(`  ${name.padEnd(10)} ${what}`);
  process.exit(values.help === true ? 0 : 2);
}

let isWell = true;
for (let round = 0; round < times!; round++) {
  for (const name of names) {
    const own = seed! + round;
    console.log(`${name}, seed ${own}: ${campaigns[name]!.what}`);
    const folder = mkdtempSync(join(memoryFolder(), 'hearth-soak-'));
    const startMs = performance.now();
    const wrong = await campaigns[name]!.run(own, folder).finally(() => rmSync(folder, { recursive: true, force: true }));
    for (const sentence of wrong) console.error(`  WRONG: ${sentence}`);
    if (wrong.length > 0) console.error(`  again with: npm run soak -- ${name} --seed ${own}`);
    console.log(
      `${name}, seed ${own}: ${wrong.length === 0 ? 'all well' : 'not well'}, ${Math.round((performance.now() - startMs) / 1000)} s\n`,
    );
    isWell &&= wrong.length === 0;
  }
}
process.exit(isWell ? 0 : 1);
