import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { unseal } from '../../hub/rights/archive/seal.ts';
import { erasePlaces } from '../../hub/rights/erase.ts';
import { openForgetting } from '../../hub/rights/forget.ts';
import { type Sync, startSync } from '../../hub/sync/sync.ts';
import { createTestClock } from '../clock.ts';
import { fill, reading, START } from '../hub/rights/filled.ts';
import { startEdge, TOKEN } from '../hub/sync/edge-process.ts';
import { passing, seeded } from '../hub/sync/hub.ts';
import { type Ask, openWeb, PASSWORD, type TestWeb } from '../hub/web/web.ts';

const PASSPHRASE = 'a long passphrase of mine';
const CANARY = 'canary-7f3a9c';

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);

/** Pieces of files that must be nowhere afterwards: bytes in their middle, as they lie on the disk. */
function piecesOf(files: readonly string[]): Map<string, Buffer> {
  const pieces = new Map<string, Buffer>();
  for (const file of files) {
    const bytes = readFileSync(file);
    for (const share of [0.1, 0.5, 0.9]) {
      const at = Math.floor(bytes.length * share);
      const piece = bytes.subarray(at, at + 24);
      if (piece.length === 24 && new Set(piece).size > 8) pieces.set(`${file} at ${at}`, piece);
    }
  }
  return pieces;
}

/** Names of the pieces found in any file of the folders. */
function hits(folders: readonly string[], pieces: ReadonlyMap<string, Buffer>): string[] {
  const found: string[] = [];
  for (const file of folders.flatMap(filesIn)) {
    const bytes = readFileSync(file);
    for (const [name, piece] of pieces) if (bytes.includes(piece)) found.push(`${name} is in ${file}`);
  }
  return found;
}

/** Sends a copy back and has it checked. */
async function readBack(ask: Ask, sealed: Buffer, passphrase = PASSPHRASE) {
  const { id } = (await ask('POST', '/api/v1/imports', { name: 'copy.age' })).json<{ id: string }>();
  await ask('PUT', `/api/v1/imports/${id}?at=0`, sealed, { headers: { 'content-type': 'application/octet-stream' } });
  return ask('POST', `/api/v1/forget/check/${id}`, { passphrase });
}
const again = (ask: Ask, name: string) =>
  ask('POST', '/api/v1/again/password', { password: name === 'Ada' ? PASSWORD : `${PASSWORD} ${name}` });
const forget = (ask: Ask, name: string, copy: 'verified' | 'declined') => ask('POST', '/api/v1/forget', { copy, name });

async function person(t: Test, more = {}): Promise<TestWeb & { ada: Ask; ben: { ask: Ask; id: string } }> {
  const hub = await openWeb(t, more);
  const ada = await hub.claim();
  const ben = await hub.join('Ben');
  hub.people.identities.set(ben.id, { firstName: CANARY, birthDate: '1980-05-01' });
  await fill(hub.store, ben.id);
  return { ...hub, ada, ben };
}

