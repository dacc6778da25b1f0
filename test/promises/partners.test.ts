import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { startPartnerHooks } from '../../hub/rights/partners/webhooks.ts';
import { reading, START } from '../hub/rights/filled.ts';
import { BACK, FIT, type PartnerAdded, partnerOf, personOf } from '../hub/web/partner.ts';
import { openWeb } from '../hub/web/web.ts';

const DAY_MS = 86_400_000;
interface Page {
  readonly measurements: readonly { readonly quantity: string; readonly value: number; readonly subject: string }[];
  readonly next: number | null;
}
interface Given {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly categories: readonly string[];
  readonly rowsRead: number;
  readonly isOpen: boolean;
  readonly lastRead: string | null;
}

async function home(t: Test) {
  const hub = await openWeb(t);
  const owner = await hub.claim();
  await hub.join('Ben');
  const ada = personOf(hub, hub.idOf('Ada'));
  const ben = personOf(hub, hub.idOf('Ben'));
  await hub.store
    .vault(ada.id)
    .commit([
      reading('weight', 1, 70, START),
      reading('weight', 2, 71, START + 10 * DAY_MS),
      reading('steps', 3, 900, START + 10 * DAY_MS, { device: 'tracker-1' }),
    ]);
  await hub.store.vault(ben.id).commit([reading('weight', 9, 93, START)]);
  const added = (await owner('POST', '/api/v1/partners', FIT)).json<PartnerAdded>();
  const fit = partnerOf(hub, added.partner.id);
  const given = async () => (await ada.ask('GET', '/api/v1/shares')).json<{ given: Given[] }>().given;
  return { ...hub, hub, owner, ada, ben, fit, added, given };
}

t.test('E2: a person links a partner, which then reads the chosen categories and days of theirs and nothing else', async (t) => {
  const { ada, fit, people, given, now } = await home(t);
  t.same(await given(), [], 'knowing a partner shares nothing');
  const tokens = await fit.link(ada, 'read:body read:activity write:body', {
    reads: ['body'],
    writes: [],
    from: new Date(START + DAY_MS).toISOString(),
  });
  t.match(tokens, { status: 200, token_type: 'Bearer', scope: 'read:body', expires_in: 600 });
  const page = await fit.get('measurements', tokens.access_token);
  t.same(
    page.json<Page>().measurements.map(({ quantity, value }) => `${quantity} ${value}`),
    ['weight 71'],
    'neither steps, nor the days before, nor Ben’s',
  );
  t.notMatch(page.json<Page>().measurements[0]!.subject, /person/, 'nor who it is');
  t.equal((await fit.get('measurements?quantity=steps', tokens.access_token)).status, 403);
  t.match((await fit.get('link', tokens.access_token)).json(), { reads: { categories: ['body'] }, writes: null });
  t.match(await given(), [{ name: 'Fit', kind: 'partner', rowsRead: 1, isOpen: true, lastRead: new Date(now()).toISOString() }]);
  const [link] = people.partners.given(ada.id);
  t.match((await ada.ask('GET', `/api/v1/links/${link!.id}`)).json(), {
    acts: [{ words: 'it read', rows: 1 }],
    consent: /Fit may read: body/,
  });
  const renewed = await fit.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
  t.equal((await fit.get('measurements', renewed.access_token)).status, 200, 'and goes on with a refresh token');
});

