/** What a vault consists of, and what its readers and writers share. */
import { type Blocks, createBlocks } from './blocks.ts';
import type { openDatabase } from './database.ts';
import { createDeviceNumbers, type DeviceNumbers } from './device-numbers.ts';
import { createEntries, type Entries } from './entries.ts';
import { createNewest, type Newest } from './newest.ts';
import { createRecent, type Recent } from './recent.ts';
import { migrate } from './schema.ts';
import { storeErrorOf } from './store-error.ts';
import { createSummaries, type Summaries } from './summaries.ts';

export interface VaultParts {
  readonly subject: string;
  readonly summaries: Summaries;
  readonly blocks: Blocks;
  readonly recent: Recent;
  readonly entries: Entries;
  readonly devices: DeviceNumbers;
  readonly newest: Newest;
  /** Position of the newest entry. */
  head: number;
  /** Memory is read anew, after a transaction that failed. */
  forget(head: number): void;
}

/** Read from the file, brought up to date. Closes it and throws StoreError when that fails. */
export function vaultParts(
  database: ReturnType<typeof openDatabase>,
  file: string,
  subject: string,
  beforeMigration: (file: string, form: number) => void,
): VaultParts {
  try {
    migrate(database, file, beforeMigration);
    const summaries = createSummaries(database);
    const blocks = createBlocks(database, summaries);
    const recent = createRecent(database);
    const entries = createEntries(database);
    const devices = createDeviceNumbers(database);
    const newest = createNewest(blocks, recent);
    const parts: VaultParts = {
      subject,
      summaries,
      blocks,
      recent,
      entries,
      devices,
      newest,
      head: Math.max(entries.head, blocks.head, recent.rows.at(-1)?.seq ?? 0),
      forget(head) {
        parts.head = head;
        devices.forget();
        blocks.forget();
        newest.forget();
        recent.reload();
      },
    };
    return parts;
  } catch (error) {
    database.close();
    throw storeErrorOf(error, file);
  }
}
