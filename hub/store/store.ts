/**
 * Everything the hub keeps: one vault for each subject, opened as it is needed. A vault that is damaged is set aside and its newest good
 * backup takes its place; one that is closed (no key, from a newer hub) is left alone and said; the others go on.
 */
import { hkdfSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type Backup, backUp, backupsOf, dropOldestBackup } from './backups.ts';
import { checkFile } from './check-file.ts';
import { keepKey, keyOf } from './keys.ts';
import { type GuessCost, type LockState, type Locks, openLocks } from './locks.ts';
import { type Repair, repairVault } from './repair.ts';
import { openSegments, type Segments } from './segments.ts';
import { StoreError } from './store-error.ts';
import { type NewMeasurement, openVault, type StoredMeasurement, type Vault, type VaultOptions } from './vault.ts';

/** What is wrong with a vault, for people. */
export interface StoreTrouble {
  readonly subject: string;
  readonly message: string;
}

export interface Store extends Disposable {
  /** The subject's vault, made when it is new. Throws StoreError. */
  vault(subject: string): Vault;
  /** Keeps measurements of a subject: in their vault, or sealed beside it while it is locked, when none is told back. Rejects with StoreError. */
  keep(subject: string, rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]>;
  lockState(subject: string): LockState;
  /** When the lock was set, and how many bytes wait sealed; undefined without one. */
  aboutLock: Locks['about'];
  /** Sets a lock, by which the vault is unlocked for now. Resolves with the recovery kit, shown this once. Rejects with StoreError. */
  lock(subject: string, secret: string): Promise<string>;
  /** Unlocks by secret or kit, and takes in what waited: `onKept` is told what was new. Resolves with how many, undefined when it is not the secret. */
  unlock(subject: string, secretOrKit: string, onKept?: (rows: readonly StoredMeasurement[]) => void): Promise<number | undefined>;
  /** Closes an unlocked vault until it is unlocked again. */
  lockAgain(subject: string): void;
  /** Takes the lock of an unlocked vault away. Throws StoreError. */
  removeLock(subject: string): void;
  /** The time of a start of the hub became known: every vault is told, a locked one when it is unlocked. */
  redate(hubBoot: number, shiftMs: number, by: string): Promise<void>;
  /** The subject's raw samples. Throws StoreError. */
  segments(subject: string): Segments;
  /** Seals what cameras recorded for the subject, and nothing else: erasing the vault's key closes it too. Throws StoreError. */
  clipKey(subject: string): Buffer;
  /** Subjects that have a vault which opens. */
  subjects(): string[];
  /** Vaults that stay closed, and repairs since the start. */
  troubles(): StoreTrouble[];
  /** Reads every page of every vault, in a program of its own, and mends what is damaged. Resolves with what was mended. */
  check(): Promise<Repair[]>;
  /** Backs up each vault that changed since its last backup. Resolves with the new ones; rejects with the first failure after trying all. */
  backUp(): Promise<Backup[]>;
  /** Newest first. */
  backups(subject: string): Backup[];
  /** Lets the oldest file of raw samples go. Returns the bytes freed; 0 when there is none. */
  dropSegment(): number;
  /** Bytes of all raw samples. */
  segmentBytes(): number;
  /** Lets the oldest backup go, never the newest of a vault. Returns the bytes freed; 0 when there is none. */
  dropBackup(): number;
  /** Destroys a subject's key, vault, backups and what was set aside: nothing of it can be read any more. */
  erase(subject: string): void;
}

/** What may be a file's name everywhere; a subject's id is made by the hub. */
const SUBJECT = /^[a-z0-9][a-z0-9-]{0,63}$/;

export interface StoreOptions extends VaultOptions {
  /** What one guess at the secret of a locked vault costs. */
  readonly guessCost?: GuessCost;
}

