import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { memoryFolder } from '../soak/power-cut.ts';
import { simulateYear, yearFaults } from '../soak/year.ts';

/** `HEARTH_SEED=N` repeats a year. */
const seed = Number(process.env.HEARTH_SEED ?? 20_261_124);
const DAY_MS = 86_400_000;

t.test(
  'after a year of power cuts, bad cables, wrong clocks and a bad edge, the edge has what devices were acknowledged for',
  async (t) => {
    const folder = mkdtempSync(join(memoryFolder(), 'hearth-year-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const report = await simulateYear({ seed, folder, boards: 2, stepMs: DAY_MS, readings: 2, cuts: 50 });
    t.comment(JSON.stringify(report));
    t.same(yearFaults(report), [], `seed ${seed}`);
    // A year in which nothing happened would prove nothing.
    const { acknowledged, offlineWeeks, faults, amended, removed, estimated } = report;
    t.ok(acknowledged > 3500, `${acknowledged} acknowledged`);
    t.equal(offlineWeeks, 12);
    t.ok(amended > 0 && removed > 0 && estimated > 0);
    const struck = Object.entries(faults).reduce((sum, [what, times]) => sum + (/^(power cut|process killed)/.test(what) ? times : 0), 0);
    t.ok(struck >= 45, `${struck} power cuts and kills`);
    for (const fault of [
      'power cut: in a commit',
      'half a batch',
      'taken twice',
      'answer lost',
      'answered late',
      'clock began at 1970',
      'bit flipped',
    ])
      t.ok((faults[fault] ?? 0) > 0, fault);
  },
);
