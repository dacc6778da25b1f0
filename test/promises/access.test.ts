import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3-multiple-ciphers';
import t, { type Test } from 'tap';
import { ZipFile } from 'yazl';
import type { Identity } from '../../hub/people/identity.ts';
import { HOME } from '../../hub/people/subjects.ts';
import { importFile } from '../../hub/rights/import/import.ts';
import type { Store } from '../../hub/store/store.ts';
import { fill, reading, START } from '../hub/rights/filled.ts';
import { unzip } from '../hub/rights/unzip.ts';
import { type Ask, openWeb, type TestWeb } from '../hub/web/web.ts';

const ME: Identity = { firstName: 'Ada', birthDate: '1980-05-01', heightM: 1.76, sex: 'female' };

function scratch(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-archive-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Downloads the archive of who asks. */
async function archive(t: Test, ask: Ask, home = true): Promise<{ file: string; bytes: Buffer; ticket: string; tag: string }> {
  const { ticket, tag } = (await ask('POST', '/api/v1/exports', { home })).json<{ ticket: string; tag: string }>();
  const response = await ask('GET', `/api/v1/archive?ticket=${ticket}`, undefined, {});
  t.equal(response.status, 200);
  const file = `${scratch(t)}/archive.zip`;
  writeFileSync(file, response.raw);
  return { file, bytes: response.raw, ticket, tag };
}

async function household(t: Test): Promise<TestWeb & { ada: Ask; id: string }> {
  const hub = await openWeb(t);
  const ada = await hub.claim();
  const id = hub.idOf('Ada');
  hub.people.identities.set(id, ME);
  await fill(hub.store, id);
  await hub.store
    .vault(HOME)
    .commit([reading('co2', 1, 612, START, { device: 'air-1' }), reading('temperature', 2, 21.5, START, { device: 'air-1' })]);
  return { ...hub, ada, id };
}

const logOf = (store: Store, subject: string): string[] =>
  store
    .vault(subject)
    .entries(0, 1000)
    .map((entry) => JSON.stringify({ ...entry, atMs: Math.floor(entry.atMs / 1000) }));

t.test('C1: one file has everything, in open forms, with units, checksums and a signature', async (t) => {
  const hub = await household(t);
  const files = await unzip((await archive(t, hub.ada)).file);
  const { people, id } = hub;
  const text = (name: string): string => files.get(name)!.toString();

  const lines = text('me/log.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.equal(lines.filter(({ kind }) => kind === 'measured').length, hub.store.vault(id).count());
  t.equal(lines.length, hub.store.vault(id).entries(0, 10_000).length, 'corrections, removals and gaps too');
  t.match(
    lines.find(({ device }) => device === 'scale-1~bmi'),
    { unit: 'kg/m2', category: 'body', provenance: { algorithm: 'body-mass-index' } },
  );
  t.notOk(text('me/log.jsonl').includes(id), 'the person is `me`, on this hub and any other');
  t.match(
    text('me/measurements.csv'),
    /^quantity,label,value,unit,category,start,end.*\r\nweight,Weight,72,kg,body,2026-01-05T07:00:00.000Z/,
  );

  const database = new Database(files.get('me/measurements.sqlite')!);
  const row = database.prepare("SELECT value, unit, category, device, start FROM measurement WHERE quantity = 'steps'").get();
  t.same(row, { value: 840, unit: '{step}', category: 'activity', device: 'tracker-1', start: '2026-01-05T07:00:00.000Z' });
  database.close();

  const { entry: entries } = JSON.parse(text('me/fhir.json')) as {
    entry: { resource: { resourceType: string; code?: { coding: { code: string }[] }; component?: unknown[] } }[];
  };
  const codes = entries.flatMap(({ resource }) => resource.code?.coding[0]?.code ?? []);
  t.match(entries[0], { resource: { resourceType: 'Patient', birthDate: '1980-05-01', gender: 'female', name: [{ given: ['Ada'] }] } });
  t.equal(codes.filter((code) => code === '29463-7').length, 19, 'weights that are sound, each with its LOINC code');
  t.equal(codes.filter((code) => code === '85354-9').length, 1, 'blood pressure as one panel');
  t.ok(codes.filter((code) => code === '8867-4').length <= 6, 'a heart rate each minute goes by the hour');

  const manifest = JSON.parse(text('manifest.json')) as { files: { path: string; sha256: string; bytes: number }[] };
  t.same(
    manifest.files.map(({ path }) => path).sort(),
    [...files.keys()].filter((name) => name !== 'manifest.json' && name !== 'signature.json').sort(),
  );
  const signature = JSON.parse(text('signature.json')) as { manifestSha256: string; signature: string };
  t.ok(people.key.isSigned(signature.manifestSha256, signature.signature));
  t.match(JSON.parse(text('quantities.json')), { quantities: { weight: { unit: 'kg', loinc: '29463-7' } } });
  t.match(text('me/operations.jsonl'), /"kind":"export"/, 'what happened with it, this export included');
  t.equal(readdirSync(`${hub.folder}/run`).length, 0, 'nothing of it stays in the clear on the disk');
});

t.test('C1: it is for the person alone: not for who runs the hub, not for a guest, and a ticket is not for another', async (t) => {
  const hub = await household(t);
  const ben = await hub.join('Ben');
  t.equal((await hub.ada('POST', `/api/v1/exports?subject=${ben.id}`, {})).status, 403);
  const { ticket } = (await hub.ada('POST', '/api/v1/exports', {})).json<{ ticket: string }>();
  t.equal((await ben.ask('GET', `/api/v1/archive?ticket=${ticket}`)).status, 404);
  t.equal((await hub.ada('GET', `/api/v1/archive?ticket=${ticket.slice(0, -4)}AAAA`)).status, 404, 'a forged one neither');
  const files = await unzip((await archive(t, ben.ask)).file);
  t.notOk(files.has('me/log.jsonl'), 'of whom nothing is kept there is nothing');
  t.ok(files.has('home/log.jsonl'));
});

t.test('C1: a download that broke off goes on, also after a restart, and says so when something was changed meanwhile', async (t) => {
  const hub = await household(t);
  const { bytes, ticket, tag } = await archive(t, hub.ada);
  await hub.store.vault(hub.id).commit([reading('weight', 77, 70, START + 1)]);
  const rest = await hub.ada('GET', `/api/v1/archive?ticket=${ticket}&from=1000&tag=${encodeURIComponent(tag)}`);
  t.ok(rest.raw.equals(bytes.subarray(1000)), 'what came since is not in it; the bytes are the same');
  t.match((await hub.ada('GET', `/api/v1/exports?ticket=${ticket}`)).json(), { state: 'done', tag });
  await hub.store.vault(hub.id).amend(5, 70, 'person:x');
  const changed = await hub.ada('GET', `/api/v1/archive?ticket=${ticket}&from=1000&tag=${encodeURIComponent(tag)}`);
  t.match(changed.error, { code: 'changed', remedy: /anew/ });
});

t.test('C2: exported, imported into an empty hub, exported again: the same bytes', async (t) => {
  const first = await household(t);
  const one = await archive(t, first.ada);
  const second = await openWeb(t);
  const eve = await second.claim();
  const imported = await importInto(second, eve, one.bytes);
  t.match(imported, { form: 'hearth', known: 0, leftOut: 0, added: first.store.vault(first.id).count() + 2 });
  t.same(logOf(second.store, second.idOf('Ada')), logOf(first.store, first.id));
  t.same(second.people.identities.get(second.idOf('Ada')), ME);
  const again = await unzip((await archive(t, eve)).file);
  const before = await unzip(one.file);
  const own = ['me/operations.jsonl', 'manifest.json', 'signature.json'];
  t.same([...again.keys()], [...before.keys()]);
  for (const [name, bytes] of before) if (!own.includes(name)) t.ok(again.get(name)!.equals(bytes), `${name}: ${bytes.length} bytes alike`);
  t.ok(second.store.vault(second.idOf('Ada')).history(2).length === 3, 'the history of a corrected value too');
  await second.store.vault(second.idOf('Ada')).commit([reading('weight', 3, 72.2, START)]);
  t.equal(
    second.store.vault(second.idOf('Ada')).count(),
    first.store.vault(first.id).count(),
    'a removed value does not come back from its device',
  );
});

/** Sends a file in two parts and has it taken. */
async function importInto(hub: TestWeb, ask: Ask, bytes: Buffer, name = 'archive.zip', home = true) {
  const { id } = (await ask('POST', '/api/v1/imports', { name })).json<{ id: string }>();
  const half = Math.floor(bytes.length / 2);
  for (const [at, part] of [
    [0, bytes.subarray(0, half)],
    [half, bytes.subarray(half)],
  ] as const) {
    const sent = await ask('PUT', `/api/v1/imports/${id}?at=${at}`, part, { headers: { 'content-type': 'application/octet-stream' } });
    if (sent.status !== 200) throw new Error(sent.body);
  }
  const taken = await ask('POST', `/api/v1/imports/${id}/run`, { home });
  if (existsSync(`${hub.folder}/run/import-${id}`)) throw new Error('the upload was left lying');
  return taken.status === 200 ? taken.json<object>() : taken.error!;
}

t.test('C2: an import that was interrupted goes on, and an archive into a vault with a life of its own adds what is new', async (t) => {
  const first = await household(t);
  const { bytes } = await archive(t, first.ada, false);
  const second = await openWeb(t);
  const ask = await second.claim();
  const id = second.idOf('Ada');
  const vault = second.store.vault(id);
  const part = first.store.vault(first.id).entries(0, 50);
  await vault.takeBack(part.map((entry) => ({ entry })));
  await importInto(second, ask, bytes, 'a.zip', false);
  t.same(logOf(second.store, id).slice(50), logOf(first.store, first.id).slice(50));
  t.match(await importInto(second, ask, bytes, 'a.zip', false), { added: 0 }, 'a second time nothing is new');

  const third = await openWeb(t);
  const own = await third.claim();
  await third.store.vault(third.idOf('Ada')).commit([reading('weight', 1, 55, START, { device: 'other' })]);
  t.match(await importInto(third, own, bytes, 'a.zip', false), {
    added: first.store.vault(first.id).count(),
    notes: [/Signed/, /its own history stays/],
  });
});

async function zipOf(t: Test, files: Record<string, string | Buffer>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content as string), name);
  zip.end();
  const file = `${scratch(t)}/made.zip`;
  await pipeline(zip.outputStream as Readable, createWriteStream(file));
  return readFileSync(file);
}

