/** What the hub does for its data by itself: a full check after the start and each week, a backup each night, room on the disk. */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Store } from '../store/store.ts';
import { type DiskState, diskOf, type Freeable, makeRoom, mayKeep } from './disk.ts';

/** The start belongs to the person who waits for the page. */
const FIRST_CHECK_MS = 60_000;
const CHECK_EVERY_MS = 7 * 86_400_000;
const LOOK_EVERY_MS = 600_000;
/** At night nobody waits; by the home's own clock. */
const BACKUP_HOUR = 3;
const HOUR_MS = 3_600_000;

export interface UpkeepOptions {
  readonly data: string;
  readonly store: Store;
  readonly clock: Clock & { zoneMin(utcMs: number): number | null };
  /** What may go when the disk is full, what goes first first; backups are added. */
  readonly freeable: readonly Freeable[];
  /** Keeps what has a limit of its own within it; each ten minutes. */
  readonly trim?: () => void;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Upkeep {
  /** What is wrong that a person should know; empty when nothing is. */
  troubles(): string[];
  readonly disk: DiskState;
  readonly done: Promise<void>;
}

/** Whether a backup is due: each night at three, at once when there is none, and within the hour after something was removed. */
export function isBackupDue(nowMs: number, zoneMin: number, newestMs: number | undefined, lastRemovalMs: number): boolean {
  if (newestMs === undefined) return true;
  if (lastRemovalMs > newestMs) return nowMs - lastRemovalMs >= 0;
  const night = (ms: number): number => Math.floor((ms + zoneMin * 60_000 - BACKUP_HOUR * HOUR_MS) / (24 * HOUR_MS));
  return night(nowMs) > night(newestMs);
}

export function startUpkeep({ data, store, clock, freeable, trim, say, signal }: UpkeepOptions): Upkeep {
  let disk = diskOf(data);
  let backupTrouble = '';
  let checkedMs = Number.NEGATIVE_INFINITY;

  const check = async (): Promise<void> => {
    checkedMs = clock.monotonic();
    for (const { subject, damage } of await store.check()) say(`The vault of ${subject} was damaged (${damage}) and was mended.`);
  };
  const look = async (): Promise<void> => {
    trim?.();
    disk = diskOf(data);
    const parts = [...freeable, { use: 'backup', dropOldest: () => store.dropBackup() } as const];
    const freed = makeRoom(parts, () => diskOf(data));
    if (freed > 0)
      say(`The disk was nearly full: ${Math.round(freed / 2 ** 20)} MB of recordings, raw samples or old backups were let go.`);
    disk = diskOf(data);
    const nowMs = clock.utc();
    const isDue = store
      .subjects()
      .some((subject) =>
        isBackupDue(nowMs, clock.zoneMin(nowMs) ?? 0, store.backups(subject)[0]?.atMs, store.vault(subject).lastRemovalMs()),
      );
    if (!isDue) return;
    if (!mayKeep('backup', disk)) {
      backupTrouble = 'there is no room for backups: free some space on the disk';
      return;
    }
    await store.backUp();
    backupTrouble = '';
  };

  const run = async (): Promise<void> => {
    await clock.sleep(FIRST_CHECK_MS, signal).catch(() => undefined);
    while (!signal.aborted) {
      try {
        if (clock.monotonic() - checkedMs >= CHECK_EVERY_MS) await check();
        await look();
      } catch (error) {
        backupTrouble = error instanceof Error ? error.message : String(error);
        say(`Upkeep of the data: ${backupTrouble}`);
      }
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  };

  return {
    troubles: () => [
      ...store.troubles().map(({ message }) => message),
      ...(backupTrouble === '' ? [] : [backupTrouble]),
      ...(disk.state === 'ok' ? [] : [`the disk has ${Math.round(disk.freeBytes / 2 ** 20)} MB free: ${diskWords[disk.state]}`]),
    ],
    get disk() {
      return disk;
    },
    done: run(),
  };
}

const diskWords = {
  low: 'no recordings and no raw samples are kept until there is more',
  critical: 'no backups are made until there is more',
  full: 'measurements will be refused soon',
} as const;
