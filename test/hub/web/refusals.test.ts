import type { InjectOptions } from 'fastify';
import t, { type Test } from 'tap';
import { openAccounts } from '../../../hub/people/accounts.ts';
import { openSessions } from '../../../hub/people/sessions.ts';
import { openStore } from '../../../hub/store/store.ts';
import type { House } from '../../../hub/web/house.ts';
import { createWebServer } from '../../../hub/web/server.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const PASSWORD = 'correct horse battery';

async function openWeb(t: Test) {
  const folder = t.testdir({});
  const store = openStore(folder);
  let nowMs = NOON;
  const house: House = {
    version: '1.0.0',
    startedUtcMs: NOON,
    store,
    accounts: openAccounts(`${folder}/accounts.json`),
    cliToken: 'token-of-the-command-line',
    devices: () => [],
    command: () => false,
    edge: () => ({ state: 'off', lag: 0, lastError: '', url: '' }),
    camera: () => ({ state: 'off', fps: 0, width: 0, height: 0, message: '', name: '' }),
    whep: () => undefined,
    listen: () => () => undefined,
    storeTrouble: () => '',
    now: () => nowMs,
  };
  const web = await createWebServer(house, openSessions(`${folder}/sessions.json`));
  t.teardown(async () => {
    await web.close();
    store[Symbol.dispose]();
  });
  return {
    later(ms: number) {
      nowMs += ms;
    },
    async ask(method: 'GET' | 'POST' | 'DELETE', url: string, more: InjectOptions = {}) {
      const response = await web.inject({ method, url, ...more });
      const { error } = response.json<{ error?: { code: string; message: string; remedy: string } }>();
      return { status: response.statusCode, error, cookie: String(response.headers['set-cookie'] ?? ''), body: response.body };
    },
  };
}

t.test('a hub is claimed once, by whoever sets a password of some length', async (t) => {
  const { ask } = await openWeb(t);
  t.match(await ask('POST', '/api/v1/session', { payload: { password: 'admin' } }), { status: 409, error: { code: 'unclaimed' } });
  const short = await ask('POST', '/api/v1/claim', { payload: { name: 'Ada', password: '1234567' } });
  t.match(short, { status: 400, error: { message: /7 characters/, remedy: /8 or more/ } });
  const both = await Promise.all(['Ada', 'Eve'].map((name) => ask('POST', '/api/v1/claim', { payload: { name, password: PASSWORD } })));
  t.same(both.map(({ status }) => status).sort(), [200, 409], 'two at the same time are one claim and one refusal');
  t.match(both.find(({ status }) => status === 200)?.cookie, /HttpOnly; SameSite=Strict/);
});

t.test('guesses of a password wait longer and longer, and the right one does not wait for ever', async (t) => {
  const { ask, later } = await openWeb(t);
  await ask('POST', '/api/v1/claim', { payload: { name: 'Ada', password: PASSWORD } });
  const guess = (password: string) => ask('POST', '/api/v1/session', { payload: { password } });
  for (let tries = 0; tries < 5; tries++) t.match(await guess(`wrong ${tries}`), { status: 401, error: { code: 'wrong-password' } });
  t.match(await guess(PASSWORD), { status: 429, error: { remedy: /Wait 1 s/ } }, 'even the right one waits');
  later(1000);
  t.match(await guess('wrong again'), { status: 401 });
  t.match(await guess('wrong again'), { status: 429, error: { remedy: /Wait 2 s/ } });
  later(60_000);
  t.match(await guess(PASSWORD), { status: 200 });
});

t.test('nothing personal is told to who is not signed in', async (t) => {
  const { ask } = await openWeb(t);
  for (const url of ['/api/v1/latest', '/api/v1/measurements', '/api/v1/devices', '/api/v1/export?format=csv'])
    t.match(await ask('GET', url), { status: 401, error: { code: 'sign-in', remedy: /Sign in/ } }, url);
  const forged = await ask('GET', '/api/v1/latest', { headers: { authorization: 'Bearer token-of-the-command-lime' } });
  t.equal(forged.status, 401);
});

t.test('a request that makes no sense is told what is wrong and what to do, without a stack trace', async (t) => {
  const { ask } = await openWeb(t);
  const headers = { authorization: 'Bearer token-of-the-command-line' };
  const json = { ...headers, 'content-type': 'application/json' };
  const refusals = [
    await ask('POST', '/api/v1/claim', { headers: json, payload: '{"name": "Ada", "password"' }),
    await ask('POST', '/api/v1/claim', { headers: json, payload: '{"name": 5}' }),
    await ask('POST', '/api/v1/claim', { headers: json, payload: JSON.stringify({ name: 'x'.repeat(100_000), password: PASSWORD }) }),
    await ask('POST', '/api/v1/claim', { headers: { ...headers, 'content-type': 'text/xml' }, payload: '<a/>' }),
    await ask('GET', '/api/v1/measurements?quantity=wieght', { headers }),
    await ask('GET', '/api/v1/measurements?limit=-1', { headers }),
    await ask('GET', '/api/v1/nothing', { headers }),
  ];
  t.same(
    refusals.map(({ status }) => status),
    [400, 400, 413, 415, 400, 400, 404],
  );
  for (const { error, body } of refusals) {
    t.ok(error !== undefined && error.message.length > 0 && error.remedy.length > 0, body);
    t.notMatch(body, /\.ts:\d+|node_modules|\n\s+at /);
  }
});

t.test("another site's page changes nothing", async (t) => {
  const { ask } = await openWeb(t);
  const payload = { name: 'Eve', password: PASSWORD };
  const foreign = await ask('POST', '/api/v1/claim', { headers: { origin: 'https://evil.example', host: 'localhost:8080' }, payload });
  t.match(foreign, { status: 403, error: { code: 'origin' } });
  const own = await ask('POST', '/api/v1/claim', { headers: { origin: 'http://localhost:8080', host: 'localhost:8080' }, payload });
  t.equal(own.status, 200);
});
