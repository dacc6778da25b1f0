import { mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { openDatabase } from '../../../hub/store/database.ts';
import { migrate } from '../../../hub/store/schema.ts';
import { openStore } from '../../../hub/store/store.ts';
import { openVault } from '../../../hub/store/vault.ts';

const KEY = 'ab'.repeat(32);
const START = Date.UTC(2026, 0, 1);
const ROWS = 20_000;

t.test('a vault of the first form keeps every measurement, position and entry when it is brought up to date', (t) => {
  const file = `${t.testdir({})}/home.db`;
  const old = openDatabase(file, KEY);
  migrate(old, file, () => undefined, 2);
  old.exec("INSERT INTO device (id) VALUES ('air-1')");
  const insert = old.prepare('INSERT INTO log VALUES (?, 1, 9, ?, 97, ?, ?, 0, 0)');
  old.transaction(() => {
    for (let index = 1; index <= ROWS; index++)
      insert.run(index, index, index % 50 === 0 ? null : 20 + (index % 30) / 10, START + index * 60_000);
    old
      .prepare("INSERT INTO entry VALUES (?, ?, 'hub', 'gap', NULL, ?)")
      .run(ROWS + 1, START, JSON.stringify({ device: 'air-1', fromMs: START, toMs: START + 1, cause: 'power' }));
  })();
  old.close();

  const told: number[] = [];
  const vault = openVault(file, 'home', KEY, { beforeMigration: (_file, form) => told.push(form) });
  t.same(told, [2], 'a copy can be kept before');
  t.equal(vault.count(), ROWS);
  t.equal(vault.head(), ROWS + 1);
  const rows = [...vault.range({})];
  t.ok(rows.every(({ seq, sequence, end }, index) => seq === index + 1 && sequence === seq && end === START + seq * 60_000));
  t.match(vault.entries(ROWS, 5), [{ kind: 'gap', cause: 'power' }]);
  const points = vault.series({ quantity: 'temperature', fromMs: START, toMs: START + 15 * 86_400_000, points: 400 });
  t.equal(
    points.reduce((sum, { count }) => sum + count, 0),
    ROWS - ROWS / 50,
  );
  t.same(vault.checkIntegrity(), []);
  vault.close();
  const again = openVault(file, 'home', KEY, { beforeMigration: () => t.fail('only once') });
  t.equal(again.count(), ROWS);
  again.close();
  t.end();
});

t.test('a vault from a newer hub is refused in words and left as it is', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  await store.vault('home').commit([]);
  store[Symbol.dispose]();
  const file = `${folder}/newer.db`;
  const newer = openDatabase(file, KEY);
  newer.pragma('user_version = 99');
  newer.close();
  t.throws(() => openVault(file, 'home', KEY), {
    kind: 'newer',
    message: /form 99, this one knows \d+\): update the hub; nothing was changed/,
  });
  const same = openDatabase(file, KEY, { readonly: true });
  t.equal(same.pragma('user_version', { simple: true }), 99);
  same.close();
});

t.test('a file that is no vault is refused and left as it is', (t) => {
  const folder = t.testdir({});
  mkdirSync(`${folder}/vaults`, { recursive: true });
  writeFileSync(`${folder}/x.db`, 'this is a letter to my grandmother, and no database at all'.repeat(200));
  t.throws(() => openVault(`${folder}/x.db`, 'x', KEY), { kind: 'key', message: /does not open with its key/ });
  t.end();
});
