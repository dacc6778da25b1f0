import t from 'tap';
import { entryOf } from '../../../hub/store/log-entry.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { NewMeasurement } from '../../../hub/store/vault.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const row = (sequence: number, more: Partial<NewMeasurement> = {}): NewMeasurement => ({
  device: 'scale-1',
  boot: 7,
  sequence,
  code: 1,
  value: 70 + sequence,
  endUtcMs: NOON + sequence * 60_000,
  spanMs: 2000,
  timeQuality: 'synced',
  ...more,
});
const day = { quantity: 'weight', fromMs: NOON, toMs: NOON + 86_400_000, points: 1 } as const;

t.test('an amended measurement has its new value everywhere, and its history back to the first', async (t) => {
  const vault = openStore(t.testdir({})).vault('person-1');
  await vault.commit([row(1), row(2)]);
  await vault.amend(2, 80, 'person:ada');
  await vault.amend(2, 81, 'person:ada');
  t.same(
    vault.latest().map(({ value }) => value),
    [81],
  );
  t.match(vault.series(day), [{ count: 2, min: 71, max: 81, sum: 152 }]);
  t.match(vault.history(2), [
    { value: 72, by: 'device:scale-1' },
    { value: 80, by: 'person:ada' },
    { value: 81, by: 'person:ada' },
  ]);
  t.match(vault.entries(2, 10), [
    { seq: 3, kind: 'amended', of: 2, id: 'scale-1/7/2', was: 72, value: 80 },
    { seq: 4, kind: 'amended', of: 2, was: 80, value: 81, by: 'person:ada' },
  ]);
  await t.rejects(vault.amend(9, 1, 'person:ada'), /no measurement at position 9 of person-1/);
});

t.test('a removed measurement is nowhere, does not come back, and its position is not used again', async (t) => {
  const folder = t.testdir({});
  const store = openStore(folder);
  const vault = store.vault('person-1');
  await vault.commit([row(1), row(2)]);
  await vault.amend(2, 90, 'person:ada');
  t.match(await vault.remove([2], 'person:ada'), [{ seq: 4, kind: 'removed', of: 2, id: 'scale-1/7/2' }]);
  t.same(await vault.commit([row(2)]), [], 'the device cannot bring it back');
  store[Symbol.dispose]();
  const again = openStore(folder).vault('person-1');
  t.match(again.latest(), [{ value: 71 }], 'the one before is the newest again');
  t.match(again.series(day), [{ count: 1, max: 71 }]);
  t.same([...again.range({})].length, 1);
  t.same(again.history(2), []);
  t.same(
    again.entries(0, 10).map(({ kind }) => kind),
    ['measured', 'removed'],
    'its amendments had values too, and are gone with it',
  );
  t.match(await again.commit([row(3)]), [{ seq: 5 }]);
});

t.test('the same identity with another value is kept as a conflict, once, and the first value counts', async (t) => {
  const vault = openStore(t.testdir({})).vault('person-1');
  await vault.commit([row(1)]);
  await vault.commit([row(1, { value: 99 })]);
  await vault.commit([row(1, { value: 99 }), row(1)]);
  t.match(vault.entries(0, 10), [{ kind: 'measured' }, { kind: 'conflict', of: 1, id: 'scale-1/7/1', value: 99 }]);
  t.match(vault.latest(), [{ value: 71 }]);
});

t.test('gaps, calibrations and segments stand in the log in the order in which they happened', async (t) => {
  const vault = openStore(t.testdir({})).vault('home');
  const gap = { kind: 'gap', device: 'scale-1', fromMs: NOON, toMs: NOON + 1000, cause: 'power' } as const;
  await Promise.all([
    vault.commit([row(1)]),
    vault.record(gap, 'hub'),
    vault.record({ kind: 'calibration', device: 'scale-1', chip: 'nau7802', parameters: { gain: 128 } }, 'device:scale-1'),
  ]);
  t.match(vault.entries(0, 10), [{ kind: 'measured' }, gap, { kind: 'calibration', parameters: { gain: 128 } }]);
  t.match(vault.gaps({ fromMs: NOON + 500, toMs: NOON + 2000 }), [{ cause: 'power' }]);
  t.same(vault.gaps({ fromMs: NOON + 1000, toMs: NOON + 2000 }), []);
});

t.test('a derived value names its algorithm, its version and its inputs', async (t) => {
  const vault = openStore(t.testdir({})).vault('person-1');
  const provenance = { algorithm: 'bmi', version: '1', inputs: ['scale-1/7/1', 'manual/1/1'] };
  const [stored] = await vault.commit([row(1, { code: 3, value: 22, provenance })]);
  t.same(vault.provenance(stored?.seq ?? 0), provenance);
});

t.test('a kind of a newer hub, and a body that is damaged, are readable as they are', (t) => {
  const kept = { seq: 1, atMs: NOON, by: 'hub' };
  t.match(entryOf(kept, 'dream', '{"depth":1}'), { kind: 'unknown', name: 'dream', body: '{"depth":1}' });
  t.match(entryOf(kept, 'gap', '{"device":1}'), { kind: 'unknown', name: 'gap' });
  t.match(entryOf(kept, 'gap', '{'), { kind: 'unknown', body: '{' });
  t.match(entryOf(kept, 'toString', '{}'), { kind: 'unknown' });
  t.end();
});

t.test('a quantity that becomes known after an update is in charts and lists then, old blocks too', async (t) => {
  const { levelsThatPay } = await import('../../../hub/store/summaries.ts');
  const unknown = Array.from({ length: 100 }, (_, index) => ({
    seq: index + 1,
    atMs: NOON,
    device: 1,
    boot: 1,
    sequence: index + 1,
    code: 60_000,
    value: 20,
    endMs: NOON + index * 1000,
    spanMs: 0,
    quality: 0,
    hubBoot: 1,
    zoneMin: null,
    deviceLeadMs: null,
    doubt: 0,
  }));
  t.equal(levelsThatPay(unknown).levels, 0, 'nothing is summed up that would hide them later');
});
