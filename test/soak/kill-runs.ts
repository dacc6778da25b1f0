/** What devices measured in the pieces of a long campaign, so that one that was broken off goes on where it stood. */
import { existsSync, readFileSync } from 'node:fs';
import { createRandom } from '../../hardware/virtual/random.ts';
import { writeFileAtomic } from '../../hub/ops/files.ts';

/** One start of the devices. */
export interface Run {
  readonly boot: number;
  /** How much each device measured, all of it acknowledged; absent for one that was broken off: of it nothing is promised. */
  readonly counts?: readonly number[];
}

export interface KillRuns {
  readonly runs: readonly Run[];
  begin(boot: number): void;
  end(boot: number, counts: readonly number[]): void;
}

/** Kept in a file where one is named. */
export function openKillRuns(file?: string): KillRuns {
  let runs: readonly Run[] = file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Run[]) : [];
  const save = (next: readonly Run[]): void => {
    runs = next;
    if (file !== undefined) writeFileAtomic(file, JSON.stringify(runs));
  };
  return {
    get runs() {
      return runs;
    },
    begin: (boot) => save([...runs, { boot }]),
    end: (boot, counts) => save(runs.map((run) => (run.boot === boot ? { boot, counts } : run))),
  };
}

/**
 * What a device measured: follows from its numbers, so that nothing has to be remembered. One person lives here, and is always as heavy:
 * whose a reading is, is not the question.
 */
export function measuredValue(boot: number, channel: number, sequence: number): number {
  const part = createRandom(boot ^ Math.imul(sequence, 0x9e37_79b1) ^ channel).uniform();
  return channel === 0 ? 72 + Math.round(part * 100) / 100 : Math.round(part * 1000);
}
