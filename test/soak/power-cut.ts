/**
 * What a power cut leaves on a disk: every file as it was last flushed, and of what was being written some part.
 *
 * SQLite's order with a write-ahead log (sqlite.org/wal.html, "Checkpointing"): frames go to the log and are flushed; only then do pages
 * go to the database, and are flushed; only then is the log begun again. So a cut falls either into the writing of frames, with the
 * database untouched, or into the writing of pages, with the log whole.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../hardware/virtual/random.ts';

/** Content of each database file and its log, by path below the folder. */
export type Image = ReadonlyMap<string, Buffer>;

const PAGE = 4096;
/** Bytes 16 to 23 of a log's header are drawn anew each time it is begun again (sqlite.org/fileformat2.html, 4.1). */
const SALT_FROM = 16;
const SALT_TO = 24;

/** Reads the databases below a folder. Shared-memory files are not on the disk in truth. */
export function imageOf(folder: string): Image {
  const image = new Map<string, Buffer>();
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    if (name.endsWith('.db') || name.endsWith('.db-wal')) image.set(name, readFileSync(join(folder, name)));
  return image;
}

/** Copies a folder as a cut leaves it: plain files as they are, databases from the image. */
export function copyAfterCut(from: string, to: string, image: Image): void {
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => !/\.db(-wal|-shm)?$/.test(path) });
  for (const [name, bytes] of image) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), bytes);
  }
}

/** Chooses what of the changes between two images reached the disk. */
export function torn(before: Image, after: Image, random: Random): Image {
  const image = new Map(before);
  const bases = new Set([...before.keys(), ...after.keys()].map((name) => name.replace(/-wal$/, '')));
  for (const base of bases) {
    const wal = `${base}-wal`;
    const part = tornDatabase({ pages: before.get(base), log: before.get(wal) }, { pages: after.get(base), log: after.get(wal) }, random);
    for (const [name, bytes] of [
      [base, part.pages],
      [wal, part.log],
    ] as const)
      if (bytes === undefined) image.delete(name);
      else image.set(name, bytes);
  }
  return image;
}

interface Files {
  readonly pages: Buffer | undefined;
  readonly log: Buffer | undefined;
}

function tornDatabase(before: Files, after: Files, random: Random): Files {
  const isSamePages = before.pages !== undefined && after.pages !== undefined && before.pages.equals(after.pages);
  if (isSamePages) return { pages: before.pages, log: tornLog(before.log ?? Buffer.alloc(0), after.log ?? Buffer.alloc(0), random) };
  const isSameLog =
    before.log !== undefined &&
    after.log !== undefined &&
    before.log.subarray(SALT_FROM, SALT_TO).equals(after.log.subarray(SALT_FROM, SALT_TO));
  if (isSameLog && before.pages !== undefined && after.pages !== undefined)
    return { pages: somePages(before.pages, after.pages, random), log: after.log };
  // Several steps lie between: only the two ends are known to be possible.
  return random.uniform() < 0.5 ? before : after;
}

/** The log's new bytes up to some point, with the last sector garbled, as a drive leaves it that loses power in it. */
function tornLog(before: Buffer, after: Buffer, random: Random): Buffer {
  let from = 0;
  while (from < after.length && from < before.length && before[from] === after[from]) from++;
  const until = from + Math.floor(random.uniform() * (after.length - from + 1));
  const log = Buffer.concat([after.subarray(0, until), before.subarray(until)]);
  if (random.uniform() < 0.5) for (let at = Math.max(from, until - 512); at < until; at++) log[at] = Math.floor(random.uniform() * 256);
  return log;
}

/** A drive writes pages in any order. */
function somePages(before: Buffer, after: Buffer, random: Random): Buffer {
  const pages = Buffer.alloc(Math.max(before.length, after.length));
  for (let at = 0; at < pages.length; at += PAGE) {
    const isWritten = at >= before.length || random.uniform() < 0.5;
    (isWritten ? after : before).copy(pages, at, at, at + PAGE);
  }
  return pages;
}

/** Whether there is memory to keep files in: flushes cost nothing there, and what a cut leaves is made here anyway. */
export const memoryFolder = (): string => (existsSync('/dev/shm') ? '/dev/shm' : '/tmp');