t.test('C13: nothing is deleted before a copy was read back or a clear no, and the copy opens with its passphrase alone', async (t) => {
  const { ben, store } = await person(t);
  t.match(
    (await forget(ben.ask, 'Ben', 'verified')).error,
    { code: 'password-again' },
    'who has no second secret gives the password again',
  );
  await again(ben.ask, 'Ben');
  t.equal((await ben.ask('POST', '/api/v1/forget', { name: 'Ben' })).status, 400, 'without a word about the copy');
  t.match((await forget(ben.ask, 'Ben', 'verified')).error, { code: 'no-copy' });
  const copy = await ben.ask('POST', '/api/v1/forget/copy', { passphrase: PASSPHRASE });
  t.match(copy.raw.subarray(0, 21).toString(), 'age-encryption.org/v1', 'a form that other programs open');
  t.notOk(copy.raw.includes(CANARY));
  t.match((await forget(ben.ask, 'Ben', 'verified')).error, { code: 'no-copy' }, 'taken is not yet read back');
  t.match((await readBack(ben.ask, copy.raw, 'another passphrase')).error, { code: 'copy' });
  const torn = copy.raw.subarray(0, copy.raw.length - 10);
  t.match((await readBack(ben.ask, torn)).error, { code: 'copy' });
  const changed = Buffer.from(copy.raw);
  changed.writeUInt8(changed.readUInt8(changed.length >> 1) ^ 1, changed.length >> 1);
  t.match((await readBack(ben.ask, changed)).error, { code: 'copy' });
  t.equal((await forget(ben.ask, 'Ben', 'verified')).status, 409);
  t.ok(store.subjects().includes(ben.id), 'all is still there');
  t.same((await readBack(ben.ask, copy.raw)).json(), { verified: true });
  const plain = Buffer.concat(await (await unseal(Readable.from([copy.raw]), PASSPHRASE)).toArray());
  t.equal(plain.subarray(0, 2).toString(), 'PK');
  t.match((await forget(ben.ask, 'Bob', 'verified')).error, { code: 'name' }, 'and one’s name is typed');
  t.equal((await forget(ben.ask, 'Ben', 'verified')).status, 200);
  t.notOk(store.subjects().includes(ben.id));
});

t.test(
  'C10, C11, C12, C14: after deletion nothing of the person is on the disk, in the backups, at the edge or in a file target',
  async (t) => {
    const clock = createTestClock(START);
    let sync: Sync | undefined;
    const hub = await person(t, { sync: () => sync });
    const { ben, store, folder, people } = hub;
    const edgeFolder = `${folder}-edge`;
    const stop = new AbortController();
    await using edge = await startEdge({ folder: edgeFolder });
    t.teardown(() => stop.abort(new Error('over')));
    await store.vault(ben.id).commit([reading('weight', 1, 81.25, START, { device: CANARY })]);
    await store.vault('home').commit([reading('co2', 1, 640, START, { device: 'air-1' })]);
    const stick = `${folder}-stick`;
    sync = startSync({
      source: store,
      folder: `${folder}/sync`,
      targets: [{ name: 'stick', target: 'file', folder: stick, people: [ben.id, 'home'], categories: 'all' } as never],
      embedded: { url: edge.url.slice(0, -1), token: TOKEN },
      clock,
      signal: stop.signal,
      random: seeded(3),
    });
    await passing(
      clock,
      () => sync!.state().every(({ state }) => state === 'synced'),
      'everything is sent',
      () => sync!.state(),
    );
    await store.backUp();
    mkdirSync(`${folder}/segments/${ben.id}`, { recursive: true });
    copyFileSync(new URL(import.meta.url).pathname, `${folder}/segments/${ben.id}/raw-1`);
    people.operations.append({ kind: 'field', actor: ben.id, subject: ben.id, detail: { what: CANARY } });

    const folders = [folder, edgeFolder, stick];
    const own = filesIn(folder).filter((file) => file.includes(ben.id));
    t.ok(own.some((file) => file.includes('/backups/')) && own.some((file) => file.endsWith('.key')), `${own.length} files are theirs`);
    const pieces = piecesOf(own);
    pieces.set('the canary', Buffer.from(CANARY));
    t.ok(hits([folder], pieces).length >= 5, 'the scan finds what is there');
    t.ok(hits([edgeFolder], pieces).length > 0 && hits([stick], pieces).length > 0, 'also at the edge and on the stick');

    await again(ben.ask, 'Ben');
    const answer = await forget(ben.ask, 'Ben', 'declined');
    const report = answer.json<{
      places: { id: string; what: string; state: string }[];
      backups: string[];
      receipt: string;
      runsHub: string;
    }>();
    t.equal(answer.status, 200);
    t.same(
      report.places.filter(({ state }) => state === 'remains'),
      [],
    );
    t.same(report.places.map(({ id }) => id).sort(), [
      'account',
      'attribution',
      'challenges',
      'choices',
      'disclosures',
      'guardian',
      'identity',
      'log',
      'objections',
      'papers',
      'partners',
      'records',
      'shares',
      'targets',
      'vault',
      'views',
      'wake-up',
    ]);
    t.match(report.backups.join(' '), /1 backups of your vault on this hub, .* lost their key and were removed on 2026-11-24/);
    t.match(await people.key.check(report.receipt), { kind: 'erasure', subject: ben.id });
    await passing(
      clock,
      () => sync!.operations(10).filter(({ kind }) => kind === 'erased').length === 2,
      'both targets answered',
      () => sync!.operations(5),
    );

    t.same(hits(folders, pieces), [], `${pieces.size} pieces looked for in ${folders.flatMap(filesIn).length} files`);
    t.equal((await edge.storage.rows('hub', ben.id, 0, 10)).length, 0);
    t.equal((await ben.ask('GET', '/api/v1/latest')).status, 401, 'and they are signed out');
    t.equal((await edge.storage.rows('hub', 'home', 0, 10)).length, 1, 'the home’s air stays');
    t.same(people.operations.verify(), [], 'the log is whole');
    t.equal(report.runsHub, 'Ada');
  },
);

