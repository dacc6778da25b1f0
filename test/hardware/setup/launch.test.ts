import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const setup = fileURLToPath(new URL('../../../hardware/setup', import.meta.url));

t.test('packages are not installed through a link, which would empty the folder at its end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-launch-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [checkout, shared] = [`${folder}/checkout`, `${folder}/shared`];
  cpSync(setup, `${checkout}/hardware/setup`, { recursive: true });
  mkdirSync(shared);
  writeFileSync(`${shared}/somebody-elses`, '');
  writeFileSync(`${checkout}/package.json`, '{ "type": "module" }');
  writeFileSync(`${checkout}/package-lock.json`, '{}');
  symlinkSync(shared, `${checkout}/node_modules`);
  const { status, stderr } = spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, `${checkout}/hardware/setup/launch.mjs`, 'check'], {
    encoding: 'utf8',
  });
  t.equal(status, 1);
  t.match(stderr, `${checkout}/node_modules is a link to ${shared}`);
  t.match(stderr, `rm ${checkout}/node_modules`, 'with the remedy');
  t.ok(existsSync(`${shared}/somebody-elses`), 'and nothing was touched');
});
