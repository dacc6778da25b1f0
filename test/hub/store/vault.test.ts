import { readFileSync, rmSync } from 'node:fs';
import t from 'tap';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const row = (sequence: number, more: Partial<NewMeasurement> = {}): NewMeasurement => ({
  device: 'scale-1',
  boot: 7,
  sequence,
  code: 1,
  value: 72.35,
  endUtcMs: NOON + sequence * 60_000,
  spanMs: 2000,
  timeQuality: 'synced',
  ...more,
});

t.test('what was committed is there after the store is opened again, once, in order', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  const vault = store.vault('person-1');
  t.equal((await vault.commit([row(1), row(2)])).length, 2);
  t.equal((await vault.commit([row(2), row(3)])).length, 1, 'a row sent again is not new');
  t.same(
    (await Promise.all([vault.commit([row(4)]), vault.commit([row(5)])])).map((stored) => stored.map(({ sequence }) => sequence)),
    [[4], [5]],
    'commits that share a transaction each learn of their own rows',
  );
  store[Symbol.dispose]();
  const again = openStore(folder).vault('person-1');
  t.same(
    again.log(0, 100).map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5],
  );
  t.same(
    again.log(3, 1).map(({ seq }) => seq),
    [4],
  );
  t.equal(again.head(), again.log(0, 100).at(-1)?.seq, 'the head is the newest row');
  t.same(again.checkIntegrity(), []);
});

t.test('an implausible value is kept, flagged, and left out of every chart', async (t) => {
  const vault = openStore(t.testdir({})).vault('person-1');
  await vault.commit([row(1), row(2, { value: 4000 }), row(3, { value: Number.NaN })]);
  t.same(
    vault.log(0, 10).map(({ flag }) => flag),
    ['ok', 'implausible', 'implausible'],
  );
  const points = vault.series({ quantity: 'weight', fromMs: NOON, toMs: NOON + 3_600_000, points: 10 });
  t.same(
    points.map(({ count, mean }) => ({ count, mean })),
    [{ count: 1, mean: 72.35 }],
  );
});

t.test('a quantity of a newer device is kept though it is not known yet', async (t) => {
  const vault = openStore(t.testdir({})).vault('home');
  t.same(await vault.commit([row(1, { code: 60_000 })]), []);
  t.equal(vault.count(), 1);
});

t.test('without its key a vault tells nothing, and says what to do', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  await store.vault('person-1').commit([row(1)]);
  store[Symbol.dispose]();
  t.notMatch(readFileSync(`${folder}/vaults/person-1.db`).toString('latin1'), /scale-1|SQLite format/);
  rmSync(`${folder}/keys/person-1.key`);
  t.throws(() => openStore(folder).vault('person-1'), /person-1\.key is missing: restore it from the recovery kit/);
});

t.test('a store that was closed refuses, so that the device keeps its readings', async (t) => {
  const store = openStore(t.testdir({}));
  const vault = store.vault('person-1');
  store[Symbol.dispose]();
  await t.rejects(vault.commit([row(1)]), /the store is closed/);
});
