import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { House } from '../../hub/house.ts';
import { startDaily } from '../../hub/rights/daily.ts';
import { retentionRules } from '../../hub/rights/retention-rules.ts';
import { type Sync, startSync } from '../../hub/sync/sync.ts';
import { createTestClock } from '../clock.ts';
import { reading, START } from '../hub/rights/filled.ts';
import { passing, seeded } from '../hub/sync/hub.ts';
import { NOON, openWeb } from '../hub/web/web.ts';

const DAY_MS = 86_400_000;
interface Kept {
  rules: { id: string; days: number | null }[];
  lastRun: string | null;
  purges: { words: string; removed: number; left: number }[];
}

t.test(
  'F1: each quantity falls under one rule; what people keep of themselves stays, technical data and logs go by themselves',
  async (t) => {
    const ids = retentionRules.flatMap(({ keeps }) => (keeps.kind === 'quantities' ? keeps.ids : []));
    t.same(ids.toSorted(), Object.keys(quantities).sort());
    for (const { categories, defaultDays, keeps, id } of retentionRules)
      if (keeps.kind !== 'none') t.equal(defaultDays === null, keeps.kind === 'quantities' && !categories.includes('technical'), id);
  },
);

t.test('F1: a shorter time is told what goes, and takes it with the next purge, with every copy; the purge looks again', async (t) => {
  const clock = createTestClock(NOON);
  let sync: Sync | undefined;
  const { claim, idOf, machine, people, store, folder } = await openWeb(t, { sync: () => sync });
  const ada = await claim();
  const id = idOf('Ada');
  const vault = store.vault(id);
  await vault.commit([
    ...[400, 200, 40, 3].map((days, index) => reading('weight', index + 1, 80 + index, NOON - days * DAY_MS)),
    reading('battery', 1, 57, NOON - 91 * DAY_MS, { device: 'tracker-1' }),
    reading('battery', 2, 56, NOON - 89 * DAY_MS, { device: 'tracker-1' }),
    reading('battery', 3, 55, NOON - 500 * DAY_MS, { device: 'tracker-1', isUnset: true, hubBoot: 1, timeQuality: 'estimated' }),
  ]);
  const stop = new AbortController();
  t.teardown(() => stop.abort(new Error('over')));
  const target = { name: 'stick', target: 'file', folder: `${folder}/stick`, people: [id], categories: 'all' } as never;
  sync = startSync({
    source: store,
    folder: `${folder}/sync`,
    targets: [target],
    embedded: undefined,
    clock,
    signal: stop.signal,
    random: seeded(1),
  });
  const isSent = () => sync!.state()[0]!.lag === 0;
  await passing(clock, () => sync!.state()[0]!.sentEntries >= 7 && isSent(), 'all is with the target');

  const set = (days: number | null, confirmed?: true) => ada('PUT', '/api/v1/retention/body', { days, ...(confirmed && { confirmed }) });
  t.match((await set(365)).error, { code: 'confirm', message: /^1 of them/ });
  t.equal((await ada('GET', '/api/v1/retention')).json<Kept>().rules.find((rule) => rule.id === 'body')?.days, null, 'not set yet');
  t.same((await set(365, true)).json(), { goes: 1 });
  t.same((await machine('POST', '/api/v1/retention/run')).json(), { subjects: 1, removed: 2, left: 0 });
  const left = () => [...vault.range({})].map(({ quantity, value }) => `${quantity} ${value}`);
  t.same(left().sort(), ['battery 55', 'battery 56', 'weight 81', 'weight 82', 'weight 83'], 'a time that is not known yet is no age');
  const kept = (await ada('GET', '/api/v1/retention')).json<Kept>();
  t.match(kept.purges, [
    { removed: 1, left: 0 },
    { removed: 1, left: 0 },
  ]);
  t.ok(kept.lastRun);
  await passing(clock, () => isSent() && sync!.state()[0]!.sentEntries >= 9, 'the target is told');
  const lines = readFileSync(`${folder}/stick/measurements.jsonl`, 'utf8');
  t.notMatch(lines, /"value":80,/);
  t.match(lines, /"value":81,/);
  t.match(people.operations.read({ id, wards: [], runsHub: false }, 1e9, 1), [
    { kind: 'purged', actor: 'hub', detail: { removed: 2, left: 0 } },
  ]);
  await vault.commit([reading('weight', 1, 80, NOON - 400 * DAY_MS)]);
  t.equal(left().length, 5, 'a device that sends it again does not bring it back');
  t.same((await machine('POST', '/api/v1/retention/run')).json(), { subjects: 1, removed: 0, left: 0 });
});

