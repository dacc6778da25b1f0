import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runFile } from './one-file.ts';
import { longestFirst, nextToStart } from './schedule.ts';
import { readTap } from './tap-output.ts';

t.test('each top-level line of a file is a test', async (t) => {
  const output = 'TAP version 14\n    not ok 1 - inner\nok 1 - one # time=1ms\nnot ok 2 - two\nok 3 - three # SKIP no radio\n1..3';
  t.same(readTap(output, false), { passed: 1, failed: 1, skipped: ['three: no radio'] });
});

t.test('a file that ends badly or says nothing has failed, whatever its tests say', async (t) => {
  t.same(readTap('ok 1 - one', false), { passed: 1, failed: 1, skipped: [] });
  t.same(readTap('TAP version 14\n1..0', true), { passed: 0, failed: 1, skipped: [] });
});

t.test('the longest files start first, and who waits runs beside who computes', async (t) => {
  const needs = { walk: { seconds: 90, cores: 0.2 }, browser: { seconds: 20, cores: 1.5 }, codec: { seconds: 1, cores: 1 } };
  const order = longestFirst(['codec', 'browser', 'walk'], needs);
  t.same(order, ['walk', 'browser', 'codec']);
  t.equal(nextToStart(['browser', 'codec'], ['walk'], 2, needs), 'browser');
  t.equal(nextToStart(['browser', 'codec'], ['codec'], 1, needs), undefined, 'a core that is taken');
  t.equal(nextToStart(['browser'], [], 1, needs), 'browser', 'one that needs more than there is runs alone');
});

t.test('what a test leaves behind is stopped, removed and told', async (t) => {
  const folder = mkdtempSync(join(t.testdir({}), 'run-'));
  const file = join(folder, 'leaves.ts');
  const pidFile = join(folder, 'pid');
  writeFileSync(
    file,
    `import { spawn } from 'node:child_process';
     import { mkdtempSync, writeFileSync } from 'node:fs';
     import { tmpdir } from 'node:os';
     mkdtempSync(tmpdir() + '/forgotten-');
     const child = spawn('sleep', ['1000'], { stdio: 'inherit', detached: true });
     child.unref();
     writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
     console.log('ok 1 - passes');`,
  );
  const temporary = join(folder, 'tmp');
  const { output, endedWell } = await runFile(file, temporary, new AbortController().signal, { lingerMs: 0 });
  t.match(output, /^ok 1 - passes$/m);
  t.match(output, /^# left running: sleep 1000$/m);
  t.notOk(endedWell);
  t.notOk(existsSync(temporary));
  const program = `/proc/${readFileSync(pidFile, 'utf8')}/cmdline`;
  t.notOk(existsSync(program) && readFileSync(program, 'utf8') !== '', 'it has ended, whether or not somebody waited for it');
});
