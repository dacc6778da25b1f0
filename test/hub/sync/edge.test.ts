/** A vault's log on its way to an edge: whatever happens between them, the edge ends with what the vault says. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { certificateRequest, keyPairOf } from '../../../hub/edge/certificates.ts';
import type { EdgeStorage } from '../../../hub/edge/storage/storage.ts';
import type { Store } from '../../../hub/store/store.ts';
import { residencyOfContinent, stayHome } from '../../../hub/sync/residency.ts';
import type { TargetSettings } from '../../../hub/sync/settings.ts';
import { type Sync, type SyncOptions, startSync } from '../../../hub/sync/sync.ts';
import { startEdge, TOKEN } from './edge-process.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { openHome, passing, row, seeded, type TestHome } from './hub.ts';

function sync(home: TestHome, more: Partial<SyncOptions>): Sync {
  const { store, folder, clock, stop } = home;
  return startSync({
    source: store,
    folder: `${folder}/sync`,
    targets: [],
    embedded: undefined,
    residencyOf: () => residencyOfContinent('europe'),
    clock,
    signal: stop.signal,
    random: seeded(5),
    ...more,
  });
}
const DAY_MS = 86_400_000;
const everyone = { people: ['person-1', 'home'], categories: ['body', 'activity', 'environment', 'technical'] } as const;
const edgeSettings = (url: string, more: Partial<TargetSettings> = {}): TargetSettings => ({
  name: 'grown',
  target: 'edge',
  url,
  region: 'france',
  people: [...everyone.people],
  categories: [...everyone.categories],
  ...more,
});
const stateOf = (running: Sync) => running.state()[0]!;

const onEdge = async (storage: EdgeStorage, subject: string, hub = 'hub') =>
  (await storage.rows(hub, subject, 0, 100_000)).map(
    ({ device, boot, sequence, value, endUtcMs }) => `${device}/${boot}/${sequence} ${value} ${endUtcMs}`,
  );
const inVault = (store: Store, subject: string) =>
  [...store.vault(subject).range({})].map(({ device, boot, sequence, value, end }) => `${device}/${boot}/${sequence} ${value} ${end}`);

t.test('what a vault says now is what the edge says: amended, removed and erased too', async (t) => {
  const home = openHome(t);
  const { store, clock, folder } = home;
  await using edge = await startEdge({ folder: `${folder}/edge` });
  const vault = store.vault('person-1');
  await vault.commit([row(1), row(2), row(3)]);
  await store.vault('home').commit([row(1, { device: 'air-1', code: 120, value: 600 })]);
  const running = sync(home, { embedded: { url: edge.url.slice(0, -1), token: TOKEN } });
  await passing(clock, () => stateOf(running).state === 'synced', 'everything is there');
  t.same(await onEdge(edge.storage, 'person-1'), inVault(store, 'person-1'));
  t.same(await onEdge(edge.storage, 'home'), inVault(store, 'home'));
  const [first, second] = vault.log(0, 9);
  await vault.amend(first!.seq, 71.5, 'person:person-1');
  await vault.remove([second!.seq], 'person:person-1');
  await vault.commit([row(4)]);
  running.wake();
  await passing(clock, () => stateOf(running).lag === 0, 'the changes are there');
  t.same(await onEdge(edge.storage, 'person-1'), inVault(store, 'person-1'));
  t.equal((await onEdge(edge.storage, 'person-1')).length, 3);
  t.ok(running.receipts('embedded', 10).length >= 3, 'each batch left its receipt');
  running.erase('person-1');
  await passing(
    clock,
    () => running.operations(1)[0]?.kind === 'erased',
    'the vault is erased there',
    () => [stateOf(running), running.operations(3)],
  );
  t.match(await edge.storage.vaults('hub'), [
    { vault: 'home', erased: false },
    { vault: 'person-1', erased: true },
  ]);
  t.same(await onEdge(edge.storage, 'person-1'), []);
  t.match(running.operations(1), [{ kind: 'erased', subject: 'person-1' }]);
  home.stop.abort(new Error('over'));
  await running.done;
});

for (const seed of [11, 12, 13])
  t.test(`a network that cuts, halves, doubles and loses answers changes nothing in the end (seed ${seed})`, async (t) => {
    const home = openHome(t);
    const { store, clock, folder } = home;
    const random = seeded(seed);
    await using edge = await startEdge({ folder: `${folder}/edge` });
    await using proxy = await startFaultProxy(new URL(edge.url), random);
    const running = sync(home, { embedded: { url: proxy.url.slice(0, -1), token: TOKEN }, random });
    let sequence = 0;
    for (let turn = 0; turn < 25; turn++) {
      const subject = random() < 0.5 ? 'person-1' : 'home';
      await store.vault(subject).commit(Array.from({ length: 1 + Math.floor(random() * 20) }, () => row(++sequence)));
      const some = store.vault(subject).log(0, 1000);
      const picked = some[Math.floor(random() * some.length)]!;
      const dice = random();
      if (dice < 0.3) await store.vault(subject).amend(picked.seq, 60 + turn, 'person:person-1');
      else if (dice < 0.5) await store.vault(subject).remove([picked.seq], 'person:person-1');
      running.wake();
      await clock.advance(random() * 5000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await passing(
      clock,
      () => Object.values(proxy.happened).every((count) => count > 0) || stateOf(running).lag === 0,
      'faults have happened',
    );
    proxy.heal();
    await passing(
      clock,
      () => stateOf(running).state === 'synced' && stateOf(running).lag === 0,
      'everything is there',
      () => [stateOf(running), proxy.happened, running.operations(3)],
    );
    for (const subject of ['person-1', 'home']) t.same(await onEdge(edge.storage, subject), inVault(store, subject));
    t.ok(proxy.happened.half + proxy.happened['lose-answer'] + proxy.happened.twice > 0, JSON.stringify(proxy.happened));
    home.stop.abort(new Error('over'));
    await running.done;
  });

t.test('an edge that lost what it had is given it again', async (t) => {
  const home = openHome(t);
  const { store, clock, folder } = home;
  const edge = await startEdge({ folder: `${folder}/edge` });
  const port = Number(new URL(edge.url).port);
  await store.vault('person-1').commit([row(1), row(2)]);
  const running = sync(home, { embedded: { url: edge.url.slice(0, -1), token: TOKEN } });
  await passing(clock, () => stateOf(running).lag === 0 && stateOf(running).tries > 0, 'everything is there');
  await edge[Symbol.asyncDispose]();
  for (const end of ['', '-wal', '-shm']) rmSync(`${folder}/edge/records.db${end}`, { force: true });
  await using restored = await startEdge({ folder: `${folder}/edge`, port });
  await store.vault('person-1').commit([row(3)]);
  running.wake();
  await passing(clock, () => stateOf(running).lag === 0, 'everything is there again');
  t.equal((await onEdge(restored.storage, 'person-1')).length, 3);
  t.same(await onEdge(restored.storage, 'person-1'), inVault(store, 'person-1'));
  home.stop.abort(new Error('over'));
  await running.done;
});

t.test('a grown edge is reached with a key that never leaves, and its region and key are checked each time', async (t) => {
  const home = openHome(t, Date.now() - 65 * DAY_MS);
  const { store, clock, folder } = home;
  const now = clock.utc;
  const edge = await startEdge({ folder: `${folder}/edge`, region: 'france', tls: true, now });
  const port = Number(new URL(edge.url).port);
  await store.vault('person-1').commit([row(1)]);
  const running = sync(home, { targets: [edgeSettings(edge.url, { code: await edge.code('attic') })] });
  await passing(clock, () => stateOf(running).state === 'synced' && stateOf(running).tries > 0, 'everything is there');
  t.same(await onEdge(edge.storage, 'person-1', 'attic'), inVault(store, 'person-1'));
  t.equal(statSync(`${folder}/sync/edges/grown/hub.key`).mode & 0o777, 0o600);
  t.match(running.operations(1), [{ kind: 'enrolled', message: /as hub 'attic'/ }]);

  await t.test('with the operator’s token instead of its certificate nobody gets in', async (t) => {
    const answer = await fetch(edge.url.replace('https', 'http')).catch(() => undefined);
    t.equal(answer?.ok ?? false, false, 'nor without TLS');
  });

  await edge[Symbol.asyncDispose]();
  await t.test('another edge at the same address is refused, and gets nothing', async (t) => {
    await using other = await startEdge({ folder: `${folder}/other`, region: 'france', tls: true, port, now });
    await store.vault('person-1').commit([row(2)]);
    running.wake();
    await passing(clock, () => stateOf(running).state === 'refused', 'it is refused');
    t.match(stateOf(running), { lastError: /is not the server that it should be/, lag: 1 });
    t.match(running.operations(1), [{ kind: 'refused' }]);
    t.same(await other.storage.vaults('attic'), []);
  });

  await t.test('the right one again goes on, after months too: the certificate renews itself', async (t) => {
    clock.setUtc(Date.now());
    await using again = await startEdge({ folder: `${folder}/edge`, region: 'france', tls: true, port, now });
    running.retry('grown');
    await passing(
      clock,
      () => stateOf(running).state === 'synced',
      'it goes on',
      () => [stateOf(running), running.operations(3)],
    );
    t.same(await onEdge(again.storage, 'person-1', 'attic'), inVault(store, 'person-1'));
    t.ok(running.operations(9).some(({ kind }) => kind === 'renewed'));
  });
  home.stop.abort(new Error('over'));
  await running.done;
});

t.test('a hub that the edge’s operator revoked is told so, sends nothing, and comes back by a new code alone', async (t) => {
  const home = openHome(t, Date.now() - DAY_MS);
  const { store, clock, folder } = home;
  await using edge = await startEdge({ folder: `${folder}/edge`, region: 'france', tls: true, now: clock.utc });
  await store.vault('person-1').commit([row(1)]);
  const running = sync(home, {});
  const { people: _people, categories, code: _code, ...place } = edgeSettings(edge.url);
  running.add(place, await edge.code('attic'));
  running.allow('grown', 'person-1', categories);
  await passing(clock, () => stateOf(running).state === 'synced' && stateOf(running).tries > 0, 'everything is there');
  t.match(await running.test('grown', home.stop.signal), /proved that it is in france, and knows this hub as 'attic'/);
  await clock.advance(60_000);
  await edge.storage.revoke('attic', clock.utc());
  await store.vault('person-1').commit([row(2)]);
  running.wake();
  await passing(clock, () => stateOf(running).state === 'refused', 'it is refused');
  t.match(
    stateOf(running).lastError,
    /revoked the certificate of hub 'attic' on \d{4}-\d\d-\d\d: nothing is taken from it, ask the operator for a new code/,
  );
  t.match(running.operations(1), [{ kind: 'refused', target: 'grown' }]);
  t.equal((await onEdge(edge.storage, 'person-1', 'attic')).length, 1);
  await t.rejects(running.test('grown', home.stop.signal), /revoked/);
  await clock.advance(60_000);
  running.setSecret('grown', await edge.code('attic'));
  await passing(
    clock,
    () => stateOf(running).state === 'synced' && stateOf(running).tries > 0,
    'it enrolled again',
    () => [running.state(), running.operations(5)],
  );
  t.same(await onEdge(edge.storage, 'person-1', 'attic'), inVault(store, 'person-1'));
  home.stop.abort(new Error('over'));
  await running.done;
});

t.test(
  'who had everything erased at an edge may come back: what was erased stays erased, and what is sent then is new there',
  async (t) => {
    const home = openHome(t, Date.now());
    const { store, clock, folder } = home;
    await using edge = await startEdge({ folder: `${folder}/edge`, region: 'france', tls: true, now: clock.utc });
    await store.vault('person-1').commit([row(1)]);
    const running = sync(home, {});
    const { people: _people, categories, code: _code, ...place } = edgeSettings(edge.url);
    const enrol = async (name: string): Promise<void> => {
      running.add({ ...place, name }, await edge.code('attic'));
      running.allow(name, 'person-1', categories);
    };
    const isThere = (): boolean => stateOf(running)?.state === 'synced' && stateOf(running).sentEntries > 0;
    await enrol('grown');
    await passing(clock, isThere, 'everything is there');
    running.remove('grown', true);
    await passing(clock, () => running.state().length === 0, 'it went once everything was erased there');
    await store.vault('person-1').commit([row(2)]);

    await enrol('grown');
    await passing(clock, isThere, 'the same one again', () => [running.state(), running.operations(5)]);
    t.same(await onEdge(edge.storage, 'person-1-2', 'attic'), inVault(store, 'person-1'));
    t.match(await edge.storage.vaults('attic'), [{ vault: 'person-1', rows: 0, erased: true }, { vault: 'person-1-2' }]);
    running.allow('grown', 'person-1', []);
    running.erase('person-1', 'grown');
    running.allow('grown', 'person-1', categories);
    await passing(
      clock,
      async () => (await onEdge(edge.storage, 'person-1-3', 'attic')).length === 2,
      'a mind that changed before the edge heard of it',
      () => [running.state(), running.operations(5)],
    );
    t.match(await edge.storage.vaults('attic'), [{ erased: true }, { vault: 'person-1-2', rows: 0, erased: true }, { erased: false }]);
    running.remove('grown', false);

    await enrol('other-name');
    await passing(clock, () => stateOf(running).state === 'refused', 'by another name the hub does not know of it, and does not guess');
    t.match(stateOf(running).lastError, /everything of 'person-1' was erased there and stays erased: say once more what it may have/);
    running.allow('other-name', 'person-1', categories);
    await passing(clock, () => stateOf(running).state === 'refused' && stateOf(running).tries > 1, 'erased twice, asked twice');
    running.allow('other-name', 'person-1', categories);
    await passing(clock, isThere, 'told once more it begins anew', () => [running.state(), running.operations(5)]);
    t.same(await onEdge(edge.storage, 'person-1-3', 'attic'), inVault(store, 'person-1'));
    home.stop.abort(new Error('over'));
    await running.done;
  },
);

t.test('a certificate that ended, of the hub or of the edge, is said with what to do, and nothing is sent', async (t) => {
  const home = openHome(t, Date.now());
  const { store, clock, folder } = home;
  const edgeFolder = `${folder}/edge`;
  const edge = await startEdge({ folder: edgeFolder, region: 'france', tls: true, now: clock.utc });
  const port = Number(new URL(edge.url).port);
  await store.vault('person-1').commit([row(1)]);
  const { people: _people, categories, code: _code, ...place } = edgeSettings(edge.url);
  const first = sync(home, {});
  first.add(place, await edge.code('attic'));
  first.allow('grown', 'person-1', categories);
  await passing(clock, () => stateOf(first).state === 'synced' && stateOf(first).tries > 0, 'everything is there');
  home.stop.abort(new Error('the hub is switched off'));
  await first.done;

  // As after four months in a drawer.
  const enrolment = `${folder}/sync/edges/grown/enrolment.json`;
  const keys = await keyPairOf(readFileSync(`${folder}/sync/edges/grown/hub.key`, 'utf8'));
  const certificate = await edge.identity.certifyHub(await certificateRequest(keys), 'attic', Date.now() - 120 * DAY_MS);
  writeFileSync(enrolment, JSON.stringify({ ...JSON.parse(readFileSync(enrolment, 'utf8')), certificate }));
  const later = new AbortController();
  t.teardown(() => later.abort(new Error('over')));
  const running = sync(home, { signal: later.signal });
  await store.vault('person-1').commit([row(2)]);
  await passing(clock, () => stateOf(running).state === 'refused', 'it is refused');
  t.match(stateOf(running).lastError, /the hub's certificate ended .*: ask the edge's operator for a new code and enrol again/);
  t.equal((await onEdge(edge.storage, 'person-1', 'attic')).length, 1);
  running.setSecret('grown', await edge.code('attic'));
  await passing(
    clock,
    () => stateOf(running).state === 'synced' && stateOf(running).tries > 0,
    'by a new code it goes on',
    () => [running.state(), running.operations(5)],
  );
  t.same(await onEdge(edge.storage, 'person-1', 'attic'), inVault(store, 'person-1'));
  await edge[Symbol.asyncDispose]();

  const inPast = (days: number) => (): number => Date.now() - days * DAY_MS;
  for (const [days, state, why] of [
    [120, 'refused', /the certificate of 127\.0\.0\.1:\d+ has ended, .*: its operator has to renew it/],
    [-120, 'down', /is not valid yet by the clock of this machine, which stands at \d{4}-\d\d-\d\d: it goes on once the clock is right/],
  ] as const) {
    await using other = await startEdge({ folder: edgeFolder, region: 'france', tls: true, port, now: inPast(days) });
    running.retry('grown');
    await store.vault('person-1').commit([row(300 + days)]);
    running.wake();
    await passing(
      clock,
      () => why.test(stateOf(running).lastError),
      `${why}`,
      () => stateOf(running),
    );
    t.equal(stateOf(running).state, state);
    t.equal((await onEdge(other.storage, 'person-1', 'attic')).length, 2, 'nothing went there');
  }
  later.abort(new Error('over'));
  await running.done;
});

async function refusal(t: Test, region: string, told: string, more: Partial<SyncOptions> = {}): Promise<string> {
  const home = openHome(t, Date.now());
  const { store, clock, folder } = home;
  await using edge = await startEdge({ folder: `${folder}/edge`, region, tls: true, now: clock.utc });
  await store.vault('person-1').commit([row(1)]);
  const running = sync(home, { targets: [edgeSettings(edge.url, { region: told, code: await edge.code('attic') })], ...more });
  await passing(clock, () => stateOf(running).state === 'refused', 'it is refused');
  t.same(await edge.storage.vaults('attic'), [], 'nothing went there');
  t.match(running.operations(1), [{ target: 'grown', message: stateOf(running).lastError }], 'and it is on the record');
  const { lastError } = stateOf(running);
  home.stop.abort(new Error('over'));
  await running.done;
  return lastError;
}

t.test('nothing goes out of region', async (t) => {
  t.match(await refusal(t, 'brazil', 'brazil'), /records of 'person-1' belong in France, in the European Union, and this is in Brazil/);
  t.match(await refusal(t, 'brazil', 'france'), /the edge is in 'brazil', not in 'france'/, 'an edge that is elsewhere than was said');
  t.match(
    await refusal(t, 'france', 'france', { residencyOf: () => stayHome }),
    /where the records of 'person-1' may be is not chosen, so they stay at home/,
  );
});

t.test('a hub with another hub’s certificate, with a used code, or with none gets nothing', async (t) => {
  const home = openHome(t, Date.now());
  const { store, clock, folder } = home;
  await using edge = await startEdge({ folder: `${folder}/edge`, region: 'france', tls: true, now: clock.utc });
  await store.vault('person-1').commit([row(1)]);
  const code = await edge.code('attic');
  const first = sync(home, { targets: [edgeSettings(edge.url, { code })] });
  await passing(clock, () => stateOf(first).state === 'synced' && stateOf(first).tries > 0, 'the first one enrols');
  for (const [wrong, why] of [
    [code, /was used/],
    [undefined, /is not enrolled/],
    [`${code.split('.')[0]}.AAAA`, /is not the edge that gave out this code/],
    ['x', /is no enrolment code/],
  ] as const) {
    const running = sync(home, {
      folder: `${folder}/sync-${why.source.slice(0, 8).replaceAll(' ', '-')}`,
      targets: [edgeSettings(edge.url, wrong === undefined ? {} : { code: wrong })],
    });
    await passing(clock, () => stateOf(running).state === 'refused', 'it is refused');
    t.match(stateOf(running).lastError, why);
  }
  home.stop.abort(new Error('over'));
});
