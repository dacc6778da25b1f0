/** Targets of sync as people handle them: added, allowed by each person for themselves, tested, paused, taken away. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import { openResidencies } from '../../../hub/people/residencies.ts';
import type { SyncEvent } from '../../../hub/sync/event.ts';
import { type Sync, startSync } from '../../../hub/sync/sync.ts';
import { createTestClock } from '../../clock.ts';
import { passing, row, seeded } from '../sync/hub.ts';
import { NOON, openWeb } from './web.ts';

interface TargetJson {
  readonly name: string;
  readonly state: string;
  readonly lastError: string;
  readonly region: string;
  readonly allowed: readonly { readonly subject: string; readonly categories: readonly string[] }[];
}

async function openHub(t: Test) {
  let sync: Sync | undefined;
  const hub = await openWeb(t, { sync: () => sync });
  const { store, folder, people } = hub;
  const clock = createTestClock(NOON);
  const residencies = openResidencies(people, undefined);
  let stop = new AbortController();
  const begin = (): Sync =>
    startSync({
      source: store,
      folder: `${folder}/sync`,
      targets: [],
      embedded: undefined,
      residencyOf: residencies.of,
      onOutOfRegion: residencies.refused,
      maySend: people.objections.maySend,
      clock,
      signal: stop.signal,
      random: seeded(3),
    });
  sync = begin();
  const end = async (): Promise<void> => {
    stop.abort(new Error('over'));
    await sync?.done;
  };
  t.teardown(end);
  const ada = await hub.claim();
  const ben = await hub.join('Ben');
  const list = async (ask = ada): Promise<TargetJson[]> => (await ask('GET', '/api/v1/sync')).json<TargetJson[]>();
  return {
    ...hub,
    clock,
    ada,
    ben,
    list,
    sync: () => sync!,
    async again() {
      await end();
      stop = new AbortController();
      sync = begin();
    },
    settled: (what: string, holds: (state: ReturnType<Sync['state']>) => boolean) =>
      passing(
        clock,
        () => holds(sync!.state()),
        what,
        () => sync!.state(),
      ),
  };
}

const eventsIn = (folder: string): SyncEvent[] =>
  existsSync(`${folder}/measurements.jsonl`)
    ? readFileSync(`${folder}/measurements.jsonl`, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as SyncEvent)
    : [];

t.test('a target gets nothing of anybody until they allow it, category by category, and each for themselves', async (t) => {
  const hub = await openHub(t);
  const { ada, ben, store, people, folder, list, settled, idOf } = hub;
  const me = idOf('Ada');
  const stick = `${folder}/stick`;
  await store.vault(me).commit([row(1), row(2, { code: quantities.steps.code, value: 9 })]);
  await store.vault(ben.id).commit([row(3)]);
  const place = { name: 'stick', target: 'file', folder: stick };
  t.equal((await ben.ask('POST', '/api/v1/sync/targets', place)).status, 403, 'who runs the hub names targets');
  t.equal((await ada('POST', '/api/v1/sync/targets', place)).status, 201);
  await settled('it runs', ([one]) => one?.state === 'synced');
  t.same(eventsIn(stick), []);
  t.match(await list(), [{ name: 'stick', region: 'home', allowed: [] }]);
  const allow = (ask: typeof ada, categories: string[], subject = '') =>
    ask('PUT', `/api/v1/sync/targets/stick/allowed${subject}`, { categories });
  t.equal((await allow(ada, ['body'], `?subject=${ben.id}`)).status, 403, 'nobody allows what is another’s');
  t.equal((await allow(ben.ask, ['environment'], '?subject=home')).status, 403);
  const { receipt } = (await allow(ben.ask, ['body'])).json<{ receipt: string }>();
  t.match(await people.key.check(receipt), { kind: 'target', subject: ben.id, by: ben.id, text: 'stick may have: body.' });
  await settled('his are there', () => eventsIn(stick).length > 0);
  t.same(
    eventsIn(stick).map(({ subject }) => subject),
    [ben.id],
  );
  await allow(ada, ['activity']);
  await settled('her steps are there', () => eventsIn(stick).length > 1);
  t.match(eventsIn(stick)[1], { subject: me, measurement: { quantity: 'steps' } });
  t.match(await list(ben.ask), [{ allowed: [{ subject: ben.id, categories: ['body'] }] }], 'each sees their own yes');
  const purposes = async (ask: typeof ada) =>
    (await ask('GET', '/api/v1/purposes')).json<{ id: string; objectedAt: string | null }[]>().filter(({ id }) => id === 'target:stick');
  t.equal((await purposes(ada)).length, 1, 'what is allowed can be objected to');
  await allow(ben.ask, []);
  t.same(await purposes(ben.ask), [], 'what is not allowed is nothing to object to');
  await store.vault(ben.id).commit([row(4)]);
  await store.vault(me).commit([row(5, { code: quantities.steps.code, value: 7 })]);
  hub.sync().wake();
  await settled('what she allowed still goes', () => eventsIn(stick).length > 2);
  t.equal(eventsIn(stick).filter(({ subject }) => subject === ben.id).length, 1, 'nothing more of him');
  const kinds = people.operations.read({ id: ben.id, wards: [], runsHub: false }, 1e9, 50).map(({ kind }) => kind);
  t.same(
    kinds.filter((kind) => kind.startsWith('target')),
    ['target-withdrawn', 'target-allowed'],
    'both are in the log of whom it concerns',
  );
});

t.test('a target is remembered, paused and taken away; with what it has, when that is asked for', async (t) => {
  const hub = await openHub(t);
  const { ada, store, folder, list, settled, idOf, again } = hub;
  const me = idOf('Ada');
  const stick = `${folder}/stick`;
  await store.vault(me).commit([row(1)]);
  await ada('POST', '/api/v1/sync/targets', { name: 'stick', target: 'file', folder: stick });
  await ada('PUT', '/api/v1/sync/targets/stick/allowed', { categories: ['body'] });
  await settled('the first is there', () => eventsIn(stick).length === 1);
  t.equal((await ada('PUT', '/api/v1/sync/targets/stick', { paused: true })).status, 200);
  await again();
  t.match(await list(), [{ name: 'stick', state: 'paused', allowed: [{ subject: me }] }], 'after a restart too');
  await store.vault(me).commit([row(2)]);
  hub.sync().wake();
  await hub.clock.advance(120_000);
  t.equal(eventsIn(stick).length, 1, 'paused');
  await ada('PUT', '/api/v1/sync/targets/stick', { paused: false });
  await settled('it gets what it missed', () => eventsIn(stick).length === 2);
  await ada('DELETE', '/api/v1/sync/targets/stick?erase=true');
  await settled('it is gone', (state) => state.length === 0);
  t.notMatch(
    readdirSync(stick).map((file) => readFileSync(`${stick}/${file}`, 'utf8')),
    ['measurements'],
  );
  t.same(eventsIn(stick), [], 'with what it had');
  t.match(await ada('DELETE', '/api/v1/sync/targets/stick'), { status: 404, error: { message: "No target is called 'stick'." } });
  await again();
  t.same(await list(), []);
});

t.test('a secret is kept for the hub alone and never shown; a test says in words what came of it', async (t) => {
  const hub = await openHub(t);
  const { ada, machine, folder } = hub;
  const types: string[] = [];
  let status = 204;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    types.push((JSON.parse(Buffer.concat(chunks).toString()) as { type: string }).type);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  const secret = 'whsec_bmV2ZXIgc2hvd24gYWdhaW4';
  const added = await machine('POST', '/api/v1/sync/targets', { name: 'own', target: 'webhook', url, secret });
  t.equal(added.status, 201);
  const shown = [
    added,
    await ada('GET', '/api/v1/sync'),
    await ada('GET', '/api/v1/sync/operations'),
    await ada('GET', '/api/v1/operations'),
  ];
  t.notMatch(shown.map(({ body }) => body).join(), /never|whsec|bmV2ZX|secrets/);
  t.equal(statSync(`${folder}/sync/secrets/own`).mode & 0o777, 0o600);
  t.notMatch(readFileSync(`${folder}/sync/targets.json`, 'utf8'), /bmV2ZX/);
  const test = async () => (await ada('POST', '/api/v1/sync/targets/own/test')).json<{ isWell: boolean; says: string }>();
  t.match(await test(), { isWell: true, says: /took a signed message of type 'test'/ });
  status = 401;
  t.match(await test(), { isWell: false, says: /answered 401/ });
  t.same(types, ['test', 'test'], 'nothing else went there');
  server.close();
  server.closeAllConnections();
  t.match(await test(), { isWell: false, says: /cannot be reached/ });
  t.equal((await ada('PUT', '/api/v1/sync/targets/own/secret', { secret: 'another' })).status, 200);
  t.equal(readFileSync(`${folder}/sync/secrets/own`, 'utf8'), 'another');
  await ada('DELETE', '/api/v1/sync/targets/own');
  t.notOk(existsSync(`${folder}/sync/secrets/own`), 'it goes with its target');
});

t.test('what is wrong with a target is said before it is kept', async (t) => {
  const { ada, list } = await openHub(t);
  const wrong: readonly [object, number, RegExp][] = [
    [{ name: 'one', target: 'influx', url: 'http://influx.local', org: 'o', bucket: 'b' }, 400, /needs its token/],
    [{ name: 'one', target: 'mqtt', url: 'http://broker.local' }, 400, /starts with mqtt:\/\//],
    [{ name: 'one', target: 'mqtt', url: 'mqtt://me:word@broker.local' }, 400, /does not belong in an address/],
    [{ name: 'embedded', target: 'file', folder: '/tmp' }, 409, /is taken/],
    [{ name: 'One', target: 'file', folder: '/tmp' }, 400, /not right/],
    [{ name: 'one', target: 'file', folder: 'relative' }, 400, /whole path/],
    [{ name: 'one', target: 'file', folder: '/tmp', tokenFile: '/etc/passwd' }, 400, /not right/],
  ];
  for (const [body, status, message] of wrong)
    t.match(await ada('POST', '/api/v1/sync/targets', body), { status, error: { message } }, JSON.stringify(body));
  t.same(await list(), []);
});

t.test('each person’s records stay in the region of their own choice: refused, logged and shown', async (t) => {
  const hub = await openHub(t);
  const { ada, ben, store, people, settled, list, folder, idOf } = hub;
  const me = idOf('Ada');
  await store.vault(me).commit([row(1)]);
  await store.vault(ben.id).commit([row(2)]);
  await ada('POST', '/api/v1/sync/targets', { name: 'far', target: 'file', folder: `${folder}/far`, region: 'france' });
  for (const ask of [ada, ben.ask]) await ask('PUT', '/api/v1/sync/targets/far/allowed', { categories: ['body'] });
  await settled('refused', ([one]) => one?.state === 'refused');
  t.match((await list())[0]?.lastError, /is not chosen, so they stay at home/);
  t.equal((await ada('PUT', `/api/v1/people/${me}/profile`, { recordsRegion: 'ireland' })).status, 400, 'Ireland is no region for records');
  t.equal((await ada('PUT', `/api/v1/people/${me}/profile`, { recordsRegion: 'france', videoRegion: 'japan' })).status, 200);
  await settled('hers are there', () => eventsIn(`${folder}/far`).length > 0);
  t.same(
    eventsIn(`${folder}/far`).map(({ subject }) => subject),
    [me],
    'his stay here',
  );
  t.match(
    hub
      .sync()
      .operations(20)
      .filter(({ kind }) => kind === 'residency')[0],
    { target: 'far' },
  );
  t.ok(people.operations.read({ id: ben.id, wards: [], runsHub: false }, 1e9, 50).some(({ kind }) => kind === 'region-refused'));
});

t.test('before the hub has an owner nobody allows anything of them', async (t) => {
  const allowed: string[] = [];
  const sync = { allow: (target: string) => void allowed.push(target) } as unknown as Sync;
  const { machine } = await openWeb(t, { sync: () => sync });
  t.match(await machine('PUT', '/api/v1/sync/targets/stick/allowed', { categories: ['body'] }), { status: 409, error: { code: 'nobody' } });
  t.same(allowed, []);
});