t.test('C2: bombs, strange names, changed and torn archives are refused, each with what is wrong', async (t) => {
  const hub = await household(t);
  const { bytes } = await archive(t, hub.ada);
  const before = hub.store.vault(hub.id).head();
  const take = (content: Buffer, name?: string) => importInto(hub, hub.ada, content, name);
  t.match(await take(await zipOf(t, { 'manifest.json': Buffer.alloc(30 * 2 ** 20) })), { code: 'import-limit', message: /times its size/ });
  t.match(
    await take(Buffer.from(`<!DOCTYPE x [<!ENTITY a "${'b'.repeat(50)}"><!ENTITY c "&a;&a;">]><HealthData>&c;</HealthData>`), 'export.xml'),
    { code: 'import-limit', message: /entities/ },
  );
  t.match(await take(Buffer.from(`<HealthData>${'<Correlation>'.repeat(20)}`), 'export.xml'), { code: 'import-limit', message: /deep/ });
  t.match(await take(Buffer.from(`<html><p/></html>`), 'export.xml'), { code: 'import-form', message: /<html>/ });
  const slip = await zipOf(t, { 'xx/slip.txt': 'x' });
  for (let at = slip.indexOf('xx/slip'); at >= 0; at = slip.indexOf('xx/slip')) slip.write('../', at);
  t.match(await take(slip), { code: 'import-form' }, 'a way out of the folder');
  t.match(await take(bytes.subarray(0, bytes.length - 300)), { code: 'import-form' }, 'torn');
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(3000) ^ 0xff, 3000);
  t.match(await take(flipped), { code: /import-(damaged|form)/ }, 'a byte of it changed');
  const files = Object.fromEntries(await unzip((await archive(t, hub.ada)).file));
  t.match(await take(await zipOf(t, { ...files, 'me/log.jsonl': '{"seq":1}' })), {
    code: 'import-damaged',
    message: /me\/log.jsonl is not as it was written/,
  });
  t.match(
    await take(await zipOf(t, { ...files, 'manifest.json': files['manifest.json']!.toString().replace('What is what', 'What is not') })),
    { code: 'import-damaged', message: /signature/ },
  );
  t.match(await take(await zipOf(t, { ...files, 'more.txt': 'x' })), { code: 'import-form', message: /more.txt/ });
  t.match(await take(Buffer.from('hello'), 'x.bin'), { code: 'import-form' });
  t.equal(hub.store.vault(hub.id).head(), before, 'and nothing was kept of them');
});