export function openStore(folder: string, options: StoreOptions = {}): Store {
  const { now = Date.now } = options;
  const vaults = `${folder}/vaults`;
  mkdirSync(vaults, { recursive: true, mode: 0o700 });
  const open = new Map<string, Vault>();
  const raw = new Map<string, Segments>();
  const closed = new Map<string, StoreError>();
  const repairs: Repair[] = [];
  const fileOf = (subject: string): string => `${vaults}/${subject}.db`;
  const locks = openLocks(folder, options.guessCost);
  const keyFor = (subject: string): string => {
    const unlocked = locks.keyFor(subject);
    if (unlocked === undefined) return keyOf(`${folder}/keys`, subject, !existsSync(fileOf(subject)));
    // A power cut may have come between the lock and this.
    rmSync(`${folder}/keys/${subject}.key`, { force: true });
    return unlocked;
  };
  const beforeMigration = (file: string, form: number): void => {
    const own = `${folder}/backups/before-form-${form}`;
    mkdirSync(own, { recursive: true, mode: 0o700 });
    copyFileSync(file, `${own}/${file.slice(vaults.length + 1)}`);
  };

  const tryOpen = (subject: string): Vault => openVault(fileOf(subject), subject, keyFor(subject), { ...options, beforeMigration });
  const mend = (subject: string, damage: string): Repair => {
    open.get(subject)?.close();
    open.delete(subject);
    const repair = repairVault(folder, subject, keyFor(subject), damage, now());
    repairs.push(repair);
    return repair;
  };
  /** A key that opens a backup is right: then it is the file that is damaged. */
  const isDamage = (error: unknown): error is StoreError =>
    error instanceof StoreError && (error.kind === 'corrupt' || error.kind === 'key');
  const openOrMend = (subject: string): Vault => {
    const wasThere = existsSync(fileOf(subject));
    try {
      return tryOpen(subject);
    } catch (error) {
      if (!wasThere || !isDamage(error)) throw error;
      const canTell = error.kind === 'corrupt' || (keyOpens(subject) && backupsOf(folder, subject).length > 0);
      if (!canTell) throw error;
      mend(subject, error.message);
      return tryOpen(subject);
    }
  };
  const keyOpens = (subject: string): boolean => {
    try {
      keyFor(subject);
      return true;
    } catch {
      return false;
    }
  };
  const listed = (): string[] =>
    readdirSync(vaults)
      .filter((name) => name.endsWith('.db'))
      .map((name) => name.slice(0, -'.db'.length))
      .filter((subject) => locks.state(subject) !== 'locked')
      .sort();
  const vault = (subject: string): Vault => {
    const known = open.get(subject);
    if (known !== undefined) return known;
    if (!SUBJECT.test(subject)) throw new RangeError(`'${subject}' is no subject id: lower-case letters, digits and hyphens`);
    const opened = openOrMend(subject);
    closed.delete(subject);
    open.set(subject, opened);
    return opened;
  };
  const opens = (subject: string): boolean => {
    try {
      vault(subject);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      closed.set(subject, error);
      return false;
    }
  };

  const closeUp = (subject: string): void => {
    raw.get(subject)?.flush();
    raw.delete(subject);
    open.get(subject)?.close();
    open.delete(subject);
  };
  /** Files of raw samples, oldest first. */
  const rawFiles = (): { subject: string; size: number; mtimeMs: number }[] =>
    listedIn(`${folder}/segments`)
      .flatMap((subject) =>
        listedIn(`${folder}/segments/${subject}`).map((file) => {
          const { size, mtimeMs } = statSync(`${folder}/segments/${subject}/${file}`);
          return { subject, size, mtimeMs };
        }),
      )
      .sort((a, b) => a.mtimeMs - b.mtimeMs);

  return {
    vault,
    async keep(subject, rows) {
      if (locks.state(subject) !== 'locked') return vault(subject).commit(rows);
      if (rows.length > 0) locks.take(subject, rows);
      return [];
    },
    lockState: locks.state,
    aboutLock: locks.about,
    async lock(subject, secret) {
      if (locks.state(subject) !== 'plain') throw new StoreError('locked', `the vault of ${subject} has a lock already`);
      vault(subject);
      const kit = await locks.set(subject, keyFor(subject), secret, now());
      rmSync(`${folder}/keys/${subject}.key`, { force: true });
      return kit;
    },
    async unlock(subject, secretOrKit, onKept = () => undefined) {
      if (!(await locks.unlock(subject, secretOrKit))) return undefined;
      let added = 0;
      const own = vault(subject);
      for (const rows of locks.waiting(subject)) {
        const kept = await own.commit(rows);
        added += kept.length;
        onKept(kept);
      }
      locks.emptied(subject);
      for (const { hubBoot, shiftMs } of locks.takeRedatings(subject)) await own.redate(hubBoot, shiftMs, 'hub');
      return added;
    },
    lockAgain(subject) {
      if (locks.state(subject) !== 'unlocked') return;
      closeUp(subject);
      locks.forgetKey(subject);
    },
    removeLock(subject) {
      keepKey(`${folder}/keys`, subject, locks.remove(subject));
      locks.erase(subject);
    },
    async redate(hubBoot, shiftMs, by) {
      for (const subject of this.subjects()) await vault(subject).redate(hubBoot, shiftMs, by);
      for (const name of listedIn(vaults).filter((one) => one.endsWith('.db'))) {
        const subject = name.slice(0, -'.db'.length);
        if (locks.state(subject) === 'locked') locks.noteRedating(subject, hubBoot, shiftMs);
      }
    },
    segments(subject) {
      const known = raw.get(subject);
      if (known !== undefined) return known;
      const segments = openSegments(folder, () => vault(subject), subject, keyFor(subject));
      raw.set(subject, segments);
      return segments;
    },
    clipKey: (subject) => Buffer.from(hkdfSync('sha256', Buffer.from(keyFor(subject), 'hex'), '', 'hearth clips', 32)),
    subjects: () => listed().filter((subject) => (open.has(subject) ? true : !closed.has(subject) && opens(subject))),
    troubles: () => [
      ...[...closed].map(([subject, { message }]) => ({ subject, message })),
      ...repairs.map(({ subject, restoredFromMs, salvaged, asideFile }) => ({
        subject,
        message: `the vault of ${subject} was damaged and lies in ${asideFile}; ${
          restoredFromMs === null ? 'there was no backup' : `the backup of ${new Date(restoredFromMs).toISOString()} took its place`
        }, with ${salvaged} measurements saved from the damaged file`,
      })),
    ],
    async check() {
      const before = repairs.length;
      for (const subject of listed()) {
        if (!open.has(subject) && !opens(subject)) continue;
        const damage = await checkFile(fileOf(subject), keyFor(subject));
        if (damage.length > 0 && open.has(subject)) mend(subject, damage.join('; '));
      }
      return repairs.slice(before);
    },
    async backUp() {
      const made: Backup[] = [];
      const failures: unknown[] = [];
      for (const subject of listed()) {
        if (!open.has(subject) && !opens(subject)) continue;
        const newest = backupsOf(folder, subject)[0];
        const { mtimeMs } = statSync(fileOf(subject));
        const changedMs = existsSync(`${fileOf(subject)}-wal`) ? Math.max(mtimeMs, statSync(`${fileOf(subject)}-wal`).mtimeMs) : mtimeMs;
        if (newest !== undefined && statSync(newest.file).mtimeMs > changedMs) continue;
        try {
          made.push(await backUp(folder, vault(subject), keyFor(subject), now()));
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return made;
    },
    backups: (subject) => backupsOf(folder, subject),
    dropSegment() {
      // The oldest of all subjects, so that nobody's go first.
      const subjects = [...new Set(rawFiles().map(({ subject }) => subject))];
      for (const subject of subjects) {
        const freed = this.segments(subject).dropOldest();
        if (freed > 0) return freed;
      }
      return 0;
    },
    segmentBytes: () => rawFiles().reduce((sum, { size }) => sum + size, 0),
    dropBackup: () => dropOldestBackup(folder, listed()),
    erase(subject) {
      if (!SUBJECT.test(subject)) throw new RangeError(`'${subject}' is no subject id`);
      // The key first: from here on nothing can be read, whatever stops the rest.
      locks.erase(subject);
      rmSync(`${folder}/keys/${subject}.key`, { force: true });
      open.get(subject)?.close();
      open.delete(subject);
      raw.delete(subject);
      closed.delete(subject);
      for (const end of ['', '-wal', '-shm']) rmSync(`${fileOf(subject)}${end}`, { force: true });
      rmSync(`${folder}/backups/${subject}`, { recursive: true, force: true });
      rmSync(`${folder}/segments/${subject}`, { recursive: true, force: true });
      rmSync(`${folder}/clips/${subject}`, { recursive: true, force: true });
      for (const place of [
        'damaged',
        ...listedIn(`${folder}/backups`)
          .filter((name) => name.startsWith('before-form-'))
          .map((name) => `backups/${name}`),
      ])
        for (const name of listedIn(`${folder}/${place}`))
          if (name === `${subject}.db` || new RegExp(`^${subject}-\\d{4}-\\d\\d-\\d\\dT`).test(name)) rmSync(`${folder}/${place}/${name}`);
    },
    [Symbol.dispose]() {
      for (const segments of raw.values()) segments.flush();
      for (const one of open.values()) one.close();
      open.clear();
    },
  };
}

const listedIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
