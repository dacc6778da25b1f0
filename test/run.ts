/**
 * `npm test [-- FILE …]`: runs the tests and closes with the line `N passed, N failed`, where one is a test named in a
 * file. Skipped tests are listed with their reason and are not counted as passed. Files run in plain Node: tap's own runner hooks into every program that a test starts, which makes each start take twice as long.
 */
import { chmodSync, globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFiles } from './run/process.ts';
import { jobsOf, longestFirst, nextToStart } from './run/schedule.ts';
import { type FileResult, readTap } from './run/tap-output.ts';

/** Types, lint and format are one test of the whole tree. */
const CHECK = 'test/check.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const asked = process.argv.slice(2);
const files = asked.length === 0 ? [CHECK, ...globSync('test/**/*.test.ts').sort()] : asked.flatMap(filesOf);
const waiting = longestFirst(jobsOf(files));
// Short, because sockets lie in it.
const folder = mkdtempSync(join(tmpdir(), 'ht-'));
// A PostgreSQL under test runs as a user of its own.
chmodSync(folder, 0o755);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const running = new Map<string, Promise<void>>();
const skipped: string[] = [];
let passed = 0;
let failed = 0;
let started = 0;
while (waiting.length + running.size > 0) {
  const job = stop.signal.aborted ? undefined : nextToStart(waiting, [...running.keys()], availableParallelism());
  if (job !== undefined) {
    waiting.splice(waiting.indexOf(job), 1);
    const run = runFiles(job, join(folder, String(started++)), stop.signal).then(({ output, endedWell, tookMs }) => {
      running.delete(job.name);
      const results = readTap(output, job.files, endedWell);
      for (const result of results) report(result, result.seconds ?? tookMs / 1000);
      if (results.length > 1) console.log(`       ${job.name}, together: ${(tookMs / 1000).toFixed(1)} s`);
    });
    running.set(job.name, run);
  } else if (running.size > 0) await Promise.race(running.values());
  else break;
}
rmSync(folder, { recursive: true, force: true });
for (const reason of skipped) console.log(`skipped: ${reason}`);
if (stop.signal.aborted) console.log(`stopped, ${waiting.flatMap(({ files }) => files).length} files not run`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && !stop.signal.aborted ? 0 : 1;

function report(result: FileResult, seconds: number): void {
  if (result.failed > 0) console.log(result.output);
  console.log(
    `${result.failed === 0 ? 'ok    ' : 'not ok'} ${result.file}: ${result.passed} passed, ${result.failed} failed (${seconds.toFixed(1)} s)`,
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
