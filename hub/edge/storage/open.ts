import { openPostgresStorage } from './postgres.ts';
import { openSqliteStorage } from './sqlite.ts';
import type { EdgeStorage } from './storage.ts';

/** PostgreSQL at `url`, or SQLite in the folder without one. */
export async function openStorage(folder: string, url: string | undefined): Promise<EdgeStorage> {
  return url === undefined ? openSqliteStorage(`${folder}/records.db`) : openPostgresStorage(url);
}
