import { connect } from 'node:net';
import t from 'tap';
import { isHomeName } from '../../../hub/ops/home-network.ts';
import { createPasswords } from '../../../hub/people/passwords.ts';
import { CHEAP, openWeb, PASSWORD } from './web.ts';

t.test('forged requests: another site’s page, a plain form of it, and a name that points at the hub change nothing', async (t) => {
  const { ask, claim } = await openWeb(t);
  const rebound = await ask('POST', '/api/v1/claim', { name: 'Eve', password: PASSWORD }, { headers: { host: 'evil.example:8080' } });
  t.match(rebound, { status: 403, error: { code: 'host' } });
  for (const host of ['localhost:8080', '192.168.1.4', '[::1]:8080', 'hearth', 'hearth.local', 'hub.home.arpa:80'])
    t.ok(isHomeName(host), host);
  for (const host of ['evil.example', 'localhost.evil.example', '', '192.168.1.4.evil.example']) t.notOk(isHomeName(host), host);
  const ada = await claim();
  const foreign = { headers: { origin: 'https://evil.example' } };
  for (const [method, url] of [
    ['DELETE', '/api/v1/sessions'],
    ['POST', '/api/v1/invitations'],
    ['PUT', '/api/v1/password'],
  ] as const)
    t.match(await ada(method, url, method === 'DELETE' ? undefined : {}, foreign), { status: 403, error: { code: 'origin' } }, url);
  t.match(
    await ada('POST', '/api/v1/invitations', undefined, { headers: { 'content-type': 'text/plain' }, payload: '{"role":"member"}' }),
    { status: 415 },
    'what a form can send is no JSON',
  );
});

t.test('session fixation: the number in the cookie is a new one at each sign-in, and one that was planted is worth nothing', async (t) => {
  const { ask, claim, web } = await openWeb(t);
  await claim();
  const planted = 'hearth=planted-by-somebody-else';
  const first = await ask('POST', '/api/v1/session', { name: 'Ada', password: PASSWORD }, { headers: { cookie: planted } });
  const own = first.cookie.split(';')[0]!;
  t.not(own, planted);
  const again = await ask('POST', '/api/v1/session', { name: 'Ada', password: PASSWORD }, { headers: { cookie: own } });
  t.not(again.cookie.split(';')[0], own);
  for (const cookie of [planted, own]) t.equal((await ask('GET', '/api/v1/latest', undefined, { headers: { cookie } })).status, 401);
  t.ok(web);
});

t.test('one-time codes: used once, also by two at the same moment; withdrawn, late and guessed ones are nothing', async (t) => {
  const { ask, claim, later, people } = await openWeb(t);
  const ada = await claim();
  const invite = async () => (await ada('POST', '/api/v1/invitations', { role: 'member' })).json<{ code: string }>().code;
  const join = (code: string, name: string) =>
    ask('POST', '/api/v1/join', { code, name, password: `${PASSWORD} ${name}`, birthDate: '1980-01-01' });
  const code = await invite();
  const both = await Promise.all([join(code, 'Ben'), join(code.toLowerCase().replaceAll('-', ' '), 'Eve')]);
  t.same(both.map(({ status }) => status).sort(), [201, 404]);
  t.match(await join(code, 'Eve2'), { status: 404, error: { code: 'no-invitation' } }, 'replayed');
  t.equal(people.accounts.list().length, 2);
  const withdrawn = await invite();
  const [open] = (await ada('GET', '/api/v1/invitations')).json<{ id: string }[]>();
  t.equal((await ada('DELETE', `/api/v1/invitations/${open!.id}`)).status, 204);
  t.equal((await join(withdrawn, 'Eve3')).status, 404);
  const late = await invite();
  later(48 * 3_600_000);
  t.equal((await join(late, 'Eve4')).status, 404);
  for (let tries = 0; tries < 5; tries++) await join(`AAAA-AAAA-AAAA-AAA${tries}`, 'Eve');
  t.equal((await join('AAAA-AAAA-AAAA-AAAA', 'Eve')).status, 429, 'guessing waits');
});

t.test('paths out of the page’s folder, encoded or not, and other parts of node_modules give nothing', async (t) => {
  const { ask } = await openWeb(t);
  for (const url of [
    '/page/../server.ts',
    '/page/..%2fserver.ts',
    '/page/%2e%2e/server.ts',
    '/page/%2e%2e%2f%2e%2e%2fpackage.json',
    '/page//etc/passwd',
    '/page/..\\server.ts',
    '/v/0/vendor/lit/../fastify/fastify.js',
    '/v/0/vendor/fastify/fastify.js',
    '/v/0/vendor/lit/%2e%2e/%2e%2e/package.json',
  ]) {
    const { status, body } = await ask('GET', url);
    t.ok(status === 404 || status === 403, `${url}: ${status}`);
    t.notMatch(body, /import |"dependencies"|root:/, url);
  }
});

