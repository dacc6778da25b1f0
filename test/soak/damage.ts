/**
 * A vault's file damaged at random: a bit flipped, a page zeroed, an end cut off. The other vault goes on; of the damaged one no wrong
 * value is ever given, what a backup had is there, and what is missing is said.
 */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createRandom, type Random } from '../../hardware/virtual/random.ts';
import { openStore, type Store } from '../../hub/store/store.ts';
import type { NewMeasurement } from '../../hub/store/vault.ts';

export interface DamageOptions {
  readonly seed: number;
  readonly folder: string;
  readonly times: number;
  /** What is begun after this is left out; monotonic milliseconds of this process. */
  readonly untilMs?: number;
}

export interface DamageReport {
  readonly seed: number;
  readonly times: Readonly<Record<string, number>>;
  /** Damages of the database that were found and mended. */
  readonly found: number;
  /** Rows of damaged vaults that came back, of those that were there. */
  readonly rowsBack: number;
  readonly rowsBefore: number;
  readonly wrong: readonly string[];
}

const HURT = 'person-1';
const WELL = 'home';
/** Enough that older rows are packed in blocks. */
const BACKED_UP = 17_000;
const AFTER_BACKUP = 1500;
const MINUTE_MS = 60_000;
const START_UTC_MS = Date.UTC(2026, 5, 1);
const PAGE = 4096;

const kgOf = (sequence: number): number => 60 + ((sequence * 7919) % 2000) / 100;
const rowsOf = (from: number, to: number): NewMeasurement[] =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const sequence = from + index;
    const endUtcMs = START_UTC_MS + sequence * MINUTE_MS;
    return { device: 'scale', boot: 7, sequence, code: 1, value: kgOf(sequence), endUtcMs, spanMs: 0, timeQuality: 'synced' };
  });

type Harm = (file: string, random: Random) => void;

const flipBit: Harm = (file, random) =>
  change(file, random, (bytes, at) => {
    bytes[at]! ^= 1 << Math.floor(random.uniform() * 8);
  });
const zeroPage: Harm = (file, random) => change(file, random, (bytes, at) => bytes.fill(0, at - (at % PAGE), at - (at % PAGE) + PAGE));
const cutOff: Harm = (file, random) => truncateSync(file, Math.floor(random.uniform() * readFileSync(file).length));

const harms: Readonly<Record<string, Harm>> = {
  'bit flipped in the vault': flipBit,
  'page of the vault zeroed': zeroPage,
  'vault cut off': cutOff,
  'bit flipped in the log': (file, random) => flipBit(`${file}-wal`, random),
  'log torn': (file, random) => cutOff(`${file}-wal`, random),
};

function change(file: string, random: Random, work: (bytes: Buffer, at: number) => void): void {
  const bytes = readFileSync(file);
  work(bytes, Math.floor(random.uniform() * bytes.length));
  writeFileSync(file, bytes);
}

export async function damageVaults({ seed, folder, times, untilMs = Number.POSITIVE_INFINITY }: DamageOptions): Promise<DamageReport> {
  const random = createRandom(seed);
  const whole = `${folder}/whole`;
  const made = openStore(whole);
  await made.vault(WELL).commit(rowsOf(1, 500));
  await made.vault(HURT).commit(rowsOf(1, BACKED_UP));
  await made.backUp();
  // A checkpoint between: some of what follows lies in the vault, some in the log alone.
  for (let from = BACKED_UP + 1; from <= BACKED_UP + AFTER_BACKUP; from += 50) await made.vault(HURT).commit(rowsOf(from, from + 49));
  // As a power cut leaves it: copied while open, so that the log stays beside the vault.
  const cut = `${folder}/cut`;
  cpSync(whole, cut, { recursive: true, filter: (path) => !path.endsWith('-shm') });
  made[Symbol.dispose]();

  const counts: Record<string, number> = {};
  const wrong: string[] = [];
  let [found, rowsBack] = [0, 0];
  let done = 0;
  for (let time = 0; time < times && performance.now() < untilMs; time++, done++) {
    const kinds = Object.keys(harms);
    const kind = kinds[time % kinds.length]!;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const place = `${folder}/hurt`;
    rmSync(place, { recursive: true, force: true });
    cpSync(cut, place, { recursive: true });
    harms[kind]!(`${place}/vaults/${HURT}.db`, random);
    const { back, faults, isMended } = await lookAt(openStore(place), kind);
    rowsBack += back;
    if (isMended) found++;
    for (const fault of faults) if (wrong.length < 10) wrong.push(`${kind} (time ${time}): ${fault}`);
  }
  return { seed, times: counts, found, rowsBack, rowsBefore: done * (BACKED_UP + AFTER_BACKUP), wrong };
}

async function lookAt(store: Store, kind: string): Promise<{ back: number; faults: string[]; isMended: boolean }> {
  const faults: string[] = [];
  try {
    if (store.vault(WELL).count() !== 500) faults.push('the other vault is not whole');
    store.subjects();
    await store.check();
    if (!store.subjects().includes(HURT))
      return { back: 0, faults: [...faults, 'the vault stays closed though a backup holds'], isMended: false };
    const vault = store.vault(HURT);
    const rows = vault.log(0, Number.MAX_SAFE_INTEGER);
    const said = store.troubles().some(({ subject }) => subject === HURT);
    for (const { sequence, value, end } of rows)
      if (value !== kgOf(sequence) || end !== START_UTC_MS + sequence * MINUTE_MS) faults.push(`row ${sequence} is ${value}`);
    const sequences = new Set(rows.map(({ sequence }) => sequence));
    if (sequences.size !== rows.length) faults.push('rows are doubled');
    for (let sequence = 1; sequence <= BACKED_UP; sequence++)
      if (!sequences.has(sequence)) {
        faults.push(`row ${sequence} of the backup is missing`);
        break;
      }
    const isWhole = sequences.size === BACKED_UP + AFTER_BACKUP;
    const isLog = kind.includes('log');
    if (!isWhole && !said && !isLog) faults.push(`${BACKED_UP + AFTER_BACKUP - sequences.size} rows are missing and nobody says so`);
    // A log ends at its first frame that does not hold: what was before is whole.
    if (isLog && !said && Math.max(...sequences) !== sequences.size) faults.push('a torn log left a hole');
    // What is measured from now on is kept as ever.
    await vault.commit(rowsOf(BACKED_UP + AFTER_BACKUP + 1, BACKED_UP + AFTER_BACKUP + 1));
    if (vault.checkIntegrity().length > 0) faults.push('the vault is still damaged');
    return { back: sequences.size, faults, isMended: said };
  } finally {
    store[Symbol.dispose]();
  }
}
