import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { unplugCable } from '../soak/unplug.ts';

const seed = Number(process.env.HEARTH_SEED ?? 3);

t.test('a serial cable pulled a hundred times, amid its frames: nothing is lost or doubled', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-cable-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const report = await unplugCable({ seed, folder, times: 100 });
  t.comment(JSON.stringify(report));
  t.same(report.wrong, [], `seed ${seed}`);
  t.equal(report.noticed, 100, 'each pull was noticed');
  t.ok(report.measured > 100);
  t.equal(report.kept, report.measured);
});