t.test('ids that are paths or names of other things are nobody', async (t) => {
  const { claim, people } = await openWeb(t);
  const ada = await claim();
  for (const subject of ['..', '../keys/household', 'home', 'household', '%2e%2e%2fkeys', 'person-1%00', 'PERSON-1', '__proto__'])
    t.ok([403, 404].includes((await ada('GET', `/api/v1/people/${encodeURIComponent(subject)}/profile`)).status), subject);
  t.same(people.identities.get('person-1'), {});
});

t.test('bodies that are too large, too deep or of prototypes are refused before anything is done', async (t) => {
  const { ask, claim, idOf } = await openWeb(t);
  const ada = await claim();
  t.equal((await ask('POST', '/api/v1/session', { password: 'x'.repeat(70_000) })).status, 413);
  const deep = '['.repeat(30_000) + ']'.repeat(30_000);
  t.ok((await ask('POST', '/api/v1/session', undefined, { headers: { 'content-type': 'application/json' }, payload: deep })).status < 500);
  const url = `/api/v1/people/${idOf('Ada')}/profile`;
  const proto = { headers: { 'content-type': 'application/json' }, payload: '{"__proto__":{"role":"owner"},"firstName":"Ada"}' };
  t.equal((await ada('PUT', url, undefined, proto)).status, 400);
  t.match(await ada('PUT', url, { photo: 'data:text/html;base64,PHNjcmlwdD4=' }), { status: 400 }, 'a picture is a picture');
  t.match(await ada('PUT', url, { firstName: 'x'.repeat(200) }), { status: 400 });
});

t.test('a client that sends slowly is let go, and others are served meanwhile', async (t) => {
  const { web, ask } = await openWeb(t, {}, () => undefined, 900);
  await web.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.server.address() as { port: number };
  const slow = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let heard = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk) => {
        heard += chunk.toString();
      });
      socket.on('close', () => resolve(heard));
      socket.on('error', () => resolve(heard));
    });
  const [headers, body] = await Promise.all([
    slow('GET / HTTP/1.1\r\nHost: localhost\r\n'),
    slow('POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{'),
    ask('GET', '/api/v1/session').then(({ status }) => t.equal(status, 200)),
  ]);
  t.match(headers, /^HTTP\/1.1 408/);
  t.match(body, /^HTTP\/1.1 408/);
});

t.test('a wrong name costs the same work as a wrong password', async (t) => {
  const passwords = createPasswords(CHEAP);
  t.notOk(await passwords.isRight(PASSWORD, undefined), 'nobody has the right password of nobody');
  // Parameters that argon2 refuses tell whether it is run at all.
  const broken = createPasswords({ ...CHEAP, memoryKib: 1 });
  const kept = await passwords.keep(PASSWORD);
  await t.rejects(broken.isRight('wrong', kept));
  await t.rejects(broken.isRight('wrong', undefined), 'no shortcut for a name that nobody has');
});

t.test('an open stream of events ends with its session, and others’ values are never on it', async (t) => {
  const { web, claim, join, tell, people, now } = await openWeb(t);
  await claim();
  const ben = await join('Ben');
  const token = people.sessions.start(ben.id, 'test', now() + 1);
  const [session] = people.sessions.list(ben.id, now());
  const response = await web.inject({ method: 'GET', url: '/api/v1/live', headers: { cookie: `hearth=${token}` }, payloadAsStream: true });
  const stream = response.stream();
  let heard = '';
  stream.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  const live = (subject: string | undefined, value: number) =>
    tell({ type: 'live', device: 'scale', quantity: 'weight', value, at: '2026-11-24T12:00:00Z', subject });
  live('person-1', 11);
  live(undefined, 22);
  live(ben.id, 33);
  live('home', 44);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.match(heard, /"value":33.*"value":44/s);
  t.notMatch(heard, /"value":(11|22)/);
  const ended = new Promise((resolve) => stream.once('close', resolve));
  t.ok(people.sessions.end(ben.id, session!.id));
  live('home', 55);
  await ended;
  t.notMatch(heard, /"value":55/);
});
