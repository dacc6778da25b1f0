import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { damageVaults } from '../soak/damage.ts';
import { memoryFolder } from '../soak/power-cut.ts';

const seed = Number(process.env.HEARTH_SEED ?? 5);

t.test('a damaged vault gives no wrong value, is mended from its backup, says what is missing, and the other vault goes on', async (t) => {
  const folder = mkdtempSync(join(memoryFolder(), 'hearth-damage-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const report = await damageVaults({ seed, folder, times: 5 });
  t.comment(JSON.stringify(report));
  t.same(report.wrong, [], `seed ${seed}`);
  t.ok(report.found >= 1, `${report.found} damages were found and mended`);
  t.ok(report.rowsBack / report.rowsBefore > 0.9, 'and most rows came back');
});
