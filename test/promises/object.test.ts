import t from 'tap';
import { openDerivation } from '../../hub/derived/derive.ts';
import { purposes } from '../../hub/people/objections.ts';
import { type Sync, startSync } from '../../hub/sync/sync.ts';
import { createTestClock } from '../clock.ts';
import { reading, START } from '../hub/rights/filled.ts';
import { passing, seeded } from '../hub/sync/hub.ts';
import { openWeb } from '../hub/web/web.ts';

t.test('C5: what stops is told before; afterwards nothing of that purpose is made, and what was read is still kept', async (t) => {
  const { claim, idOf, people, store } = await openWeb(t);
  const ada = await claim();
  const id = idOf('Ada');
  people.identities.set(id, { heightM: 2, birthDate: '1980-05-01', sex: 'female' });
  const told = (await ada('GET', '/api/v1/purposes')).json<{ id: string; stops: string; objectedAt: string | null }[]>();
  t.same(
    told.map((one) => one.id),
    Object.keys(purposes),
  );
  t.ok(told.every(({ stops, objectedAt }) => stops.length > 20 && objectedAt === null));
  const derivation = openDerivation({
    store,
    identities: people.identities,
    zone: 'UTC',
    failed: t.fail,
    mayMake: people.objections.mayMake,
  });
  let sequence = 0;
  const measure = async (): Promise<string[]> => {
    const rows = [
      reading('weight', ++sequence, 80, START + sequence),
      reading('heart_rate', ++sequence, 60, START + sequence),
      reading('sleep_duration', ++sequence, 25_000, START + sequence),
    ];
    const stored = await people.attribution.keep('scale-1', 7, rows);
    return [...stored, ...(await derivation.of(stored, rows))].map(({ quantity }) => quantity).sort();
  };
  t.same(await measure(), ['bmi', 'heart_rate', 'sleep_duration', 'weight']);
  for (const [purpose, left] of [
    ['body-composition', ['heart_rate', 'sleep_duration', 'weight']],
    ['heart-rate', ['sleep_duration', 'weight']],
    ['sleep', ['weight']],
  ] as const) {
    const answer = await ada('PUT', `/api/v1/purposes/${purpose}`, { object: true });
    t.match(await people.key.check(answer.json<{ receipt: string }>().receipt), {
      kind: 'objection',
      subject: id,
      by: id,
      text: new RegExp(purposes[purpose].words),
    });
    t.same(await measure(), left, purpose);
  }
  t.match((await ada('GET', '/api/v1/purposes')).json(), [{ objectedAt: '2026-11-24T12:00:00.000Z' }, {}, {}]);
  await ada('PUT', '/api/v1/purposes/heart-rate', { object: false });
  t.same(await measure(), ['heart_rate', 'weight'], 'and back again');
  t.equal((await ada('PUT', '/api/v1/purposes/mind-reading', { object: true })).status, 404);
  t.match(people.operations.read({ id, wards: [], runsHub: false }, 1e9, 1), [
    { kind: 'objection', detail: { purpose: 'heart-rate', objected: false } },
  ]);
});

t.test('C5: an objection is one’s own: it stops nothing of others, and nobody objects for another', async (t) => {
  const { claim, join, people } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  await ben.ask('PUT', '/api/v1/purposes/sleep', { object: true });
  t.equal(people.objections.mayMake(ben.id, reading('sleep_duration', 1, 1, 1).code), false);
  t.equal(people.objections.mayMake('person-1', reading('sleep_duration', 1, 1, 1).code), true);
  t.equal((await ada('PUT', `/api/v1/purposes/sleep?subject=${ben.id}`, { object: false })).status, 403);
});

t.test('C5: nothing more goes to a target that was objected to; allowed again, it gets what it missed', async (t) => {
  const clock = createTestClock(START);
  let sync: Sync | undefined;
  const { claim, idOf, people, store, folder } = await openWeb(t, { sync: () => sync });
  const ada = await claim();
  const id = idOf('Ada');
  const stop = new AbortController();
  t.teardown(() => stop.abort(new Error('over')));
  const target = { name: 'stick', target: 'file', folder: `${folder}/stick`, people: [id], categories: 'all' } as never;
  sync = startSync({
    source: store,
    folder: `${folder}/sync`,
    targets: [target],
    embedded: undefined,
    maySend: people.objections.maySend,
    clock,
    signal: stop.signal,
    random: seeded(1),
  });
  const sent = () => sync!.state()[0]!.sentEntries;
  await store.vault(id).commit([reading('weight', 1, 80, START)]);
  await passing(clock, () => sent() === 1, 'the first is sent');
  t.match((await ada('GET', '/api/v1/purposes')).json<object[]>().at(-1), { id: 'target:stick', words: /stick/, stops: /Nothing more/ });
  await ada('PUT', '/api/v1/purposes/target%3Astick', { object: true });
  await store.vault(id).commit([reading('weight', 2, 81, START)]);
  sync.wake();
  await clock.advance(300_000);
  t.equal(sent(), 1);
  await ada('PUT', '/api/v1/purposes/target%3Astick', { object: false });
  await passing(clock, () => sent() === 2, 'what it missed');
});
