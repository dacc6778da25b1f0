import t from 'tap';
import { openLedger } from '../../../hub/sync/ledger.ts';
import type { Sync } from '../../../hub/sync/sync.ts';
import { NOON, openWeb } from './web.ts';

const retried: string[] = [];
const sync = {
  wake: () => undefined,
  state: () => [
    {
      name: 'own',
      kind: 'webhook',
      state: 'down',
      lag: 7,
      lastError: 'own.example cannot be reached',
      lastSentMs: NOON,
      setAside: 1,
      sentEntries: 3,
      sentBytes: 400,
      tries: 9,
      region: 'home',
      origin: 'file',
      address: 'http://own.example/',
      says: 'Gets each measurement.',
    },
  ],
  retry: (target) => target === 'own' && retried.push(target) > 0,
  setAside: () => [{ target: 'own', subject: 'person-1', seq: 17, reason: 'answered 422', atMs: NOON }],
  operations: () => [{ atMs: NOON, kind: 'refused', target: 'own', subject: '', message: 'no' }],
  receipts: () => [],
  erase: () => undefined,
  add: () => undefined,
  remove: () => undefined,
  pause: () => undefined,
  setSecret: () => undefined,
  allow: () => undefined,
  allowed: () => ({ categories: ['body'], sinceMs: undefined }),
  test: async () => '',
  done: Promise.resolve(),
} as const satisfies Sync;

t.test('who lives here sees where measurements go; who runs the hub mends it', async (t) => {
  const { ask, machine, claim, join } = await openWeb(t, { sync: () => sync });
  t.equal((await ask('GET', '/api/v1/sync')).status, 401);
  const ada = await claim();
  const member = await join('Ben');
  t.match((await member.ask('GET', '/api/v1/sync')).json(), [
    { name: 'own', state: 'down', lag: 7, lastSent: new Date(NOON).toISOString() },
  ]);
  t.match((await ada('GET', '/api/v1/sync/set-aside')).json(), [{ seq: 17, reason: 'answered 422' }]);
  t.equal((await member.ask('GET', '/api/v1/sync/operations')).status, 403);
  t.equal((await machine('POST', '/api/v1/sync/own/retry')).status, 202);
  t.same(retried, ['own']);
  t.match(await machine('POST', '/api/v1/sync/other/retry'), { status: 404, error: { message: 'No target is called other.' } });
});

t.test('counts for Prometheus are there for who runs the hub, and name no person', async (t) => {
  const { ask, machine } = await openWeb(t, { sync: () => sync });
  t.equal((await ask('GET', '/metrics')).status, 401);
  const { body } = await machine('GET', '/metrics');
  t.match(body, 'hearth_sync_lag_entries{target="own",kind="webhook"} 7');
  t.match(body, 'hearth_store_ok 1');
  t.notMatch(body, 'person-1');
});

t.test('receipts of old days are thinned to one a day, and the newest all stay', async (t) => {
  using ledger = openLedger(`${t.testdir({})}/sync.db`);
  for (let index = 1; index <= 3000; index++)
    ledger.addReceipt({ target: 'a', subject: 's', upTo: index, atMs: NOON + index * 600_000, receipt: 'r' });
  const kept = ledger.receipts('a', 10_000);
  t.ok(kept.length < 1300, String(kept.length));
  t.same(
    kept.slice(0, 1000).map(({ upTo }) => upTo),
    Array.from({ length: 1000 }, (_, index) => 3000 - index),
  );
  t.ok(new Set(kept.map(({ atMs }) => Math.floor(atMs / 86_400_000))).size >= 20, 'each day has one');
});
