import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Secret, TOTP } from 'otpauth';
import t from 'tap';
import { categories, quantities } from '../../firmware/protocol/quantities.ts';
import { collection, mayCollect, scenarios } from '../../hub/people/collection.ts';
import { identityFields } from '../../hub/people/identity.ts';
import { operations } from '../../hub/people/operations.ts';
import type { NewMeasurement } from '../../hub/store/vault.ts';
import { cookies } from '../../hub/web/cookies.ts';
import { NOON, openWeb, PASSWORD } from '../hub/web/web.ts';

const row = (quantity: 'weight' | 'co2' | 'steps', value: number, sequence: number): NewMeasurement => ({
  device: 'scale',
  boot: 7,
  sequence,
  code: quantities[quantity].code,
  value,
  endUtcMs: NOON,
  spanMs: 0,
  timeQuality: 'synced',
});
/** Every byte that a hub keeps under a folder. */
const bytesIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`).toString('latin1'))
    .join('\n');

t.test('A1: each value has one of the five categories, which the API, the log of a vault and every export carry', async (t) => {
  const { people, claim, machine } = await openWeb(t);
  await claim();
  await people.attribution.keep('scale', 7, [row('weight', 70, 1), row('co2', 600, 2), row('steps', 12, 3)]);
  const latest = (await machine('GET', '/api/v1/latest')).json<{ quantity: string; category: string; subject: string }[]>();
  const seen = new Map(latest.map(({ quantity, category, subject }) => [quantity, `${category} of ${subject}`]));
  t.same(
    seen,
    new Map([
      ['co2', 'environment of home'],
      ['weight', 'body of person-1'],
      ['steps', 'activity of person-1'],
    ]),
  );
  for (const { category } of Object.values(quantities)) t.ok(categories.includes(category));
  const csv = (await machine('GET', '/api/v1/export?format=csv')).body.split('\r\n');
  const at = csv[0]!.split(',').indexOf('category');
  t.same(
    csv
      .slice(1, -1)
      .map((line) => line.split(',')[at])
      .sort(),
    ['activity', 'body', 'environment'],
  );
});

t.test('A2: every part of the page that shows a value or takes one draws its category and names it', (t) => {
  const page = fileURLToPath(new URL('../../hub/web/page/', import.meta.url));
  const files = readdirSync(page, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const texts = files.map((file) => ({ file, text: readFileSync(`${page}${file}`, 'utf8') }));
  const shows = texts.filter(({ text }) => text.includes('class="number"') || text.includes('<video') || text.includes('neededFor'));
  t.ok(shows.length >= 4, shows.map(({ file }) => file).join(', '));
  for (const { file, text } of shows)
    t.ok(/pictogram\(|categoryTag\(/.test(text) && text.includes('category'), `${file} shows a value without its category`);
  const pictograms = texts.find(({ file }) => file === 'pictograms.ts')!.text;
  for (const category of categories) t.match(pictograms, new RegExp(`${category}: svg\``), `${category} is drawn`);
  t.match(pictograms, 'aria-label', 'and named for those who hear the page');
  t.end();
});

t.test('A3: a person’s name is in their own encrypted file, and in no measurement, no vault file and no file name', async (t) => {
  const { people, claim, folder, machine, idOf } = await openWeb(t);
  const ada = await claim();
  const profile = { firstName: 'Augustaferdinanda', surname: 'Kingfisherling', email: 'ada@kingfisherling.example', heightM: 1.65 };
  t.equal((await ada('PUT', `/api/v1/people/${idOf('Ada')}/profile`, profile)).status, 200);
  await people.attribution.keep('scale', 7, [row('weight', 70, 1)]);
  t.same((await ada('GET', `/api/v1/people/${idOf('Ada')}/profile`)).json(), profile);
  t.notMatch((await machine('GET', '/api/v1/export?format=json')).body, /Augusta|Kingfisher/);
  const kept = bytesIn(folder);
  for (const text of ['Augustaferdinanda', 'Kingfisherling']) t.notOk(kept.includes(text), `${text} is not readable on the disk`);
  t.same(people.identities.remains('person-1').length, 2, 'a file and a key of its own');
});

t.test('A4: every quantity says whether it is read or computed', (t) => {
  for (const { id, origin } of Object.values(quantities)) t.ok(origin === 'raw' || origin === 'processed', id);
  for (const id of ['heart_rate', 'respiration_rate', 'sleep_stage'] as const) t.equal(quantities[id].origin, 'processed', id);
  t.end();
});

