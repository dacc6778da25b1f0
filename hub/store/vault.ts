/**
 * One subject's vault: an encrypted SQLite file with its log.
 *
 * A commit resolves once its rows are on disk (`synchronous=FULL`). New rows lie in a table; when there are enough, the older half is
 * folded into packed blocks. Everything read sees both.
 */
import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createCommitQueue } from './commit-queue.ts';
import type { NewMeasurement, Vault, VaultOptions } from './contract.ts';
import { openDatabase, WAL_PAGES } from './database.ts';
import type { StoredMeasurement } from './log-entry.ts';
import { StoreError, storeErrorOf } from './store-error.ts';
import { vaultParts } from './vault-parts.ts';
import { vaultReading } from './vault-reading.ts';
import { vaultWriting } from './vault-writing.ts';

export type { NewMeasurement, RangeQuery, TakenBack, Vault, VaultOptions } from './contract.ts';
export type { Gap } from './entries.ts';
export type { StoredMeasurement } from './log-entry.ts';

/** Rows that one fold packs: enough that deflate has something to work on, few enough that it takes some 20 ms. */
export const FOLD_ROWS = 8192;

/** Opens or makes the vault's file. Throws StoreError when it is damaged, newer than this hub, or its key is not its own. */
export function openVault(file: string, subject: string, key: string, options: VaultOptions = {}): Vault {
  const {
    now = Date.now,
    groupMs = 0,
    trickleMs = 0,
    monotonic = () => performance.now(),
    later,
    beforeMigration = () => undefined,
  } = options;
  const database = openDatabase(file, key);
  const parts = vaultParts(database, file, subject, beforeMigration);
  const writing = vaultWriting(parts, now);
  const { blocks, recent } = parts;

  /** Runs what writes, all or nothing; memory is read anew when it was nothing. */
  const change = <Result>(work: () => Result): Result => {
    const before = parts.head;
    try {
      return database.transaction(() => {
        const result = work();
        recent.save();
        return result;
      })();
    } catch (error) {
      parts.forget(before);
      throw storeErrorOf(error, file);
    }
  };

  const fold = (): void => {
    while (recent.rows.length >= 2 * FOLD_ROWS) {
      const oldest = recent.rows.slice(0, FOLD_ROWS);
      change(() => {
        blocks.fold(oldest);
        recent.dropUpTo(oldest.at(-1)!.seq);
      });
    }
  };

  const queue = createCommitQueue<NewMeasurement, StoredMeasurement>({
    write: (parts) =>
      change(() => {
        const atMs = now();
        return parts.map((rows) => rows.flatMap((row) => writing.write(row, atMs) ?? []));
      }),
    afterFlush() {
      try {
        fold();
      } catch (error) {
        // The rows are safe where they are; on a disk that takes more the next flush folds them.
        if (!(error instanceof StoreError && ['full', 'failing'].includes(error.kind))) throw error;
      }
    },
    windowMs: groupMs,
    trickleMs,
    now: monotonic,
    ...(later === undefined ? {} : { later }),
  });

  const needOpen = (): void => {
    if (!database.open) throw new StoreError('closed', 'the store is closed: the hub is stopping');
  };
  /** What waits goes first, so that the order in the log is that of the calls. */
  const inOrder = async <Result>(work: () => Result): Promise<Result> => {
    needOpen();
    queue.flush();
    return change(work);
  };

  return {
    subject,
    ...vaultReading(parts),
    commit(rows) {
      if (!database.open) return Promise.reject(new StoreError('closed', 'the store is closed: the hub is stopping'));
      return queue.commit(rows);
    },
    flush: queue.flush,
    record: (entry, by) => inOrder(() => writing.put(entry, by)),
    amend: (seq, value, by) => inOrder(() => writing.amend(seq, value, by)),
    async remove(seqs, by) {
      const removed = await inOrder(() => writing.remove(seqs, by));
      // Old pages lie in the write-ahead log until it is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
      return removed;
    },
    redate: (hubBoot, shiftMs, by) => inOrder(() => writing.redate(hubBoot, shiftMs, by)),
    async takeBack(taken) {
      await inOrder(() => writing.takeBack(taken));
      fold();
    },
    secrets() {
      needOpen();
      const rows = database.prepare<[], { name: string; value: string }>('SELECT name, value FROM secret').all();
      return new Map(rows.map(({ name, value }) => [name, value]));
    },
    setSecret(name, value) {
      needOpen();
      change(() => {
        if (value === undefined) database.prepare('DELETE FROM secret WHERE name = ?').run(name);
        else database.prepare('INSERT INTO secret VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value);
      });
      if (value === undefined) database.pragma('wal_checkpoint(TRUNCATE)');
    },
    async backup(to) {
      needOpen();
      queue.flush();
      // All is in the file after this, and stays as it is there: commits go to the log beside it until it is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.pragma('wal_autocheckpoint = 0');
      try {
        await copyFile(file, to, constants.COPYFILE_FICLONE);
      } finally {
        if (database.open) database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
      }
    },
    checkIntegrity() {
      const rows = database.pragma('integrity_check') as { integrity_check: string }[];
      return rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
    },
    close() {
      if (!database.open) return;
      queue.flush();
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}