t.test('C2: a line that says nonsense is named, and what came before it is kept', async (t) => {
  const { store, people, folder } = await openWeb(t);
  const good =
    '{"seq":1,"at":"2026-01-01T00:00:00Z","by":"device:a","kind":"measured","device":"a","boot":1,"sequence":1,"quantity":"weight","value":70,"start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:00:00Z","timeQuality":"synced","flag":"ok","timeDoubt":"none","zoneMin":0,"deviceEndMs":null}';
  const importLog = async (log: string, subject: string) => {
    const manifest = {
      format: 'hearth-archive',
      version: 1,
      files: [{ path: 'me/log.jsonl', sha256: createHash('sha256').update(log).digest('hex') }],
    };
    const file = `${folder}/x.zip`;
    writeFileSync(file, await zipOf(t, { 'me/log.jsonl': log, 'manifest.json': JSON.stringify(manifest) }));
    return importFile(file, { data: folder, store, people, subject, withHome: false, zone: 'UTC', nowMs: START, name: 'x.zip' });
  };
  for (const [wrong, message] of [
    ['{"seq":0}', /line 2 of the log has the position 0/],
    ['[]', /line 2/],
    ['nonsense', /line 2 of the log is no JSON/],
    [good.replace('"seq":1', '"seq":2').replace('"weight"', '"mood"'), /quantity 'mood'/],
    [good.replace('"seq":1', '"seq":2').replace('"synced"', '"guessed"'), /timeQuality: one of synced/],
    [good, /out of order/],
    [`{"seq":2,"at":"2026-01-01T00:00:00Z","by":"x","kind":"amended","of":"one"}`, /kind 'amended'/],
    [`{"a":"${'x'.repeat(70_000)}"}`, /65536 characters/],
  ] as const)
    await t.rejects(importLog(`${good}\n${wrong}\n`, `person-${message.source.length}-${wrong.length}`), { name: 'ArchiveError', message });
  t.equal((await importLog(`${good}\n`, 'person-9')).added, 1);
  t.ok(statSync(`${folder}/vaults/person-9.db`).size > 0);
});
