/** What is left on the disk of a value that was removed: the file is opened to plain pages with its key, and searched byte by byte. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { openDatabase } from '../../../hub/store/database.ts';
import { keyOf } from '../../../hub/store/keys.ts';
import { openStore } from '../../../hub/store/store.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const SECRET = 71.984372190001;
const AMENDED = 72.119284370003;

/** Whether the eight bytes of the number, as SQLite writes a REAL, are anywhere in the vault's file or the log beside it. */
function isLeft(folder: string, value: number): boolean {
  const [file, copy] = [`${folder}/vaults/person-1.db`, `${folder}/copy.db`];
  for (const end of ['', '-wal']) if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, `${copy}${end}`);
  const database = openDatabase(copy, keyOf(`${folder}/keys`, 'person-1', false));
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.pragma('journal_mode = DELETE');
  // An empty key leaves plain pages, free ones too.
  database.pragma("rekey = ''");
  database.close();
  const bytes = readFileSync(copy);
  const real = Buffer.alloc(8);
  real.writeDoubleBE(value);
  return bytes.includes(real) || bytes.includes(String(value));
}

t.test('nothing of a removed measurement is left in its vault, nor of what it was amended to', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  const vault = store.vault('person-1');
  const row = { device: 'scale-1', boot: 7, code: 1, endUtcMs: NOON, spanMs: 0, timeQuality: 'synced' } as const;
  await vault.commit([
    { ...row, sequence: 1, value: 70 },
    { ...row, sequence: 2, value: SECRET },
  ]);
  await vault.amend(2, AMENDED, 'person:ada');
  t.ok(isLeft(folder, AMENDED), 'it is found while it is there');
  t.ok(isLeft(folder, SECRET), 'and so is the value before it, for the history');
  await vault.remove([2], 'person:ada');
  t.notOk(isLeft(folder, AMENDED));
  t.notOk(isLeft(folder, SECRET));
  t.equal(vault.count(), 1);
  store[Symbol.dispose]();
});
