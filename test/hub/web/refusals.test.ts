import t from 'tap';
import { openWeb, PASSWORD, TOKEN } from './web.ts';

t.test('a hub is claimed once, by whoever sets a password of some length', async (t) => {
  const { ask } = await openWeb(t);
  t.match(await ask('POST', '/api/v1/session', { password: 'admin' }), { status: 409, error: { code: 'unclaimed' } });
  const short = await ask('POST', '/api/v1/claim', { name: 'Ada', password: '1234567' });
  t.match(short, { status: 400, error: { message: /7 characters/, remedy: /8 or more/ } });
  const both = await Promise.all(['Ada', 'Eve'].map((name) => ask('POST', '/api/v1/claim', { name, password: PASSWORD })));
  t.same(both.map(({ status }) => status).sort(), [200, 409], 'two at the same time are one claim and one refusal');
  t.match(both.find(({ status }) => status === 200)?.cookie, /HttpOnly; SameSite=Strict/);
});

t.test('guesses of a password wait longer and longer, and the right one does not wait for ever', async (t) => {
  const { ask, later } = await openWeb(t);
  await ask('POST', '/api/v1/claim', { name: 'Ada', password: PASSWORD });
  const guess = (password: string) => ask('POST', '/api/v1/session', { password });
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
  const forged = await ask('GET', '/api/v1/latest', undefined, { headers: { authorization: 'Bearer token-of-the-command-lime' } });
  t.equal(forged.status, 401);
});

t.test('a request that makes no sense is told what is wrong and what to do, without a stack trace', async (t) => {
  const { ask } = await openWeb(t);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const json = { ...headers, 'content-type': 'application/json' };
  const refusals = [
    await ask('POST', '/api/v1/claim', undefined, { headers: json, payload: '{"name": "Ada", "password"' }),
    await ask('POST', '/api/v1/claim', undefined, { headers: json, payload: '{"name": 5}' }),
    await ask('POST', '/api/v1/claim', undefined, {
      headers: json,
      payload: JSON.stringify({ name: 'x'.repeat(100_000), password: PASSWORD }),
    }),
    await ask('POST', '/api/v1/claim', undefined, { headers: { ...headers, 'content-type': 'text/xml' }, payload: '<a/>' }),
    await ask('GET', '/api/v1/measurements?quantity=wieght', undefined, { headers }),
    await ask('GET', '/api/v1/measurements?limit=-1', undefined, { headers }),
    await ask('GET', '/api/v1/nothing', undefined, { headers }),
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
  const foreign = await ask('POST', '/api/v1/claim', payload, { headers: { origin: 'https://evil.example', host: 'localhost:8080' } });
  t.match(foreign, { status: 403, error: { code: 'origin' } });
  const own = await ask('POST', '/api/v1/claim', payload, { headers: { origin: 'http://localhost:8080', host: 'localhost:8080' } });
  t.equal(own.status, 200);
});
