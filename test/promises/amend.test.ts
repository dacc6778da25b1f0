import { readdirSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { openDerivation } from '../../hub/derived/derive.ts';
import type { StoredMeasurement } from '../../hub/store/vault.ts';
import { startSync } from '../../hub/sync/sync.ts';
import { createTestClock } from '../clock.ts';
import { reading, START } from '../hub/rights/filled.ts';
import { passing, seeded } from '../hub/sync/hub.ts';
import { openWeb } from '../hub/web/web.ts';

/** Ada, whose height is known, with two weigh-ins and the body mass index that follows from each. */
async function weighed(t: Test) {
  const hub = await openWeb(t);
  const ada = await hub.claim();
  const id = hub.idOf('Ada');
  hub.people.identities.set(id, { heightM: 2 });
  const rows = [reading('weight', 1, 80, START), reading('weight', 2, 84, START + 86_400_000)];
  const derivation = openDerivation({ store: hub.store, identities: hub.people.identities, zone: 'UTC', failed: t.fail });
  await derivation.of(await hub.store.vault(id).commit(rows), rows);
  const vault = hub.store.vault(id);
  const bmi = () => [...vault.range({ quantity: 'bmi' })].map(({ value }) => value);
  return { ...hub, ada, id, vault, bmi };
}

t.test('C3: a value is changed: the one before stays in its history, and what was computed from it is computed again', async (t) => {
  const { ada, id, vault, bmi, people } = await weighed(t);
  t.same(bmi(), [20, 21]);
  const changed = await ada('PUT', '/api/v1/measurements/1', { value: 100 });
  t.match(changed.json(), { recomputed: [{ quantity: 'bmi', value: 25 }], removed: [] });
  t.same(bmi(), [25, 21]);
  t.match((await ada('GET', '/api/v1/measurements/1/history')).json(), {
    values: [
      { value: 80, by: 'device:scale-1' },
      { value: 100, by: 'you' },
    ],
    computed: null,
  });
  t.match((await ada('GET', `/api/v1/measurements/3/history?subject=${id}`)).json(), {
    values: [{ value: 20 }, { value: 25 }],
    computed: { algorithm: 'body-mass-index' },
  });
  t.equal(vault.entries(0, 99).filter(({ kind }) => kind === 'amended').length, 2, 'the log says so, for every target');
  t.match(people.operations.read({ id, wards: [], runsHub: false }, 1e9, 1), [
    { kind: 'amend', detail: { what: 'changed', recomputed: 1 } },
  ]);
  await vault.commit([reading('weight', 1, 80, START)]);
  t.equal(vault.at(1)?.value, 100, 'and the device cannot bring the old one back');
});

t.test('C3: what cannot be computed again from what is left is taken out, rather than left as if it still followed', async (t) => {
  const { ada, people, id, bmi } = await weighed(t);
  people.identities.set(id, {});
  t.match((await ada('PUT', '/api/v1/measurements/1', { value: 100 })).json(), { recomputed: [], removed: [{ quantity: 'bmi' }] });
  t.same(bmi(), [21]);
});

t.test('C3: a value is taken out with what was computed from it; nothing of it is left, here or in a file target', async (t) => {
  const { ada, store, vault, folder, bmi, id } = await weighed(t);
  await vault.commit([reading('weight', 9, 77.123, START)]);
  const clock = createTestClock(START);
  const stop = new AbortController();
  t.teardown(() => stop.abort(new Error('over')));
  const stick = `${folder}-stick`;
  const target = { name: 'stick', target: 'file', folder: stick, people: [id], categories: 'all' } as never;
  const sync = startSync({
    source: store,
    folder: `${folder}/sync`,
    targets: [target],
    embedded: undefined,
    clock,
    signal: stop.signal,
    random: seeded(1),
  });
  const lines = () =>
    readdirSync(stick)
      .map((file) => readFileSync(`${stick}/${file}`, 'utf8'))
      .join('');
  await passing(clock, () => sync.state().every(({ state }) => state === 'synced'), 'sent');
  t.match(lines(), /77.123/);
  const seq = vault.log(0, 99).find(({ value }) => value === 77.123)!.seq;
  t.match((await ada('POST', '/api/v1/measurements/removal', { seqs: [1, seq] })).json(), { removed: [{ quantity: 'bmi' }] });
  t.same(bmi(), [21]);
  t.same(
    [...vault.range({ quantity: 'weight' })].map(({ value }) => value),
    [84],
  );
  t.same(vault.history(1), []);
  sync.wake();
  await passing(clock, () => sync.state().every(({ state }) => state === 'synced'), 'told');
  t.notMatch(lines(), /77.123/);
  await vault.commit([reading('weight', 1, 80, START)]);
  t.equal([...vault.range({ quantity: 'weight' })].length, 1, 'and the device cannot bring it back');
});

t.test('C4: a missing value is entered by hand, says so, and is refused when it cannot be', async (t) => {
  const { ada, vault, now, people, id } = await weighed(t);
  const entered = await ada('POST', '/api/v1/measurements', { quantity: 'weight', value: 81.5, at: '2026-02-01T08:00:00Z' });
  t.equal(entered.status, 201);
  t.match(entered.json(), {
    device: 'by-hand',
    quantity: 'weight',
    value: 81.5,
    unit: 'kg',
    category: 'body',
    end: '2026-02-01T08:00:00.000Z',
  });
  t.match((await ada('POST', '/api/v1/measurements', { quantity: 'weight', value: 82 })).json(), { end: new Date(now()).toISOString() });
  const refused = async (body: object) => (await ada('POST', '/api/v1/measurements', body)).error;
  t.match(await refused({ quantity: 'weight', value: 900 }), { code: 'value', message: 'Weight is between 0.5 and 500 kg, not 900.' });
  t.match(await refused({ quantity: 'mood', value: 1 }), { code: 'quantity' });
  t.match(await refused({ quantity: 'co2', value: 600 }), { code: 'quantity', message: /of the home/ });
  t.match(await refused({ quantity: 'weight', value: 80, at: '2036-01-01T00:00:00Z' }), { code: 'time' });
  t.match(await refused({ quantity: 'weight', value: 80, at: 'soon' }), { code: 'time' });
  t.equal([...vault.range({ device: 'by-hand' })].length, 2);
  t.equal(people.operations.read({ id, wards: [], runsHub: false }, 1e9, 1)[0]?.kind, 'field');
});

t.test('C3: another’s values are not changed, entered or taken out, also not by who runs the hub', async (t) => {
  const { ada, id, join, machine, vault } = await weighed(t);
  const ben = await join('Ben');
  for (const [ask, subject] of [
    [ben.ask, id],
    [ada, ben.id],
    [machine, ben.id],
  ] as const) {
    t.equal((await ask('PUT', `/api/v1/measurements/1?subject=${subject}`, { value: 1 })).status, 403);
    t.equal((await ask('POST', `/api/v1/measurements/removal?subject=${subject}`, { seqs: [1] })).status, 403);
    t.equal((await ask('POST', `/api/v1/measurements?subject=${subject}`, { quantity: 'weight', value: 70 })).status, 403);
  }
  t.equal((await ada('PUT', '/api/v1/measurements/999', { value: 80 })).status, 404);
  t.equal(vault.at(1)?.value, 80);
});

t.test('C3: a reading that was somebody else’s takes nothing computed along: it is computed anew by their own height', async (t) => {
  const kept: StoredMeasurement[] = [];
  const hub = await openWeb(t, { kept: (rows) => kept.push(...rows) });
  const ada = await hub.claim();
  const { id: ben } = await hub.join('Ben');
  const { store, people } = hub;
  people.identities.set('person-1', { heightM: 2 });
  people.identities.set(ben, { heightM: 1.6 });
  const derivation = openDerivation({ store, identities: people.identities, zone: 'UTC', failed: t.fail });
  const stored = await store.vault('person-1').commit([reading('weight', 1, 80, START), reading('weight', 2, 82, START + 3_600_000)]);
  await derivation.of(stored, []);
  const bmi = (subject: string): number[] =>
    store.subjects().includes(subject)
      ? [...store.vault(subject).range({ quantity: 'bmi' })].map(({ value }) => Math.round(value * 100) / 100)
      : [];
  t.same(bmi('person-1'), [20, 20.5]);
  const from = new Date(START - 1000).toISOString();
  const until = new Date(START + 1000).toISOString();
  const moved = await ada('POST', '/api/v1/people/person-1/move', { to: ben, from, until });
  t.same(moved.json(), { readings: 1 });
  t.same(bmi('person-1'), [20.5], 'gone with its reading');
  t.same(bmi(ben), [], 'and not given to another as if it were theirs');
  await derivation.of(kept, []);
  t.same(bmi(ben), [31.25]);
});
