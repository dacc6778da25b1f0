/** What a test file said in TAP: each top-level line `ok` or `not ok` is one test of the file. */

export interface FileResult {
  readonly passed: number;
  readonly failed: number;
  /** Skipped tests as `name: reason`. They are not among the passed. */
  readonly skipped: readonly string[];
}

/**
 * Counts the tests of one file. A file that ended badly (it did not load, was stopped, planned more than it ran) counts as one
 * failure more than its tests show, and so does one that said nothing at all, for a test that asserts nothing proves nothing.
 */
export function readTap(output: string, endedWell: boolean): FileResult {
  const skipped: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const line of output.split('\n')) {
    const test = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (test === null) continue;
    const skip = /^(.*?) # (?:SKIP|TODO)\s*(.*)$/i.exec(test[2] ?? '');
    if (skip !== null) skipped.push(`${skip[1]}: ${skip[2]}`);
    else if (test[1] === undefined) passed++;
    else failed++;
  }
  const saidNothing = passed + failed + skipped.length === 0;
  if ((!endedWell || saidNothing) && failed === 0) failed++;
  return { passed, failed, skipped };
}
