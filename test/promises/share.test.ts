import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { reading, START } from '../hub/rights/filled.ts';
import { openWeb } from '../hub/web/web.ts';

const DAY_MS = 86_400_000;
interface Made {
  readonly share: { readonly id: string };
  readonly link: string | null;
  readonly passcode: string | null;
  readonly receipt: string;
}
interface Shared {
  readonly of: string;
  readonly measurements: readonly { readonly quantity: string; readonly value: number }[];
}

async function two(t: Test) {
  const hub = await openWeb(t);
  const ada = await hub.claim();
  const ben = await hub.join('Ben');
  const gil = await hub.join('Gil', { role: 'guest' });
  await hub.store
    .vault(hub.idOf('Ada'))
    .commit([
      reading('weight', 1, 70, START),
      reading('weight', 2, 71, START + 10 * DAY_MS),
      reading('steps', 3, 900, START + 10 * DAY_MS, { device: 'tracker-1' }),
    ]);
  const give = async (body: object) => (await ada('POST', '/api/v1/shares', { days: 7, ...body })).json<Made>();
  const given = async () => (await ada('GET', '/api/v1/shares')).json<{ given: Record<string, unknown>[]; received: unknown[] }>().given;
  return { ...hub, ada, ben, gil, give, given, id: hub.idOf('Ada') };
}

t.test('E1, E7: nothing is shared until it is given; then exactly the categories and days that were chosen', async (t) => {
  const { ben, gil, give, id, people, ada } = await two(t);
  t.equal((await ben.ask('GET', `/api/v1/measurements?subject=${id}`)).status, 403);
  const { share, receipt } = await give({ account: ben.id, categories: ['body'], from: new Date(START + DAY_MS).toISOString() });
  const seen = (await ben.ask('GET', `/api/v1/shared/${share.id}`)).json<Shared>();
  t.equal(seen.of, 'Ada');
  t.same(
    seen.measurements.map(({ quantity, value }) => `${quantity} ${value}`),
    ['weight 71'],
  );
  t.match(await people.key.check(receipt), { kind: 'share', subject: id, text: /Ben: body, for 7 days/ });
  t.equal((await gil.ask('GET', `/api/v1/shared/${share.id}`)).status, 404, 'it is nobody else’s');
  t.equal((await ada('GET', `/api/v1/shared/${share.id}`)).status, 404);
  t.equal((await ben.ask('GET', `/api/v1/measurements?subject=${id}`)).status, 403, 'and opens no other door');
  t.equal(
    (await ada('POST', '/api/v1/shares', { account: ben.id, categories: ['identity'], days: 7 })).status,
    400,
    'who somebody is, is never shared',
  );
  t.equal((await ada('POST', '/api/v1/shares', { account: 'person-none', categories: ['body'], days: 7 })).status, 404);
});

t.test('C8: one page shows every share: who, what, which days, since when, last read, how many rows', async (t) => {
  const { ben, give, given, now, later } = await two(t);
  await give({ account: ben.id, categories: ['body', 'activity'] });
  const { link, passcode } = await give({ label: 'Doctor Mbeki', categories: ['body'] });
  t.match(
    await given(),
    [{}, {}].map(() => ({ lastRead: null, rowsRead: 0, isOpen: true })),
  );
  later(60_000);
  const received = (await ben.ask('GET', '/api/v1/shares')).json<{ received: { id: string; name: string }[] }>().received;
  t.match(received, [{ name: 'Ada' }]);
  await ben.ask('GET', `/api/v1/shared/${received[0]!.id}`);
  await ben.ask('POST', '/api/v1/look', { token: link!.slice('#/look/'.length), passcode });
  const at = new Date(now()).toISOString();
  const rows = await given();
  t.match(
    rows.find(({ kind }) => kind === 'account'),
    { name: 'Ben', categories: ['body', 'activity'], lastRead: at, rowsRead: 3 },
  );
  t.match(
    rows.find(({ kind }) => kind === 'link'),
    { name: 'Doctor Mbeki', categories: ['body'], lastRead: at, rowsRead: 2, since: new Date(now() - 60_000).toISOString() },
  );
});

t.test('E7: a link opens with its passcode alone, not for ever, and neither lies on the disk', async (t) => {
  const { ask, give, later, folder } = await two(t);
  const { link, passcode } = await give({ label: 'Doctor', categories: ['body'] });
  const token = link!.slice('#/look/'.length);
  const look = (code: string, of = token) => ask('POST', '/api/v1/look', { token: of, passcode: code });
  t.match((await look(passcode === '00000000' ? '11111111' : '00000000')).error, { code: 'no-share' });
  t.match((await look(passcode!, `${token.slice(0, -2)}xx`)).error, { code: 'no-share' });
  t.equal((await look(passcode!)).json<Shared>().measurements.length, 2);
  t.notOk(readFileSync(`${folder}/household.db`).includes(token));
  for (let guess = 0; guess < 30; guess++) if ((await look('12345678')).status === 429) break;
  t.equal((await look('12345678')).status, 429, 'guessing is slowed down');
  later(8 * DAY_MS);
  t.match((await look(passcode!)).error, { code: 'no-share' });
});

t.test('C9: a share that is stopped is dead at the next read, and its live stream ends within a second', async (t) => {
  const { ada, ben, give, given, web, people, tell, store, id, now } = await two(t);
  const { share } = await give({ account: ben.id, categories: ['body'] });
  await web.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.server.address() as AddressInfo;
  const cookie = `hearth=${people.sessions.start(ben.id, 'test', now())}`;
  const stream = await fetch(`http://127.0.0.1:${port}/api/v1/shared/${share.id}/live`, { headers: { cookie } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.match((await reader.read()).value, /retry/);
  const [body] = await store.vault(id).commit([reading('weight', 50, 72, START)]);
  const [steps] = await store.vault(id).commit([reading('steps', 51, 12, START)]);
  tell({ type: 'measurement', measurement: steps! });
  tell({ type: 'measurement', measurement: body! });
  const event = (await reader.read()).value ?? '';
  t.match(event, /"quantity":"weight"/);
  t.notMatch(event, /steps/, 'of what is shared alone');
  t.equal((await given())[0]?.rowsRead, 1);

  const startMs = performance.now();
  const stopped = await ada('DELETE', `/api/v1/shares/${share.id}`);
  t.match(await people.key.check(stopped.json<{ receipt: string }>().receipt), { kind: 'share-ended' });
  const end = await reader.read().then(
    ({ done }) => done,
    () => true,
  );
  t.ok(end && performance.now() - startMs < 1000, 'the stream ended');
  t.equal((await ben.ask('GET', `/api/v1/shared/${share.id}`)).status, 404);
  t.same((await ben.ask('GET', '/api/v1/shares')).json<{ received: unknown[] }>().received, []);
  t.match(await given(), [{ isOpen: false, stopped: new Date(now()).toISOString() }]);
  t.equal((await ben.ask('DELETE', `/api/v1/shares/${share.id}`)).status, 404, 'nobody stops another’s');
});
