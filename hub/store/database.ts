import Database from 'better-sqlite3-multiple-ciphers';
import { storeErrorOf } from './store-error.ts';

/** Enough that few pages are written twice, few enough that the log beside the file stays some megabytes. */
export const WAL_PAGES = 1000;

/**
 * Opens an encrypted SQLite file, or makes it. Each page carries an HMAC (SQLCipher 4 form), so a byte that changed anywhere is found
 * when its page is read. Throws StoreError when the file is damaged or the key is not its own.
 */
export function openDatabase(file: string, key: string, options: { readonly readonly?: boolean } = {}): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, options);
    database.pragma("cipher = 'sqlcipher'");
    // A raw 256-bit key: nothing to derive, so opening is fast.
    database.pragma(`key = "x'${key}'"`);
    database.pragma('cache_size = -2000');
    if (options.readonly === true) {
      database.pragma('user_version');
      return database;
    }
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
    // What is deleted is overwritten: a removed value must not stay in a free page.
    database.pragma('secure_delete = ON');
    return database;
  } catch (error) {
    database?.close();
    throw storeErrorOf(error, file);
  }
}