t.test('A5: the collection table has six ways in and five categories, and what is outside of its cell is refused and logged', async (t) => {
  t.same([scenarios.length, categories.length], [6, 5]);
  t.equal(collection.product.body, 'yes', 'a product collects body metrics: a scale sends a weight');
  t.notOk(mayCollect('website', 'identity') || mayCollect('partner', 'identity') || mayCollect('product', 'identity'));
  const { people, claim } = await openWeb(t);
  await claim();
  const { collect } = await import('../../hub/people/collection.ts');
  t.throws(() => collect(people.operations, 'website', 'body', 'nobody', 'home'), /body data is not collected by 'looking at/);
  t.match(people.operations.read({ id: 'person-1', wards: [], runsHub: true }, 1e9, 1), [
    { kind: 'collection-refused', detail: { scenario: 'website', category: 'body' } },
  ]);
  collect(people.operations, 'account', 'identity', 'person-1', 'person-1');
});

t.test('B1: looking at the page sets no cookie, and the one of the page comes with signing in, as listed', async (t) => {
  const { ask, claim, web } = await openWeb(t);
  const { paths } = web.swagger() as unknown as { paths: Record<string, Record<string, unknown>> };
  const gets = Object.entries(paths).flatMap(([path, operations]) =>
    operations.get !== undefined && !path.endsWith('/live') ? [path] : [],
  );
  for (const url of ['/', '/page/app.ts', ...gets]) t.equal((await ask('GET', url.replaceAll(/\{\w+\}/g, 'x'))).cookie, '', url);
  t.equal((await ask('GET', '/')).status, 200);
  await claim();
  const { cookie } = await ask('POST', '/api/v1/session', { name: 'ada', password: PASSWORD });
  t.equal(cookie.split('=')[0], cookies[0].name);
  for (const attribute of cookies[0].attributes) t.match(cookie, attribute);
  t.same(
    (await ask('GET', '/api/v1/cookies')).json<{ name: string }[]>().map(({ name }) => name),
    ['hearth', 'hearth_link', 'hearth_link_resume'],
    'the other two only while a partner is being linked',
  );
});

t.test('B4: a profile field may stay empty, says what needs it, and can be taken back', async (t) => {
  const { claim, idOf } = await openWeb(t);
  const ada = await claim();
  const url = `/api/v1/people/${idOf('Ada')}/profile`;
  t.same((await ada('GET', url)).json(), {}, 'an account works without any');
  for (const [id, value] of Object.entries({ firstName: 'Ada', birthDate: '1990-02-28', heightM: 1.7, sex: 'female' })) {
    t.same((await ada('PUT', url, { [id]: value })).json(), { [id]: value }, `${id} alone`);
    t.type(identityFields[id as keyof typeof identityFields].neededFor, 'string');
  }
  t.same((await ada('PUT', url, {})).json(), {});
  t.match(await ada('PUT', url, { birthDate: '1990-02-30' }), { status: 400, error: { message: 'there was no 1990-02-30.' } });
  t.match(await ada('PUT', url, { shoeSize: 42 }), { status: 400 }, 'and nothing else is taken');
});

t.test('B5: the actions that collect are among the operations that the log knows', (t) => {
  for (const kind of ['paired', 'alarm', 'share', 'questionnaire', 'field', 'partner-import'] as const)
    t.ok(operations[kind].words.length > 0);
  t.end();
});

t.test('B6: no quantity, no profile field and no route takes a location', async (t) => {
  const { web } = await openWeb(t);
  const text = JSON.stringify([Object.keys(quantities), Object.keys(identityFields), web.swagger()]);
  t.notMatch(text, /latitude|longitude|geolocation/i);
});

t.test('B7: whom one invites is nowhere on the disk, is noticed twice, and forgotten with the invitation', async (t) => {
  const { claim, folder, later } = await openWeb(t);
  const ada = await claim();
  const invite = (contact: string) => ada('POST', '/api/v1/invitations', { role: 'member', contact });
  t.equal((await invite('Grandma.Kingfisher@example.org')).status, 201);
  t.match(await invite('grandma.kingfisher@example.org '), { status: 409, error: { code: 'invited' } });
  t.notMatch(bytesIn(folder), /kingfisher/i);
  t.notMatch((await ada('GET', '/api/v1/operations')).body, /kingfisher/i, 'nor in the log');
  later(49 * 3_600_000);
  t.equal((await invite('grandma.kingfisher@example.org')).status, 201);
});

t.test(
  'B8: there is no place where a friend’s numbers could stay: every kept reading is of a person of this hub or of the home',
  async (t) => {
    const { people, store, claim, join } = await openWeb(t);
    await claim();
    const gil = await join('Gil', { role: 'guest' });
    await people.attribution.keep('scale', 7, [row('weight', 70, 1)]);
    t.same(store.subjects(), ['person-1']);
    t.equal((await gil.ask('GET', '/api/v1/latest')).body, '[]');
    t.notOk(store.subjects().includes(gil.id), 'a guest has no vault');
  },
);

t.test('B9: a product becomes a person’s by pairing, by themselves alone, and each change stands in the log', async (t) => {
  const { claim, join } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  t.equal((await ben.ask('PUT', '/api/v1/pairings/tracker', { subject: ben.id })).status, 204);
  t.match(await ada('PUT', '/api/v1/pairings/tracker', { subject: 'person-1' }), { status: 403 }, 'who runs the hub does not take it');
  t.match((await ada('GET', '/api/v1/pairings')).json(), [{ device: 'tracker', name: 'Ben' }]);
  t.match((await ben.ask('GET', '/api/v1/operations')).body, '"kind":"paired"');
});

t.test('C6: data is behind a password of one’s own, which nobody can be kept from by others’ wrong guesses', async (t) => {
  const { ask, claim, web, later, browser } = await openWeb(t);
  await claim();
  const guess = (password: string, remoteAddress: string) => ask('POST', '/api/v1/session', { name: 'Ada', password }, { remoteAddress });
  for (let tries = 0; tries < 12; tries++) await guess('wrong', '192.168.1.66');
  t.equal((await guess(PASSWORD, '192.168.1.66')).status, 429, 'the guesser waits');
  t.equal((await guess(PASSWORD, '192.168.1.7')).status, 200, 'Ada does not');
  const unknown = await ask('POST', '/api/v1/session', { name: 'Eve', password: 'wrong' });
  const wrong = await ask('POST', '/api/v1/session', { name: 'Ada', password: 'wrong' });
  t.same([unknown.status, unknown.error], [wrong.status, wrong.error], 'whether a name exists is not said');
  t.match(await ask('POST', '/api/v1/claim', { name: 'Eve', password: 'password1' }), { status: 400, error: { code: 'common-password' } });
  later(31 * 86_400_000);
  const own = browser();
  await own('POST', '/api/v1/session', { name: 'ADA', password: PASSWORD });
  t.equal((await own('GET', '/api/v1/latest')).status, 200);
  const list = (await own('GET', '/api/v1/sessions')).json<{ id: string; isThis: boolean }[]>();
  t.equal(list.length, 1, 'sessions end by themselves');
  t.equal((await own('DELETE', `/api/v1/sessions/${list[0]!.id}`)).status, 204);
  t.equal((await own('GET', '/api/v1/latest')).status, 401, 'and at once when told');
  t.ok(web.hasRoute({ method: 'GET', url: '/api/v1/sessions' }));
});

t.test('C7: a second secret is asked again for what matters, counts for minutes, and a code of an app counts once', async (t) => {
  const { claim, later, now } = await openWeb(t);
  const ada = await claim();
  t.equal((await ada('GET', '/api/v1/export')).status, 200, 'who set none is not asked');
  t.equal((await ada('PUT', '/api/v1/second-secrets/pin', { pin: '271828' })).status, 204);
  later(6 * 60_000);
  for (const [method, url] of [
    ['GET', '/api/v1/export'],
    ['PUT', '/api/v1/people/guest-1/camera'],
    ['POST', '/api/v1/people/person-1/move'],
    ['DELETE', '/api/v1/second-secrets/pin/pin'],
  ] as const)
    t.match(
      await ada(method, url, method === 'GET' || method === 'DELETE' ? undefined : {}),
      { status: 403, error: { code: 'second-secret' } },
      url,
    );
  t.match(await ada('POST', '/api/v1/again/pin', { pin: '314159' }), { status: 401, error: { code: 'wrong-secret' } });
  t.equal((await ada('POST', '/api/v1/again/pin', { pin: '271828' })).status, 204);
  t.equal((await ada('GET', '/api/v1/export')).status, 200);
  const { secret } = (await ada('POST', '/api/v1/second-secrets/totp', {})).json<{ secret: string }>();
  const codeNow = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now() });
  t.equal((await ada('PUT', '/api/v1/second-secrets/totp', { code: codeNow() })).status, 204);
  t.equal((await ada('POST', '/api/v1/again/totp', { code: codeNow() })).status, 401, 'the code that set it up is used up');
  later(6 * 60_000);
  t.equal((await ada('GET', '/api/v1/export')).status, 403);
  const code = codeNow();
  t.equal((await ada('POST', '/api/v1/again/totp', { code })).status, 204);
  t.equal((await ada('POST', '/api/v1/again/totp', { code })).status, 401, 'replayed');
});

