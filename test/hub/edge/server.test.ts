import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { InjectOptions } from 'fastify';
import { compactVerify, importJWK } from 'jose';
import t, { type Test } from 'tap';
import { certificateRequest, newKeyPair } from '../../../hub/edge/certificates.ts';
import { openIdentity } from '../../../hub/edge/identity.ts';
import { packOf } from '../../../hub/edge/pack.ts';
import { createEdge } from '../../../hub/edge/server.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { measured, NOON } from './entries.ts';

const TOKEN = 'token-of-the-operator-of-this-edge';
const LOG = '/v1/hubs/hub/vaults/person-1/log';

async function openEdge(t: Test, video = false) {
  const folder = t.testdir({});
  const storage = openSqliteStorage(`${folder}/records.db`);
  let nowMs = NOON;
  const identity = await openIdentity(folder, 'ireland', NOON);
  const edge = await createEdge({ storage, identity, token: TOKEN, video, now: () => nowMs });
  t.teardown(async () => {
    await edge.close();
    await storage[Symbol.asyncDispose]();
  });
  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, more: InjectOptions = {}) => {
    const response = await edge.inject({ method, url, ...more, headers: { authorization: `Bearer ${TOKEN}`, ...more.headers } });
    const isJson = String(response.headers['content-type']).includes('json');
    return { status: response.statusCode, text: response.body, json: isJson ? response.json<Record<string, never>>() : {} };
  };
  const send = (body: Buffer | string, headers: Record<string, string> = {}, url = LOG) =>
    ask('POST', url, { payload: body, headers: { 'content-type': 'application/json', ...headers } });
  const later = (ms: number): void => {
    nowMs += ms;
  };
  return { edge, identity, ask, send, later, folder };
}

const body = (after: number, count: number): string =>
  JSON.stringify(packOf({ after, upTo: after + count, entries: Array.from({ length: count }, (_, index) => measured(after + index + 1)) }));

t.test('a batch is answered with a receipt that its key signs and that names what was kept', async (t) => {
  const { identity, send, ask } = await openEdge(t);
  const packed = zstdCompressSync(body(0, 3));
  const { status, json } = await send(packed, { 'content-encoding': 'zstd' });
  t.equal(status, 200);
  const { payload, protectedHeader } = await compactVerify(json.receipt!, await importJWK(identity.key, 'ES256'));
  t.match(protectedHeader, { typ: 'hearth-receipt+jwt', kid: identity.keyId });
  const sha256 = createHash('sha256').update(packed).digest('base64url');
  t.same(JSON.parse(new TextDecoder().decode(payload)), {
    region: 'ireland',
    hub: 'hub',
    vault: 'person-1',
    after: 0,
    upTo: 3,
    added: 3,
    sha256,
    iat: NOON / 1000,
  });
  t.equal((await send(gzipSync(body(3, 1)), { 'content-encoding': 'gzip' })).json.upTo, 4);
  const rows = (await ask('GET', `${LOG}?after=3`)).json;
  t.match(rows, [{ id: 'scale-1/7/4', seq: 4, quantity: 'weight', value: 70.04, unit: 'kg', category: 'body', flag: 'ok' }]);
  t.match((await ask('GET', '/v1/hubs/hub/vaults')).json, [{ vault: 'person-1', upTo: 4, rows: 4 }]);
});

t.test('SenML of another writer is kept once too', async (t) => {
  const { send, ask } = await openEdge(t);
  const senml = JSON.stringify([{ bn: 'scale-9/', n: 'weight', u: 'kg', t: NOON / 1000, v: 71.5 }]);
  for (const _ of [1, 2])
    t.match(await send(senml, { 'content-type': 'application/senml+json' }, `${LOG}?after=0`), { status: 200, json: { upTo: 1 } });
  t.match((await ask('GET', LOG)).json, [{ device: 'scale-9', value: 71.5 }]);
});

