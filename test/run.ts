/**
 * `npm test [-- FILE …]`: runs the tests and closes with the line `N passed, N failed`, where one is a test named in a
 * file. Skipped tests are listed with their reason and are not counted as passed. Each file runs in a process of its own,
 * by plain Node: tap's own runner hooks into every program that a test starts, which makes each start take twice as long.
 */
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileRun, runFile } from './run/one-file.ts';
import { longestFirst, nextToStart } from './run/schedule.ts';
import { readTap } from './run/tap-output.ts';

/** Types, lint and format are one test of the whole tree. */
const CHECK = 'test/check.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const asked = process.argv.slice(2);
const waiting = longestFirst(asked.length === 0 ? [CHECK, ...globSync('test/**/*.test.ts')] : asked.flatMap(filesOf));
// Short, because sockets lie in it.
const folder = mkdtempSync(join(tmpdir(), 'ht-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const running = new Map<string, Promise<void>>();
const skipped: string[] = [];
let passed = 0;
let failed = 0;
let started = 0;
while (waiting.length + running.size > 0) {
  const file = stop.signal.aborted ? undefined : nextToStart(waiting, [...running.keys()], availableParallelism());
  if (file !== undefined) {
    waiting.splice(waiting.indexOf(file), 1);
    const run = runFile(file, join(folder, String(started++)), stop.signal).then((done) => report(file, done));
    running.set(
      file,
      run.finally(() => running.delete(file)),
    );
  } else if (running.size > 0) await Promise.race(running.values());
  else break;
}
rmSync(folder, { recursive: true, force: true });
for (const reason of skipped) console.log(`skipped: ${reason}`);
if (stop.signal.aborted) console.log(`stopped, ${waiting.length} files not run`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && !stop.signal.aborted ? 0 : 1;

function report(file: string, { output, endedWell, tookMs }: FileRun): void {
  const result = readTap(output, endedWell);
  if (result.failed > 0) console.log(output);
  console.log(
    `${result.failed === 0 ? 'ok    ' : 'not ok'} ${file}: ${result.passed} passed, ${result.failed} failed (${(tookMs / 1000).toFixed(1)} s)`,
  );
  passed += result.passed;
  failed += result.failed;
  skipped.push(...result.skipped);
}

/** A folder stands for the tests in it. Throws where there is none. */
function filesOf(path: string): string[] {
  const files = statSync(path).isDirectory() ? globSync(`${path.replace(/\/$/, '')}/**/*.test.ts`) : [path];
  if (files.length === 0) throw new Error(`${path}: no test in it (a test's name ends in .test.ts)`);
  return files;
}