t.test('E3: before linking a person is told policy, region and that theirs may be weaker; the text is kept and signed', async (t) => {
  const { ada, fit, people } = await home(t);
  const question = await fit.ask('read:body', { from: '2026-01-01' });
  t.match(question.location, /^\/#\/link\//, 'the question is asked on the hub’s own page');
  const asked = await ada.ask('GET', `/api/v1/link-requests/${question.uid}`, undefined, { cookie: question.cookie });
  t.match(asked.json(), {
    partner: { name: 'Fit', policyUrl: FIT.policyUrl, region: 'Ireland' },
    reads: ['body'],
    writes: [],
    from: '2026-01-01',
    warning: /keeps in Ireland.*https:\/\/fit\.example\/privacy.*may protect you less/,
  });
  const decided = await fit.decide(ada, question);
  const [receipt] = decided.json<{ receipts: string[] }>().receipts;
  const [link] = people.partners.given(ada.id);
  t.match(link!.consent, /may read: body, of all days/);
  t.match(await people.key.check(receipt!), { kind: 'partner-link', subject: ada.id, text: link!.consent });
  const stale = await fit.ask('read:body');
  t.match((await fit.decide(ada, stale, { version: 'older' } as object)).json(), { error: { code: 'version' } });
});

t.test('E3: no is no, and the second secret or the password is asked before a yes', async (t) => {
  const { ada, fit, people, ben, hub } = await home(t);
  const first = await fit.ask('read:body');
  const no = await ada.ask('DELETE', `/api/v1/link-requests/${first.uid}`, undefined, { cookie: first.cookie });
  const back = await fit.resume(no.json<{ goTo: string }>().goTo, first.cookie);
  t.equal(back.searchParams.get('error'), 'access_denied');
  t.equal(back.searchParams.get('state'), 'its-own-state');
  t.same(people.partners.given(ada.id), []);
  const hurried = personOf(hub, ben.id, false);
  hub.later(400_000);
  t.match((await fit.decide(hurried, await fit.ask('read:body'))).json(), { error: { code: 'password-again' } });
});

t.test('C8, C9: links stand beside shares; one that is stopped is dead at once, its tokens and its live stream too', async (t) => {
  const { ada, ben, fit, given, web, tell, store, people } = await home(t);
  const tokens = await fit.link(ada, 'read:body');
  await web.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.server.address() as AddressInfo;
  const authorization = `Bearer ${tokens.access_token}`;
  const stream = await fetch(`http://127.0.0.1:${port}/api/v1/partner/live`, { headers: { authorization } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.match((await reader.read()).value, /retry/);
  for (const [quantity, subject, sequence] of [
    ['steps', ada.id, 60],
    ['weight', ben.id, 61],
    ['weight', ada.id, 62],
  ] as const) {
    const [stored] = await store.vault(subject).commit([reading(quantity, sequence, 72, START)]);
    tell({ type: 'measurement', measurement: stored! });
  }
  const event = (await reader.read()).value ?? '';
  t.match(event, /"quantity":"weight","label":[^\n]*"value":72/);
  t.notMatch(event, new RegExp(`steps|${ben.id}|${ada.id}`));
  const [link] = await given();
  t.equal(link!.rowsRead, 1);
  t.equal((await ben.ask('DELETE', `/api/v1/shares/${link!.id}`)).status, 404, 'nobody stops another’s');
  const stopped = await ada.ask('DELETE', `/api/v1/shares/${link!.id}`);
  t.match(await people.key.check(stopped.json<{ receipt: string }>().receipt), { kind: 'share-ended' });
  const end = await reader.read().then(
    ({ done }) => done,
    () => true,
  );
  t.ok(end, 'the stream ended');
  t.match(await fit.get('measurements', tokens.access_token), { status: 401, header: /invalid_token/ });
  t.match(await fit.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }), { status: 400, error: 'invalid_grant' });
  t.match(await given(), [{ isOpen: false }]);
  t.equal(people.partners.tokens.count(), 0, 'no token is left');
});

t.test('C9: a link ends by itself at its day, and with its partner', async (t) => {
  const { ada, ben, fit, owner, added, later, people, hub } = await home(t);
  const short = await fit.link(ada, 'read:body', { days: 1 });
  later(DAY_MS + 1);
  const renewed = await fit.token({ grant_type: 'refresh_token', refresh_token: short.refresh_token });
  t.equal((await fit.get('measurements', renewed.access_token)).status, 401, 'whatever token it has');
  const long = await fit.link(personOf(hub, ben.id), 'read:body');
  t.equal((await fit.get('measurements', long.access_token)).json<Page>().measurements[0]!.value, 93);
  t.equal((await ben.ask('DELETE', `/api/v1/partners/${added.partner.id}`)).status, 403);
  t.equal((await owner('DELETE', `/api/v1/partners/${added.partner.id}`)).status, 200);
  t.equal((await fit.get('measurements', long.access_token)).status, 401);
  t.ok(people.partners.given(ben.id)[0]!.stoppedMs, 'and the person sees that it ended');
});

t.test('D7, E1: there is no link for selling and none for who somebody is', async (t) => {
  const { fit, ada, people } = await home(t);
  for (const scope of ['read:identity', 'sell:body', 'write:technical']) {
    const { uid, cookie } = await fit.ask(scope);
    const asked = await ada.ask('GET', `/api/v1/link-requests/${uid}`, undefined, { cookie });
    t.match(asked.json(), { error: { code: 'nothing' } }, `${scope} is nothing that can be given`);
  }
  t.match((await fit.ask('openid read:body')).location, /error=invalid_scope/);
  await fit.link(ada, 'read:body');
  t.match(people.partners.given(ada.id)[0]!.consent, /may not sell/);
});

t.test('attacks on linking: a stolen code, a replayed one, another’s question, more than was asked, other addresses', async (t) => {
  const { fit, ada, ben, web, people } = await home(t);
  const code = async () => {
    const question = await fit.ask('read:body');
    const { goTo } = (await fit.decide(ada, question)).json<{ goTo: string }>();
    const back = await fit.resume(goTo, question.cookie);
    t.equal(back.origin + back.pathname, BACK);
    return back.searchParams.get('code')!;
  };
  const change = (code: string, verifier: string, redirect = BACK) =>
    fit.token({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier });
  t.match(
    await change(await code(), 'x'.repeat(43)),
    { status: 400, error: 'invalid_grant' },
    'a code without its verifier is worth nothing',
  );
  t.match(await change(await code(), fit.verifier, 'https://evil.example/back'), { status: 400 }, 'nor at another address');

  const once = await code();
  const tokens = await change(once, fit.verifier);
  t.equal(tokens.status, 200);
  t.match(await change(once, fit.verifier), { status: 400, error: 'invalid_grant' }, 'a code is good once');
  t.equal((await fit.get('measurements', tokens.access_token)).status, 401, 'and what was given for it the first time is dead');

  const second = await fit.link(ada, 'read:body');
  const third = await fit.token({ grant_type: 'refresh_token', refresh_token: second.refresh_token });
  t.match(await fit.token({ grant_type: 'refresh_token', refresh_token: second.refresh_token }), { error: 'invalid_grant' });
  t.equal((await fit.get('measurements', third.access_token)).status, 401, 'a refresh token shown twice ends the link');

  for (const redirect of [
    'https://evil.example/back',
    `${BACK}/../evil`,
    `${BACK}?next=evil`,
    'https://fit.example.evil.example/back',
    'javascript:alert(1)',
  ]) {
    const { status, location } = await fit.ask('read:body', { redirect_uri: redirect });
    t.equal(status, 400, redirect);
    t.equal(location, '', 'nothing is sent to an address that was not registered');
  }
  t.match((await fit.ask('read:body', { code_challenge_method: 'plain' })).location, /error=invalid_request/);
  t.match(
    (await fit.ask('read:body', { response_type: 'token' })).location + (await fit.ask('read:body', { response_type: 'token' })).body,
    /unsupported_response_type|response_type/,
  );

  const asked = await fit.ask('read:body');
  const wider = await fit.decide(ada, asked, { reads: ['body', 'activity'] });
  t.match(wider.json(), { error: { code: 'scope' } }, 'more than was asked is not given');
  const stranger = await ben.ask('GET', `/api/v1/link-requests/${asked.uid}`);
  t.equal(stranger.status, 404, 'a question that was asked in another browser is not there: nobody is led to answer another’s');
  const forged = await ada.ask('POST', `/api/v1/link-requests/${asked.uid}`, {}, { cookie: asked.cookie, origin: 'https://evil.example' });
  t.match(forged.json(), { error: { code: 'origin' } }, 'another site cannot say yes');
  const narrow = await fit.link(ada, 'read:body');
  t.match(await fit.token({ grant_type: 'refresh_token', refresh_token: narrow.refresh_token, scope: 'read:body read:activity' }), {
    error: 'invalid_scope',
  });

  const mine = await fit.link(ada, 'read:body');
  for (const url of [
    '/api/v1/latest',
    `/api/v1/measurements?subject=${ada.id}`,
    '/api/v1/shares',
    '/api/v1/people',
    '/api/v1/export?format=csv',
  ]) {
    const { statusCode } = await web.inject({
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${mine.access_token}`, cookie: ada.cookie },
    });
    t.equal(statusCode, 401, `a partner’s token opens nothing else: ${url}`);
  }
  const [link] = people.partners.given(ada.id);
  t.equal((await ben.ask('GET', `/api/v1/links/${link!.id}`)).status, 404, 'nobody reads another’s link');
});

t.test('E2: a partner that registers itself asks nobody until it was approved, and cannot send answers just anywhere', async (t) => {
  const { web, owner, ada, fit, hub } = await home(t);
  const register = (payload: object) => web.inject({ method: 'POST', url: '/oauth/register', payload });
  const about = { client_name: 'Stride\u202e', policy_uri: 'https://stride.example/p', redirect_uris: [BACK], region: 'United States' };
  for (const [redirect, why] of [
    ['http://stride.example/back', 'not encrypted'],
    ['https://stride.example/#x', 'fragment'],
    ['https://*.example/back', '\\*'],
    ['javascript:alert(1)', 'scheme'],
    ['app:/back', 'scheme'],
    ['https://user@stride.example/', 'user'],
  ] as const) {
    const { statusCode, body } = await register({ ...about, redirect_uris: [redirect] });
    t.equal(statusCode, 400, redirect);
    t.match(body, new RegExp(`"error":"invalid_redirect_uri".*${why}`), redirect);
  }
  t.equal((await register({ ...about, policy_uri: undefined })).statusCode, 400, 'without a policy there is no partner');
  const registered = await register(about);
  t.equal(registered.statusCode, 201);
  const { client_id: id, client_secret: secret } = registered.json<{ client_id: string; client_secret: string }>();
  const stride = partnerOf(hub, id, secret);
  t.equal((await stride.ask('read:body')).status, 400, 'it may not ask yet');
  const waiting = (await owner('GET', '/api/v1/partners')).json<{ name: string; state: string }[]>();
  t.match(
    waiting.find(({ state }) => state === 'waiting'),
    { name: 'Stride', state: 'waiting' },
    'and its name turns nothing around',
  );
  t.equal((await ada.ask('POST', `/api/v1/partners/${id}/approval`)).status, 200);
  const tokens = await stride.link(ada, 'read:activity');
  t.equal((await stride.get('measurements', tokens.access_token)).json<Page>().measurements[0]!.value, 900);
  t.equal((await fit.get('measurements', tokens.access_token)).status, 200, 'the token is its own');
  const wrong = partnerOf(hub, id, 'a wrong secret');
  t.match(await wrong.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }), {
    status: 401,
    error: 'invalid_client',
  });
  let refused = 0;
  for (let count = 0; count < 25; count++) if ((await register({ ...about, client_name: `Flood ${count}` })).statusCode === 429) refused++;
  t.equal(refused, 5, 'a flood of registrations ends');
});

t.test('E2: programs find the endpoints, and the document of the API says what a partner gets', async (t) => {
  const { web } = await home(t);
  const { body } = await web.inject({
    method: 'GET',
    url: '/.well-known/oauth-authorization-server',
    headers: { host: 'hearth.local:8080' },
  });
  t.match(JSON.parse(body), {
    issuer: 'http://hearth.local:8080',
    authorization_endpoint: 'http://hearth.local:8080/oauth/authorize',
    token_endpoint: 'http://hearth.local:8080/oauth/token',
    registration_endpoint: 'http://hearth.local:8080/oauth/register',
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
  });
  const foreign = await web.inject({ method: 'GET', url: '/.well-known/oauth-authorization-server', headers: { host: 'evil.example' } });
  t.equal(foreign.statusCode, 403, 'a name of another site that points here gets nothing');
  const document = web.swagger() as unknown as { paths: Record<string, Record<string, { security?: unknown }>> };
  t.same(document.paths['/api/v1/partner/measurements']?.get?.security, [{ partner: [] }]);
});

t.test('B11: a partner brings in under a link of its own: named, of its days and kinds, once, and taken out as a whole', async (t) => {
  const { ada, fit, given, store, web, people } = await home(t);
  const tokens = await fit.link(ada, 'read:body write:activity', { from: new Date(START).toISOString() });
  const send = async (...measurements: object[]) => {
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const response = await web.inject({ method: 'POST', url: '/api/v1/partner/measurements', headers, payload: { measurements } });
    return {
      status: response.statusCode,
      ...response.json<{ added?: number; known?: number; error?: { code: string; message: string } }>(),
    };
  };
  const hour = (index: number) => ({
    quantity: 'steps',
    value: 500 + index,
    start: new Date(START + index * 3_600_000).toISOString(),
    end: new Date(START + (index + 1) * 3_600_000).toISOString(),
  });
  t.match(await send(hour(0), hour(1)), { status: 201, added: 2, known: 0 });
  t.match(await send(hour(0), hour(1), hour(2)), { status: 201, added: 1, known: 2 }, 'the same again is the same');
  for (const [wrong, code, why] of [
    [{ quantity: 'weight', value: 70, end: hour(3).end }, 'scope', 'kind body'],
    [{ ...hour(3), value: -4 }, 'value', 'between'],
    [{ ...hour(3), end: '2050-01-01T00:00:00Z' }, 'value', 'time'],
    [{ ...hour(3), start: '2025-12-01T00:00:00Z', end: '2025-12-01T01:00:00Z' }, 'scope', 'a day'],
    [{ ...hour(3), unit: 'kg' }, 'value', 'is in'],
    [{ quantity: 'bank_account', value: 1, end: hour(3).end }, 'value', 'no quantity'],
  ] as const) {
    const refused = await send(hour(5), wrong);
    t.match(refused, { error: { code } }, why);
    t.match(refused.error!.message, new RegExp(`measurement 2 .*${why}`));
  }
  const rows = [...store.vault(ada.id).range({ quantity: 'steps' })].filter(({ device }) => device.startsWith('partner:fit-'));
  t.same(
    rows.map(({ value }) => value),
    [500, 501, 502],
    'of a request with one that is wrong nothing is taken, and all say where they come from',
  );
  const links = await given();
  t.match(
    links.map(({ kind, rowsRead }) => `${kind} ${rowsRead}`).sort(),
    ['import 3', 'partner 0'],
    'reading and bringing in are two links, each with its own stop',
  );
  const reads = links.find(({ kind }) => kind === 'partner')!;
  await ada.ask('DELETE', `/api/v1/shares/${reads.id}`);
  t.equal((await fit.get('measurements', tokens.access_token)).status, 403, 'the one is stopped');
  t.match(await send(hour(6)), { status: 201, added: 1 }, 'and the other goes on');
  const brings = links.find(({ kind }) => kind === 'import')!;
  t.equal((await ada.ask('DELETE', `/api/v1/links/${reads.id}/data`)).status, 404);
  t.same((await ada.ask('DELETE', `/api/v1/links/${brings.id}/data`)).json(), { removed: 4 });
  t.same(
    [...store.vault(ada.id).range({})].filter(({ device }) => device.startsWith('partner:')),
    [],
  );
  t.equal([...store.vault(ada.id).range({})].length, 3, 'what is the person’s own stays');
  await ada.ask('DELETE', `/api/v1/shares/${brings.id}`);
  t.equal((await send(hour(7))).status, 401);
  people.partners.forget(ada.id);
  t.equal(people.partners.remains(ada.id), 0);
});

t.test('E2: a webhook tells that there is something new, signed, and never what; it is tried again, and told of the end', async (t) => {
  const { owner, ada, ben, hub, people, now, store } = await home(t);
  const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
  const arrived = new EventEmitter();
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      heard.push({ headers: request.headers, body });
      // The first one is not taken: it comes again.
      response.writeHead(heard.length === 1 ? 503 : 204).end(() => arrived.emit('heard'));
    });
  });
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    receiver.close();
    receiver.closeAllConnections();
  });
  const until = async (count: number): Promise<void> => {
    while (heard.length < count) await once(arrived, 'heard');
  };
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const added = (await owner('POST', '/api/v1/partners', { ...FIT, name: 'Told', webhookUrl })).json<PartnerAdded>();
  t.equal(
    (await owner('POST', '/api/v1/partners', { ...FIT, webhookUrl: 'http://outside.example/hook' })).status,
    400,
    'nothing goes out of the home unencrypted',
  );
  await partnerOf(hub, added.partner.id).link(ada, 'read:body', { from: new Date(START).toISOString() });
  const hooks = startPartnerHooks({ partners: people.partners, now, random: () => 0.5, wait: async () => undefined });
  t.teardown(() => hooks[Symbol.asyncDispose]());
  const rows = [
    ...(await store.vault(ben.id).commit([reading('weight', 70, 90, START)])),
    ...(await store.vault(ada.id).commit([reading('steps', 71, 12, START), reading('weight', 72, 72.75, START - DAY_MS)])),
    ...(await store.vault(ada.id).commit([reading('weight', 73, 72.75, START + 5)])),
  ];
  for (const row of rows) hooks.heard(row);
  await until(2);
  const [link] = people.partners.given(ada.id);
  const [first, again] = heard;
  t.same(
    heard.map(({ body }) => JSON.parse(body) as object),
    [0, 1].map(() => ({
      type: 'measurements.new',
      timestamp: new Date(now()).toISOString(),
      data: { link: link!.id, categories: ['body'] },
    })),
    'of the link’s person, kinds and days alone, and no value',
  );
  t.equal(first!.headers['webhook-id'], again!.headers['webhook-id'], 'the same news has the same id');
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = again!.headers as Record<string, string>;
  const key = Buffer.from(added.webhookSecret!.slice('whsec_'.length), 'base64');
  t.equal(signature, `v1,${createHmac('sha256', key).update(`${id}.${at}.${again!.body}`).digest('base64')}`);
  await ada.ask('DELETE', `/api/v1/shares/${link!.id}`);
  await until(3);
  t.match(JSON.parse(heard[2]!.body), { type: 'link.stopped', data: { link: link!.id } });
});