t.test('what is wrong is refused in words, and nothing of it is kept', async (t) => {
  const { send, ask } = await openEdge(t);
  t.match(await send(body(5, 1)), { status: 409, json: { error: { code: 'ahead', upTo: 0 } } });
  t.match(await send('{'), { status: 400, json: { error: { message: 'the body is not JSON' } } });
  t.match(await send('{"after":0}'), { status: 422, json: { error: { message: /the batch is wrong/ } } });
  t.match(await send(body(0, 1), { 'content-encoding': 'zstd' }), { status: 400, json: { error: { message: 'the body is not zstd' } } });
  t.match(await send(body(0, 1), { 'content-encoding': 'br' }), { status: 415 });
  t.match(await send(zstdCompressSync(Buffer.alloc(20_000_000, ' ')), { 'content-encoding': 'zstd' }), { status: 413 }, 'a bomb');
  t.match(await send(body(0, 1), { authorization: 'Bearer wrong' }), { status: 401 });
  t.match(await send(body(0, 1), {}, '/v1/hubs/hub/vaults/..%2Fx/log'), { status: 400 });
  t.same((await ask('GET', LOG)).json, []);
});

t.test('an erased vault stays erased', async (t) => {
  const { send, ask } = await openEdge(t);
  await send(body(0, 2));
  t.match(await ask('DELETE', '/v1/hubs/hub/vaults/person-1'), { status: 200, json: { rows: 2 } });
  t.match(await send(body(0, 2)), { status: 410, json: { error: { code: 'erased' } } });
  t.same((await ask('GET', LOG)).json, []);
});

t.test('a hub enrols once with a code, and a code is not wasted by a mistake', async (t) => {
  const { identity, ask, later } = await openEdge(t);
  const enrol = (code: string, request: string) => ask('POST', '/v1/enrol', { payload: { code, request } });
  const newCode = async () => (await ask('POST', '/v1/codes', { payload: { hub: 'attic' } })).json.code! as string;
  const request = await certificateRequest(await newKeyPair());
  const code = await newCode();
  t.match(code, new RegExp(`\\.${identity.fingerprint}$`));
  t.match(await enrol(code, 'no request'), { status: 400, json: { error: { message: /PEM of a PKCS #10/ } } });
  t.match(await enrol(code, request), { status: 201, json: { hub: 'attic', region: 'ireland', certificate: /BEGIN CERTIFICATE/ } });
  t.match(await enrol(code, request), { status: 403, json: { error: { code: 'code' } } });
  const late = await newCode();
  later(3_600_001);
  t.match(await enrol(late, request), { status: 403 });
});

t.test('an edge keeps its identity, and does not move to another region', async (t) => {
  const folder = t.testdir({});
  const [one, two] = await Promise.all([openIdentity(folder, 'ireland', NOON), openIdentity(folder, 'ireland', NOON)]);
  t.equal(one.keyId, two.keyId, 'processes that start at the same time share it');
  t.equal((await openIdentity(folder, 'ireland', NOON)).fingerprint, one.fingerprint);
  await t.rejects(openIdentity(folder, 'brazil', NOON), /set up a new edge/);
});

/** `get /v1/hubs/{hub}` of each line of fastify's tree, in the words of OpenAPI. */
function routesIn(tree: string): string[] {
  const stack: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const found = /^([│├└─\s]*)(\S*)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (found === null || line.trim() === '') return [];
    const [, indent = '', part = '', methods = ''] = found;
    const depth = indent.length / 4;
    stack.length = depth;
    stack[depth] = part;
    const path = stack.join('').replaceAll(/:([a-z]+)/g, '{$1}');
    return methods
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD')
      .map((method) => `${method.toLowerCase()} ${path}`);
  });
}

t.test('the API describes itself, and its counts hold no measured value', async (t) => {
  const { edge, send, ask } = await openEdge(t, true);
  const routes = routesIn(edge.printRoutes({ commonPrefix: false }));
  t.ok(routes.length > 20, `${routes.length} routes`);
  await send(body(0, 3));
  const document = (await ask('GET', '/v1/openapi.json')).json as { openapi?: string; paths?: Record<string, unknown> };
  t.equal(document.openapi, '3.1.0');
  const described = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary?: string }>).map(([method, { summary }]) => ({ at: `${method} ${path}`, summary })),
  );
  for (const { at, summary } of described) t.ok(summary, `${at} says what it does`);
  t.same(
    routes.filter((at) => !described.some((one) => one.at === at)),
    ['get /v1/openapi.json'],
    'every route is in it, but the document itself',
  );
  t.ok(Object.keys(document.paths ?? {}).includes('/v1/hubs/{hub}/vaults/{vault}/log'));
  const { text } = await ask('GET', '/metrics');
  t.match(text, /hearth_edge_rows_total 3/);
  t.notMatch(text, /70\.0|scale-1|person-1/);
});