t.test('G1: from outside the home nobody is answered until that is switched on, and then it is logged', async (t) => {
  const { ask, claim, people } = await openWeb(t);
  const ada = await claim();
  for (const remoteAddress of ['203.0.113.7', '2001:db8::1', '100.64.0.1'])
    t.match(await ask('GET', '/api/v1/session', undefined, { remoteAddress }), { status: 403, error: { code: 'remote' } }, remoteAddress);
  t.equal((await ask('GET', '/', undefined, { headers: { 'x-forwarded-for': '192.168.1.2' } })).status, 403, 'a proxy is outside');
  for (const remoteAddress of ['127.0.0.1', '192.168.1.7', '10.0.0.3', '::1', 'fe80::1%eth0', '::ffff:192.168.1.7'])
    t.equal((await ask('GET', '/api/v1/session', undefined, { remoteAddress })).status, 200, remoteAddress);
  t.match((await ada('GET', '/api/v1/operations')).body, 'remote-refused');
  const open = await openWeb(t, { allowsRemote: true });
  const eve = await open.claim();
  t.equal((await eve('GET', '/api/v1/latest', undefined, { remoteAddress: '203.0.113.7' })).status, 200);
  t.match((await eve('GET', '/api/v1/operations')).body, 'remote-access');
  t.same(people.operations.verify(), []);
});

