import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { killProcesses } from '../soak/kills.ts';
import { fillSmallDisk } from '../soak/small-disk.ts';

const seed = Number(process.env.HEARTH_SEED ?? 7);

t.test('a hub and an edge killed at random moments lose nothing that was acknowledged, and double nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-kills-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const report = await killProcesses({ seed, folder, hubKills: 2, edgeKills: 1 });
  t.comment(JSON.stringify(report));
  t.same(report.wrong, [], `seed ${seed}`);
  t.equal(report.edgeKills, 1);
  t.ok(report.killedAtWork > 0);
  t.ok(report.acknowledged > 0);
  t.equal(report.acknowledged, report.measured, 'what was measured arrived in the end');
  t.equal(report.atEdge, report.measured);
});

t.test('a disk that fills up while devices measure: they keep what it refuses, and it is all there once there is room', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-disk-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const report = await fillSmallDisk(folder, seed, 2);
  t.comment(JSON.stringify(report));
  t.same(report.wrong, [], `seed ${seed}`);
  t.ok(report.refusals > 0, `${report.refusals} refused`);
  t.equal(report.inVaults, report.measured);
  t.equal(report.atEdge, report.measured);
});
