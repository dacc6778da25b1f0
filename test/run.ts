/**
 * `npm test [-- FILE …]`: runs the tests and closes with the line `N passed, N failed`, where one is a test named in a
 * file. Skipped tests are listed with their reason and are not counted as passed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Run by this Node and not by the `node` of its first line, which may be the system's and too old.
const tap = `${root}node_modules/.bin/tap`;
process.chdir(root);

// tap generates its test class from the plugins named in package.json, once.
const built = 'node_modules/.tap-built';
if (!existsSync(built) || statSync(built).mtimeMs < statSync('package.json').mtimeMs) {
  const build = spawnSync(process.execPath, [tap, 'build'], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`tap could not build itself: ${build.stderr}`);
  spawnSync('touch', [built]);
}

let passed = 0;
let failed = 0;
// Types, lint and format are one test of the whole tree. Before tap, whose hooks in child processes the compiler does not bear.
if (process.argv.length === 2) {
  const check = spawnSync(process.execPath, ['test/check.ts'], { stdio: 'inherit' });
  if (check.status === 0) passed++;
  else failed++;
}
const skipped: string[] = [];
let block: string[] = [];
let inBlock = { passed: 0, failed: 0 };

const run = spawn(process.execPath, [tap, 'run', '--reporter=tap', ...process.argv.slice(2)], { stdio: ['ignore', 'pipe', 'inherit'] });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal));

for await (const line of createInterface({ input: run.stdout })) {
  const skip = /^ {4}ok \d+ - (.*) # (?:SKIP|TODO)\s*(.*)$/i.exec(line);
  const test = /^ {4}(not )?ok \d+ - /.exec(line);
  const file = /^(not )?ok \d+ - (\S+)(?: # time=([\d.]+)(ms|s))?/.exec(line);
  if (skip !== null) skipped.push(`${skip[1]}: ${skip[2]}`);
  else if (test !== null) inBlock[test[1] === undefined ? 'passed' : 'failed']++;
  if (file === null) {
    block.push(line);
    continue;
  }
  // A file that fails as a whole (it did not load, it timed out) counts as one failure more than its tests show.
  const isOk = file[1] === undefined;
  if (!isOk && inBlock.failed === 0) inBlock.failed++;
  if (!isOk) console.log(block.join('\n'));
  console.log(
    `${isOk ? 'ok    ' : 'not ok'} ${file[2]}: ${inBlock.passed} passed, ${inBlock.failed} failed (${file[3] ?? '?'} ${file[4] ?? ''})`,
  );
  passed += inBlock.passed;
  failed += inBlock.failed;
  block = [];
  inBlock = { passed: 0, failed: 0 };
}

const code = await new Promise<number>((resolve) =>
  run.exitCode === null ? run.on('exit', (code) => resolve(code ?? 1)) : resolve(run.exitCode),
);
if (code !== 0 && failed === 0) {
  console.log(block.join('\n'));
  failed++;
}
for (const reason of skipped) console.log(`skipped: ${reason}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
