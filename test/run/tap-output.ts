/** What test files said in TAP: each top-level line `ok` or `not ok` is one test of the file. */

export interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** Skipped tests as `name: reason`. They are not among the passed. */
  readonly skipped: readonly string[];
  readonly output: string;
  /** How long it took, of several in a process. */
  readonly seconds: number | undefined;
}

const END = 'end of file: ';
/** The name of the test that closes what a file said where several files share a process. */
export const endOfFile = (file: string): string => `${END}${file}`;

/**
 * Counts the tests of each file of a process. A file that ended badly (it did not load, was stopped, left something running) counts
 * as one failure more than its tests show, and so does one that said nothing, for a test that asserts nothing proves nothing. Of
 * several files in a process each is closed by {@link endOfFile}; who is to blame for a bad end is the first that is not.
 */
export function readTap(output: string, files: readonly string[], endedWell: boolean): FileResult[] {
  const parts: string[][] = [[]];
  const closed = new Set<string>();
  for (const line of output.split('\n')) {
    parts.at(-1)!.push(line);
    const end = /^ok \d+ - end of file: (.*?)(?: # time=.*)?$/.exec(line)?.[1];
    if (end === undefined || parts.length === files.length) continue;
    closed.add(end);
    parts.push([]);
  }
  const results = files.map((file, at) => countTests(file, parts[at] ?? []));
  const isTold = results.some(({ failed }) => failed > 0);
  if (endedWell || isTold) return results;
  const blamed = Math.max(
    0,
    files.findIndex((file) => !closed.has(file)),
  );
  return results.map((result, at) => (at === blamed ? { ...result, failed: 1 } : result));
}

function countTests(file: string, lines: readonly string[]): FileResult {
  const skipped: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const line of lines) {
    const test = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (test === null || test[2]?.startsWith(END)) continue;
    const skip = /^(.*?) # (?:SKIP|TODO)\s*(.*)$/i.exec(test[2] ?? '');
    if (skip !== null) skipped.push(`${skip[1]}: ${skip[2]}`);
    else if (test[1] === undefined) passed++;
    else failed++;
  }
  if (passed + failed + skipped.length === 0) failed++;
  const seconds = /^ {4}ok 1 - ([\d.]+) s$/.exec(lines.findLast((line) => line.startsWith('    ok 1 - ')) ?? '')?.[1];
  return { file, passed, failed, skipped, output: lines.join('\n'), seconds: seconds === undefined ? undefined : Number(seconds) };
}
