import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type DiskState, diskStateOf, makeRoom, mayKeep } from '../../../hub/ops/disk.ts';
import { isBackupDue } from '../../../hub/ops/upkeep.ts';
import { checkFile, checkFileNow } from '../../../hub/store/check-file.ts';
import { keyOf } from '../../../hub/store/keys.ts';
import { openStore } from '../../../hub/store/store.ts';
import { FOLD_ROWS, type NewMeasurement, openVault } from '../../../hub/store/vault.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const DAY = 86_400_000;
const row = (sequence: number): NewMeasurement => ({
  device: 'air-1',
  boot: 7,
  sequence,
  code: 97,
  value: 20 + (sequence % 50) / 10,
  endUtcMs: NOON + sequence * 60_000,
  spanMs: 0,
  timeQuality: 'synced',
});
const rows = (from: number, to: number): NewMeasurement[] => Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

function home(t: Test) {
  const folder = t.testdir({});
  let nowMs = NOON;
  return {
    folder,
    file: `${folder}/vaults/home.db`,
    open: () => openStore(folder, { now: () => nowMs }),
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

/** Changes one byte in the middle of a page, as a worn card does. */
function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = bytes[at]! ^ 0x40;
  writeFileSync(file, bytes);
}

t.test('a backup is taken while commits go on, is as closed as the vault, and opens', async (t) => {
  const { open, later } = home(t);
  const store = open();
  await store.vault('home').commit(rows(1, 500));
  const [[backup]] = await Promise.all([store.backUp(), store.vault('home').commit(rows(501, 600))]);
  t.notMatch(readFileSync(backup?.file ?? '').toString('latin1'), /air-1|SQLite format/);
  t.same(await store.backUp().then((made) => made.length), 1, 'what changed meanwhile is backed up again');
  later(DAY);
  t.same(await store.backUp(), [], 'what did not change is not');
  store[Symbol.dispose]();
});

t.test('backups of a week of nights and a month of weeks are kept, and none from before a removal', async (t) => {
  const { folder, open, later } = home(t);
  const store = open();
  const vault = store.vault('home');
  await vault.commit([row(1), row(2), row(3)]);
  mkdirSync(`${folder}/backups/home`, { recursive: true });
  for (let day = 0; day < 40; day++)
    writeFileSync(`${folder}/backups/home/${new Date(NOON + day * DAY).toISOString().replaceAll(':', '-')}.db`, 'a night');
  later(40 * DAY);
  utimesSync(`${folder}/backups/home/${readdirSync(`${folder}/backups/home`).sort().at(-1)}`, 0, 0);
  await store.backUp();
  const ages = store.backups('home').map(({ atMs }) => Math.round((NOON + 40 * DAY - atMs) / DAY));
  t.same(ages.slice(0, 7), [0, 1, 2, 3, 4, 5, 6]);
  t.ok(ages.length >= 8 && ages.length <= 11, `${ages.length} are kept`);
  t.ok(Math.max(...ages) >= 21, 'the oldest is weeks old');
  await vault.remove([3], 'person:ada');
  later(1000);
  await store.backUp();
  t.equal(store.backups('home').length, 1);
  store[Symbol.dispose]();
});

t.test(
  'a byte that changed anywhere is noticed; the vault is set aside, its backup takes its place, and what is newer is carried over',
  async (t) => {
    const { folder, file, open, later } = home(t);
    let store = open();
    await store.vault('home').commit(rows(1, 2 * FOLD_ROWS));
    await store.vault('person-1').commit(rows(1, 10));
    await store.backUp();
    await store.vault('home').commit(rows(2 * FOLD_ROWS + 1, 2 * FOLD_ROWS + 300));
    store[Symbol.dispose]();
    // A page of an old block: the vault opens, and only a full reading finds it.
    const good = readFileSync(file);
    const key = keyOf(`${folder}/keys`, 'home', false);
    const damaged = (at: number): string => {
      writeFileSync(file, good);
      flip(file, at);
      return file;
    };
    const isWhole = (): boolean => {
      const vault = openVault(file, 'home', key);
      const found = [...vault.range({})].length;
      vault.close();
      return found === 2 * FOLD_ROWS + 300;
    };
    const isHidden = (at: number): boolean => {
      try {
        openVault(damaged(at), 'home', key).close();
        return checkFileNow(file, key).length > 0;
      } catch {
        return false;
      }
    };
    const pages = Array.from({ length: good.length / 4096 }, (_, page) => page * 4096 + 2000).reverse();
    t.ok(
      pages.filter((_, index) => index % 20 === 0).every((at) => checkFileNow(damaged(at), key).length > 0 || isWhole()),
      'a changed byte on any page is found, but on one that holds nothing',
    );
    const hidden = pages.find(isHidden);
    t.ok(hidden, 'there is a page that the start does not read');
    damaged(hidden ?? 0);
    later(DAY);
    store = open();
    const [repair] = await store.check();
    t.match(repair, { subject: 'home', restoredFromMs: NOON, salvaged: 300 });
    t.ok(existsSync(repair?.asideFile ?? ''), 'nothing is deleted');
    const vault = store.vault('home');
    t.equal(vault.count(), 2 * FOLD_ROWS + 300, 'nothing is lost');
    t.equal(vault.log(2 * FOLD_ROWS, 1)[0]?.seq, 2 * FOLD_ROWS + 1, 'and each has the position it had');
    t.match(store.troubles(), [
      {
        subject: 'home',
        message: /was damaged and lies in .*; the backup of 2026-11-24T12:00:00.000Z took its place, with 300 measurements saved/,
      },
    ]);
    t.equal(store.vault('person-1').count(), 10, 'the others go on');
    await vault.commit([row(9_000_000)]);
    t.ok(vault.head() > 1_000_000, 'no position is given out twice');
    t.same(await store.check(), [], 'and all is well again');
    t.same(readdirSync(`${folder}/vaults`).filter((name) => name.endsWith('.db')).length, 2);
    store[Symbol.dispose]();
  },
);

t.test('a file is checked by a program of its own, which is given the key where nobody sees it and whose end is no damage', async (t) => {
  const { folder, file, open } = home(t);
  const store = open();
  await store.vault('home').commit(rows(1, 100));
  const key = keyOf(`${folder}/keys`, 'home', false);
  const children = (): string[] => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const before = children();
  const checked = checkFile(file, key);
  const begun = children().filter((pid) => !before.includes(pid));
  t.equal(begun.length, 1);
  for (const list of ['cmdline', 'environ']) t.notMatch(readFileSync(`/proc/${begun[0]}/${list}`, 'utf8'), key);
  process.kill(Number(begun[0]), 'SIGKILL');
  await t.rejects(checked, /the check of .*home\.db ended without an answer \(SIGKILL\)/);
  t.same(await checkFile(file, key), []);
  store[Symbol.dispose]();
});

t.test('a vault whose first page is gone is restored when it is opened', async (t) => {
  const { file, open } = home(t);
  let store = open();
  await store.vault('home').commit(rows(1, 100));
  await store.backUp();
  store[Symbol.dispose]();
  flip(file, 100);
  store = open();
  t.same(store.subjects(), ['home']);
  t.equal(store.vault('home').count(), 100);
  t.equal(store.troubles().length, 1);
  store[Symbol.dispose]();
});

t.test('a vault whose key is missing stays closed and says so; the others go on', async (t) => {
  const { folder, open } = home(t);
  let store = open();
  await store.vault('home').commit([row(1)]);
  await store.vault('person-1').commit([row(1)]);
  store[Symbol.dispose]();
  writeFileSync(`${folder}/keys/person-1.key`, `hearth-key-1 ${Buffer.alloc(60).toString('base64url')}\n`);
  store = open();
  t.same(store.subjects(), ['home']);
  t.match(store.troubles(), [{ subject: 'person-1', message: /person-1\.key was sealed by another machine's key/ }]);
  t.throws(() => store.vault('person-1'), /sealed by another machine/);
  t.same(readdirSync(folder).includes('damaged'), false, 'a closed vault is no damaged one');
  store[Symbol.dispose]();
});

t.test('an erased subject leaves nothing behind', async (t) => {
  const { folder, open } = home(t);
  const store = open();
  await store.vault('person-1').commit([row(1)]);
  await store.backUp();
  store.erase('person-1');
  t.same(store.subjects(), []);
  t.same(
    ['vaults', 'keys', 'backups'].flatMap((name) => readdirSync(`${folder}/${name}`)),
    [],
  );
  store[Symbol.dispose]();
});

t.test('when room runs out recordings stop first, then raw samples, then backups; measurements never do', (t) => {
  const GB = 2 ** 30;
  const can = (freeBytes: number, totalBytes = 32 * GB): string =>
    (['video', 'raw', 'backup', 'measurement'] as const).filter((use) => mayKeep(use, { freeBytes, totalBytes })).join();
  t.equal(can(2 * GB), 'video,raw,backup,measurement');
  t.equal(can(0.9 * GB), 'raw,backup,measurement');
  t.equal(can(0.4 * GB), 'backup,measurement');
  t.equal(can(0.1 * GB), 'measurement');
  t.equal(can(0), 'measurement');
  t.equal(can(2_000_000, 10_000_000), 'video,raw,backup,measurement', 'a small disk is not full for being small');
  t.equal(diskStateOf(0.4 * GB, 32 * GB).state, 'low');
  t.equal(diskStateOf(1e6, 32 * GB).state, 'full');
  let freeBytes = 0.1 * GB;
  const dropped: string[] = [];
  const part = (use: 'video' | 'raw' | 'backup', pieces: number) => ({
    use,
    dropOldest: () => {
      if (pieces-- === 0) return 0;
      dropped.push(use);
      freeBytes += 0.15 * GB;
      return 0.15 * GB;
    },
  });
  makeRoom([part('video', 2), part('raw', 1), part('backup', 5)], (): DiskState => diskStateOf(freeBytes, 32 * GB));
  t.same(dropped, ['video', 'video', 'raw'], 'and no more is let go than is needed');
  t.end();
});

t.test('a backup is due each night by the home’s clock, at once when there is none, and after a removal', (t) => {
  const at = (hour: number, minute = 0): number => Date.UTC(2026, 10, 24, hour, minute);
  t.equal(isBackupDue(NOON, 60, undefined, 0), true);
  t.equal(isBackupDue(at(1, 59), 60, at(0) - 12 * 3_600_000, 0), false, 'a minute to three in Berlin');
  t.equal(isBackupDue(at(2), 60, at(0) - 12 * 3_600_000, 0), true);
  t.equal(isBackupDue(at(12), 60, at(2), 0), false);
  t.equal(isBackupDue(at(12), 60, at(2), at(11)), true);
  t.end();
});
