/**
 * Lines of JSON in a folder (a USB stick, a share that is backed up) as a target. The newest file is `measurements.jsonl`; full, it
 * gets a number and the oldest goes. What is written is flushed before the cursor moves; a line that a power cut tore is cut off,
 * and lines that are there already are not written again.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { writeFileAtomic } from '../../ops/files.ts';
import { eventsOf, type SyncEvent } from '../event.ts';
import { type Delivery, type Target, TargetError } from '../target.ts';

export interface FileOptions {
  readonly name: string;
  readonly region: string;
  readonly folder: string;
  /** Of one file. */
  readonly mostBytes: number;
  /** Files kept, the newest included. */
  readonly keep: number;
}

/** 300 kB of lines: one write and one flush. */
const MOST_ENTRIES = 1000;
const CURRENT = 'measurements.jsonl';

export function fileTarget({ name, region, folder, mostBytes, keep }: FileOptions): Target {
  const current = `${folder}/${CURRENT}`;
  /** Newest position of each subject in the current file; read from it once. */
  let newest: Map<string, number> | undefined;

  const guarded = <T>(work: () => T): T => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return work();
    } catch (error) {
      newest = undefined;
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const isTheirs = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR'].includes(code);
      throw new TargetError(
        isTheirs ? 'refused' : 'away',
        `${folder} cannot be written: ${error instanceof Error ? error.message : error}`,
      );
    }
  };
  const numbered = (): string[] =>
    readdirSync(folder)
      .filter((file) => /^measurements-\d+\.jsonl$/.test(file))
      .sort((a, b) => numberOf(a) - numberOf(b));
  const rotate = (): void => {
    const files = numbered();
    renameSync(current, `${folder}/measurements-${numberOf(files.at(-1) ?? '') + 1}.jsonl`);
    for (const file of numbered().slice(0, -Math.max(1, keep - 1))) unlinkSync(`${folder}/${file}`);
    if (keep === 1) for (const file of numbered()) unlinkSync(`${folder}/${file}`);
  };
  const append = (events: readonly SyncEvent[]): number => {
    newest ??= whole(current);
    const text = events
      .filter(({ subject, seq }) => seq > (newest?.get(subject) ?? 0))
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('');
    const handle = openSync(current, 'a', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    for (const { subject, seq } of events) newest.set(subject, Math.max(seq, newest.get(subject) ?? 0));
    if (statSync(current).size >= mostBytes) rotate();
    return Buffer.byteLength(text);
  };
  /** Takes lines out of every file. */
  const drop = (isGone: (event: SyncEvent) => boolean): void => {
    for (const file of [...numbered(), ...(existsSync(current) ? [CURRENT] : [])]) {
      const lines = readFileSync(`${folder}/${file}`, 'utf8').split('\n');
      const left = lines.filter((line) => line === '' || !isGone(JSON.parse(line) as SyncEvent));
      if (left.length < lines.length) writeFileAtomic(`${folder}/${file}`, left.join('\n'));
    }
  };
  return {
    name,
    kind: 'file',
    region,
    mostEntries: MOST_ENTRIES,
    countsPositions: false,
    capabilities: {
      keepsTime: true,
      amends: true,
      removes: true,
      fillsIn: false,
      says: 'Writes each measurement with its own time, one line each. A correction is a line of its own; a removal takes the lines out of the files.',
    },
    send: async (delivery: Delivery) =>
      guarded(() => {
        const gone = new Set(delivery.entries.flatMap((entry) => (entry.kind === 'removed' ? entry.of : [])));
        if (gone.size > 0)
          drop(({ subject, seq, of }) => subject === delivery.subject && (gone.has(seq) || (typeof of === 'number' && gone.has(of))));
        return { bytes: append(eventsOf(delivery)) };
      }),
    erase: async (erased) =>
      guarded(() => {
        drop(({ subject }) => subject === erased);
      }),
    test: async () =>
      guarded(() => {
        const file = `${folder}/.hearth-test`;
        writeFileAtomic(file, 'a test of this hub\n');
        unlinkSync(file);
        const { bavail, bsize } = statfsSync(folder);
        return `${folder} was written to and read; ${Math.floor((bavail * bsize) / 1e6)} MB are free there.`;
      }),
    async close() {
      newest = undefined;
    },
  };
}

const numberOf = (file: string): number => Number(/-(\d+)\./.exec(file)?.[1] ?? 0);

/** Cuts a torn last line off, and gives the newest position of each subject. */
function whole(file: string): Map<string, number> {
  const newest = new Map<string, number>();
  if (!existsSync(file)) return newest;
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(file, end);
  for (const line of bytes.subarray(0, end).toString('utf8').split('\n')) {
    if (line === '') continue;
    const { subject, seq } = JSON.parse(line) as SyncEvent;
    newest.set(subject, Math.max(seq, newest.get(subject) ?? 0));
  }
  return newest;
}