t.test('C10: a deletion that is interrupted anywhere goes on by itself until nothing remains', async (t) => {
  const places = ['vault', 'identity', 'attribution', 'guardian', 'targets', 'account', 'log'];
  for (const [index, place] of places.entries()) {
    const { ben, store, people, folder } = await person(t);
    // The power goes as this place is about to be erased: nothing of it and of those after it happens.
    const cut = new Proxy(people, {
      get(target, name) {
        const isHere =
          (place === 'identity' && name === 'identities') ||
          (place === 'guardian' && name === 'guardians') ||
          (place === 'log' && name === 'operations') ||
          (place === 'attribution' && name === 'attribution');
        if (isHere) throw new Error('the power went');
        if (place === 'account' && name === 'accounts')
          return {
            ...people.accounts,
            get: people.accounts.get,
            remove: () => {
              throw new Error('the power went');
            },
          };
        return Reflect.get(target, name) as unknown;
      },
    });
    const cutStore =
      place === 'vault'
        ? {
            ...store,
            erase: () => {
              throw new Error('the power went');
            },
          }
        : store;
    const options = { data: folder, now: () => START };
    const first = openForgetting({ ...options, store: cutStore, people: cut, tellTargets: () => place !== 'targets' });
    await t.rejects(first.forget(ben.id, ben.id), /the power went|sync does not run/, place);
    const told: string[] = [];
    const next = openForgetting({ ...options, store, people, tellTargets: (subject) => told.push(subject) > 0 });
    t.same(next.pending(), [ben.id], `stopped at place ${index}`);
    t.equal(await next.resume(), 1);
    t.same(told, [ben.id]);
    t.same(next.pending(), []);
    const left = erasePlaces({ store, people, tellTargets: () => undefined }).filter(({ remains }) => (remains(ben.id) ?? 0) > 0);
    t.same(
      left.map(({ id }) => id),
      [],
    );
    t.notOk(filesIn(folder).some((file) => file.includes(ben.id)));
  }
});

t.test('C12: who runs the hub hands it on by leaving; of the last one nothing stays, and who claims next is somebody else', async (t) => {
  const { ada, ben, people, idOf } = await person(t);
  const first = idOf('Ada');
  await again(ada, 'Ada');
  t.match((await forget(ada, 'Ada', 'declined')).json(), { runsHub: 'Ben' });
  t.match(people.accounts.owner(), { id: ben.id, role: 'owner' });
  await again(ben.ask, 'Ben');
  t.match((await forget(ben.ask, 'Ben', 'declined')).json(), { runsHub: null });
  t.notOk(people.accounts.isClaimed);
  t.not(people.accounts.firstPerson, first);
});