t.test('F1: rules are one’s own; those of the home are for who runs the hub; what is fixed is refused', async (t) => {
  const { claim, join } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  t.equal((await ben.ask('PUT', '/api/v1/retention/body?subject=person-1', { days: 1 })).status, 403);
  t.equal((await ben.ask('PUT', '/api/v1/retention/environment?subject=home', { days: 1 })).status, 403);
  t.equal((await ada('PUT', '/api/v1/retention/environment?subject=home', { days: 30 })).status, 200);
  t.match((await ada('PUT', '/api/v1/retention/identity', { days: 30 })).error, { code: 'fixed' });
  t.match((await ada('PUT', '/api/v1/retention/video?subject=home', { days: 365 })).error, { code: 'most' });
  t.equal((await ada('PUT', '/api/v1/retention/video?subject=home', { days: 7 })).status, 200);
  t.equal((await ada('PUT', '/api/v1/retention/body?subject=home', { days: 30 })).status, 404);
  t.equal((await ada('PUT', '/api/v1/retention/body', { days: 0 })).status, 400);
  t.equal((await ben.ask('GET', '/api/v1/retention')).json<Kept>().rules.find((rule) => rule.id === 'body')?.days, null);
});

t.test('F1: the purge runs each night, never while the time is unknown, and is done when it was missed', async (t) => {
  const clock = createTestClock(Date.UTC(2026, 10, 24, 1));
  const { claim, idOf, people, store, folder } = await openWeb(t);
  await claim();
  const id = idOf('Ada');
  const house = { people, store, now: clock.utc, data: folder } as unknown as House;
  const stop = new AbortController();
  t.teardown(() => stop.abort(new Error('over')));
  let isKnown = false;
  const failures: string[] = [];
  const options = { house, clock, isTimeKnown: () => isKnown, failed: (text: string) => failures.push(text), signal: stop.signal };
  startDaily(options);
  const old = (sequence: number) => reading('battery', sequence, 50, clock.utc() - 100 * DAY_MS, { device: 'tracker-1' });
  const left = () => [...store.vault(id).range({ quantity: 'battery' })].length;
  await store.vault(id).commit([old(1)]);
  await clock.advance(DAY_MS);
  t.equal(left(), 1, 'a clock that is wrong must not decide');
  isKnown = true;
  await clock.advance(600_000);
  await passing(clock, () => left() === 0, 'what was missed is done now');
  await store.vault(id).commit([old(2)]);
  await clock.advance(60 * 60_000);
  t.equal(left(), 1, 'once a night');
  await clock.advance(DAY_MS);
  await passing(clock, () => left() === 0, 'and the next night again');
  t.same(failures, []);
});

t.test('F1: raw samples, what the log says and shares that ended go too; what one must account for is still said', async (t) => {
  const { claim, idOf, machine, people, store, folder, now, later } = await openWeb(t);
  const ada = await claim();
  const id = idOf('Ada');
  store.vault(id);
  const raw = store.segments(id);
  raw.append('mat-1', ['x'], 100, START, [[1, 2, 3]]);
  await raw.close();
  writeFileSync(`${folder}/segments/${id}/none.seg`, 'no segment');
  people.operations.append({ kind: 'export', actor: id, subject: id, detail: { format: 'csv' } });
  people.operations.append({ kind: 'objection', actor: id, subject: id, detail: { purpose: 'sleep' } });
  const share = { owner: id, account: null, label: 'doctor', categories: ['body'] as const, fromMs: null, toMs: null };
  people.shares.give({ ...share, endsMs: now() + DAY_MS }, now());
  people.shares.give({ ...share, endsMs: now() + 500 * DAY_MS }, now());
  later(400 * DAY_MS);
  const { removed, left } = (await machine('POST', '/api/v1/retention/run')).json<{ removed: number; left: number }>();
  t.ok(removed >= 3 && left === 0, `${removed} let go`);
  t.same(raw.list(), []);
  t.equal(people.shares.given(id).length, 1);
  const said = people.operations.read({ id, wards: [], runsHub: false }, 1e9, 100);
  t.equal(said.find(({ kind }) => kind === 'export')?.detail, undefined);
  t.match(
    said.find(({ kind }) => kind === 'objection'),
    { detail: { purpose: 'sleep' } },
  );
  t.same(people.operations.verify(), [], 'the log is whole');
  t.equal((await ada('GET', '/api/v1/retention')).status, 401, 'a session of last year ended too');
});
