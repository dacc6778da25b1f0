/** Backups of vaults: copies as encrypted as they are, in a folder beside them, proven by opening them, rotated. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { checkFile } from './check-file.ts';
import { openDatabase } from './database.ts';
import type { Vault } from './vault.ts';

/** A week of nights, and a month of weeks. */
const NIGHTS = 7;
const WEEKS = 5;
const DAY_MS = 86_400_000;

export interface Backup {
  readonly file: string;
  readonly atMs: number;
  readonly bytes: number;
}

/** Newest first. */
export function backupsOf(folder: string, subject: string): Backup[] {
  const own = `${folder}/backups/${subject}`;
  if (!existsSync(own)) return [];
  return readdirSync(own)
    .flatMap((name) => {
      const atMs = Date.parse(name.slice(0, -'.db'.length).replace(/T(\d\d)-(\d\d)-(\d\d)/, 'T$1:$2:$3'));
      return name.endsWith('.db') && Number.isFinite(atMs)
        ? [{ file: `${own}/${name}`, atMs, bytes: statSync(`${own}/${name}`).size }]
        : [];
    })
    .sort((a, b) => b.atMs - a.atMs);
}

/** Copies, proves and rotates. Rejects, leaving the older ones, when the copy does not hold. */
export async function backUp(folder: string, vault: Vault, key: string, atMs: number): Promise<Backup> {
  const own = `${folder}/backups/${vault.subject}`;
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const file = `${own}/${new Date(atMs).toISOString().replaceAll(':', '-')}.db`;
  const draft = `${own}/draft`;
  try {
    const head = vault.head();
    await vault.backup(draft);
    const wrong = await checkFile(draft, key);
    if (wrong.length > 0) throw new Error(`the backup of ${vault.subject} does not hold: ${wrong.join('; ')}`);
    if (headOf(draft, key) < head) throw new Error(`the backup of ${vault.subject} is not whole`);
    renameSync(draft, file);
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true });
  }
  // The sealed keys go along: with the recovery kit the backups alone are enough.
  const keyFile = `${folder}/keys/${vault.subject}.key`;
  if (existsSync(keyFile)) copyFileSync(keyFile, `${own}/${vault.subject}.key`);
  rotate(folder, vault.subject, vault.lastRemovalMs());
  return backupsOf(folder, vault.subject)[0]!;
}

/** The position up to which a file has the log. */
export function headOf(file: string, key: string): number {
  const database = openDatabase(file, key, { readonly: true });
  try {
    const { head } = database
      .prepare<[], { head: number }>(
        'SELECT max(ifnull((SELECT max(seq) FROM recent), 0), ifnull((SELECT max(fold) FROM block), 0), ifnull((SELECT max(seq) FROM entry), 0)) AS head',
      )
      .get()!;
    return head;
  } finally {
    database.close();
  }
}

/** Keeps the newest of each of seven days and five weeks, and none from before a removal: nothing of a removed value is to be left. */
function rotate(folder: string, subject: string, lastRemovalMs: number): void {
  const all = backupsOf(folder, subject);
  const kept = new Set(all.slice(0, 1));
  for (const [widthMs, count] of [
    [DAY_MS, NIGHTS],
    [7 * DAY_MS, WEEKS],
  ] as const) {
    const newest = new Map<number, Backup>();
    for (const one of all) if (!newest.has(Math.floor(one.atMs / widthMs))) newest.set(Math.floor(one.atMs / widthMs), one);
    for (const one of [...newest.values()].slice(0, count)) kept.add(one);
  }
  for (const one of all) if (!kept.has(one) || (one.atMs <= lastRemovalMs && one !== all[0])) rmSync(one.file);
}

/** Frees room by letting the oldest go, the newest last. Returns the bytes freed. */
export function dropOldestBackup(folder: string, subjects: readonly string[]): number {
  const oldest = subjects.flatMap((subject) => backupsOf(folder, subject).slice(1)).sort((a, b) => a.atMs - b.atMs)[0];
  if (oldest === undefined) return 0;
  rmSync(oldest.file);
  return oldest.bytes;
}
