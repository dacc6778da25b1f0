import { queuedStorage } from './nats.ts';
import { openPostgresStorage } from './postgres.ts';
import { openSqliteStorage } from './sqlite.ts';
import type { EdgeStorage } from './storage.ts';

/** PostgreSQL at `url`, or SQLite in the folder without one; behind a queue when one is named. */
export async function openStorage(folder: string, url: string | undefined, queue: string | undefined): Promise<EdgeStorage> {
  const storage = await openRecords(folder, url);
  return queue === undefined ? storage : queuedStorage(storage, { url: queue, stream: 'hearth' });
}

async function openRecords(folder: string, url: string | undefined): Promise<EdgeStorage> {
  return url === undefined ? openSqliteStorage(`${folder}/records.db`) : openPostgresStorage(url);
}