t.test('H9: a reading between two people waits on the page of those whose it may be, and one tap gives it to one', async (t) => {
  const { people, claim, join } = await openWeb(t);
  const ada = await claim();
  const ben = await join('Ben');
  await people.attribution.keep('scale', 7, [row('weight', 70, 1)]);
  const [visit] = (await ada('GET', '/api/v1/inbox')).json<{ id: number; weightKg: number }[]>();
  t.match(visit, { weightKg: 70, by: 'unsure', category: 'body' });
  t.same((await ada('GET', '/api/v1/latest')).json(), [], 'nobody has it');
  t.match((await ben.ask('POST', `/api/v1/inbox/${visit!.id}`, { subject: ben.id })).json(), { readings: 1 });
  t.match((await ben.ask('GET', '/api/v1/latest')).json(), [{ value: 70, subject: ben.id }]);
  t.same((await ada('GET', '/api/v1/latest')).json(), [], 'Ada does not see it, though she runs the hub');
  t.match((await ben.ask('GET', `/api/v1/people/${ben.id}/attributions`)).json(), [{ by: 'tap', weightKg: 70 }]);
  t.match(await ada('POST', `/api/v1/inbox/${visit!.id}`, { subject: 'person-1' }), { status: 404 });
  // The tap was wrong: Ben hands it on, and only he can.
  const correct = `attributions/${visit!.id}`;
  t.match(await ada('POST', `/api/v1/people/${ben.id}/${correct}`, { to: 'person-1' }), { status: 403 });
  t.match((await ben.ask('POST', `/api/v1/people/${ben.id}/${correct}`, { to: 'person-1' })).json(), { readings: 1 });
  t.same((await ben.ask('GET', '/api/v1/latest')).json(), []);
  t.match((await ada('GET', '/api/v1/latest')).json(), [{ value: 70, subject: 'person-1' }]);
  await people.attribution.keep('scale', 7, [row('weight', 70, 1)]);
  t.same((await ben.ask('GET', '/api/v1/latest')).json(), [], 'sent again, it stays where it was put');
  t.match(await ben.ask('POST', `/api/v1/people/${ben.id}/${correct}`, { to: 'person-1' }), { status: 404 });
});
