import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runFiles } from './process.ts';
import { type Job, jobsOf, longestFirst, nextToStart } from './schedule.ts';
import { endOfFile, type FileResult, readTap } from './tap-output.ts';

const counts = ({ passed, failed, skipped }: FileResult) => ({ passed, failed, skipped });

t.test('each top-level line of a file is a test', async (t) => {
  const output = 'TAP version 14\n    not ok 1 - inner\nok 1 - one # time=1ms\nnot ok 2 - two\nok 3 - three # SKIP no radio\n1..3';
  t.same(readTap(output, ['a'], false).map(counts), [{ passed: 1, failed: 1, skipped: ['three: no radio'] }]);
});

t.test('a file that ends badly or says nothing has failed, whatever its tests say', async (t) => {
  t.same(readTap('ok 1 - one', ['a'], false).map(counts), [{ passed: 1, failed: 1, skipped: [] }]);
  t.same(readTap('TAP version 14\n1..0', ['a'], true).map(counts), [{ passed: 0, failed: 1, skipped: [] }]);
});

t.test('of files that share a process each has its own tests, and the first that did not end is to blame', async (t) => {
  const output = `ok 1 - one\nok 2 - ${endOfFile('a')} # time=3ms\nok 3 - two\nok 4 - three`;
  const [a, b, c] = readTap(output, ['a', 'b', 'c'], false).map(({ file, passed, failed }) => `${file} ${passed} ${failed}`);
  t.same([a, b, c], ['a 1 0', 'b 2 0', 'c 0 1'], 'a file that was not come to says nothing');
  t.same(
    readTap(output, ['a', 'b'], false).map(({ failed }) => failed),
    [0, 1],
  );
});

t.test('the longest start first, and who waits runs beside who computes', async (t) => {
  const needs = { walk: { seconds: 90, cores: 0.2 }, browser: { seconds: 20, cores: 1.5 }, codec: { seconds: 1, cores: 1 } };
  const [walk, browser, codec] = longestFirst(jobsOf(['codec', 'browser', 'walk']), needs) as [Job, Job, Job];
  t.same([walk.name, browser.name, codec.name], ['walk', 'browser', 'codec']);
  t.equal(nextToStart([browser, codec], ['walk'], 2, needs), browser);
  t.equal(nextToStart([browser, codec], ['codec'], 1, needs), undefined, 'a core that is taken');
  t.equal(nextToStart([browser], [], 1, needs), browser, 'one that needs more than there is runs alone');
  t.same(jobsOf(['x/a', 'x/b', 'x/kill', 'y/a'], [{ folder: 'x', but: /kill/ }]), [
    { name: 'x', files: ['x/a', 'x/b'] },
    { name: 'x/kill', files: ['x/kill'] },
    { name: 'y/a', files: ['y/a'] },
  ]);
});

t.test('a file that does not load fails by itself, and the next one runs', async (t) => {
  const folder = t.testdir({
    'broken.ts': "throw new Error('a sentence of the error')",
    'sound.ts': `import t from ${JSON.stringify(import.meta.resolve('tap'))};\nt.test('sound', async (t) => t.pass());`,
  });
  const files = [`${folder}/broken.ts`, `${folder}/sound.ts`];
  const { output, endedWell } = await runFiles({ name: 'both', files }, join(folder, 'tmp'), new AbortController().signal);
  t.same(
    readTap(output, files, endedWell).map(({ passed, failed }) => [passed, failed]),
    [
      [0, 1],
      [1, 0],
    ],
  );
  t.match(output, /a sentence of the error/);
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
  const { output, endedWell } = await runFiles({ name: file, files: [file] }, temporary, new AbortController().signal, { lingerMs: 0 });
  t.match(output, /^ok 1 - passes$/m);
  t.match(output, /^# left running: sleep 1000$/m);
  t.notOk(endedWell);
  t.notOk(existsSync(temporary));
  const program = `/proc/${readFileSync(pidFile, 'utf8')}/cmdline`;
  t.notOk(existsSync(program) && readFileSync(program, 'utf8') !== '', 'it has ended, whether or not somebody waited for it');
});
