/**
 * `fill.ts FOLDER full|failing`: fills the disk of the folder while a vault commits there, or lets writes fail, ends that, and says what
 * happened. Run by disk-full.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { openStore } from '../../../hub/store/store.ts';
import { StoreError } from '../../../hub/store/store-error.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

export interface FillReport {
  /** Sequence numbers that a commit resolved for. */
  readonly kept: readonly number[];
  readonly refusals: readonly { readonly kind: string; readonly message: string }[];
  /** Sequence numbers in the log at the end, after the store was opened anew. */
  readonly found: readonly number[];
  readonly integrity: readonly string[];
}

const [folder = '', trouble = 'full'] = process.argv.slice(2);
const ROUNDS = 5;
const ROWS = 20;
const ballast = `${folder}/ballast`;

function fillDisk(): void {
  const file = openSync(ballast, 'a');
  for (const bytes of [16_384, 1024, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  closeSync(file);
}

/** The kernel refuses to write beyond this many bytes of any file (setrlimit(2)): to SQLite an error of the disk. */
function limitFiles(bytes: string): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
// Without a hand for it, the signal that comes with it ends the program.
process.on('SIGXFSZ', () => undefined);
const begin = (): void => (trouble === 'full' ? fillDisk() : limitFiles('8192'));
const end = (): void => (trouble === 'full' ? rmSync(ballast) : limitFiles('unlimited'));

let sequence = 0;
const nextRows = (): NewMeasurement[] =>
  Array.from({ length: ROWS }, () => {
    sequence += 1;
    return { device: 'scale-1', boot: 7, sequence, code: 1, value: 72, endUtcMs: sequence * 1000, spanMs: 0, timeQuality: 'synced' };
  });

const store = openStore(folder);
const vault = store.vault('person-1');
const kept: number[] = [];
const refusals: { kind: string; message: string }[] = [];
const commit = async (rows: readonly NewMeasurement[]): Promise<boolean> => {
  try {
    for (const { sequence: own } of await vault.commit(rows)) kept.push(own);
    return true;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    refusals.push({ kind: error.kind, message: error.message });
    return false;
  }
};

await commit(nextRows());
for (let round = 0; round < ROUNDS; round++) {
  begin();
  let refused: NewMeasurement[] | undefined;
  // SQLite reuses pages that it has, so the refusal may come some commits later.
  for (let tries = 0; tries < 2000 && refused === undefined; tries++) {
    const rows = nextRows();
    if (!(await commit(rows))) refused = rows;
  }
  end();
  // What the device does: it kept its readings and sends them again.
  if (refused !== undefined) await commit(refused);
}
store[Symbol.dispose]();

const again = openStore(folder).vault('person-1');
const report: FillReport = {
  kept,
  refusals,
  found: again.log(0, 1_000_000).map((row) => row.sequence),
  integrity: again.checkIntegrity(),
};
console.log(JSON.stringify(report));
