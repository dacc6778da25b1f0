/** The contract of an edge's storage, held by each of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { newCode } from '../../../hub/edge/enrolment.ts';
import type { Entry } from '../../../hub/edge/entry.ts';
import { openIdentity } from '../../../hub/edge/identity.ts';
import { queuedStorage } from '../../../hub/edge/storage/nats.ts';
import { openPostgresStorage } from '../../../hub/edge/storage/postgres.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { type EdgeStorage, StorageError, type Taken } from '../../../hub/edge/storage/storage.ts';
import { residencyOfContinent } from '../../../hub/sync/residency.ts';
import { startSync } from '../../../hub/sync/sync.ts';
import { openHome, passing, row, seeded } from '../sync/hub.ts';
import { freePort, startProgram, type TestProgram } from '../sync/program.ts';
import { startBalancer } from './balancer.ts';
import { batch, measured, NOON } from './entries.ts';
import { noPostgres, startPostgres, type TestPostgres } from './postgres.ts';
import { until } from './until.ts';

const NATS = '/usr/sbin/nats-server';
const seqs = async (storage: EdgeStorage, vault = 'person-1'): Promise<number[]> =>
  (await storage.rows('hub', vault, 0, 1000)).map(({ seq }) => seq);

interface Kind {
  readonly name: string;
  /** A way to open the same storage again and again, as several processes do. */
  make(t: Test): { open(): Promise<EdgeStorage>; readonly folder: string };
}

function contract({ name, make }: Kind, skip: string | false = false): void {
  t.test(`${name} keeps a batch once, however often it comes`, { skip }, async (t) => {
    const { open } = make(t);
    const storage = await open();
    const first = batch(0, [measured(1), measured(2)]);
    t.same(await storage.take(first), { kind: 'taken', upTo: 2, added: 2 });
    t.same(await storage.take(first), { kind: 'taken', upTo: 2, added: 0 }, 'the same again changes nothing');
    t.same(await storage.take(batch(1, [measured(2, { value: 1, endUtcMs: NOON - 90 * 86_400_000 }), measured(3)])), {
      kind: 'taken',
      upTo: 3,
      added: 1,
    });
    await storage[Symbol.asyncDispose]();
    const again = await open();
    const rows = await again.rows('hub', 'person-1', 0, 1000);
    t.same(
      rows.map(({ seq, value, endUtcMs }) => [seq, value, endUtcMs]),
      [1, 2, 3].map((seq) => [seq, 70 + seq / 100, NOON + seq * 60_000]),
      'the first value stays, also when another month comes for it',
    );
    t.match(rows[0], { device: 'scale-1', boot: 7, sequence: 1, code: 1, spanMs: 2000, timeQuality: 'synced' });
    t.same(await again.vaults('hub'), [{ vault: 'person-1', upTo: 3, rows: 3, erased: false }]);
    t.same(await again.vaults('other'), [], "another hub's vaults are apart");
    t.same(
      (await again.rows('hub', 'person-1', 1, 1)).map(({ seq }) => seq),
      [2],
      'pages of rows',
    );
    await again[Symbol.asyncDispose]();
  });

  t.test(`${name} takes batches in order, and says from where to go on`, { skip }, async (t) => {
    const { open } = make(t);
    await using storage = await open();
    t.same(await storage.take(batch(5, [measured(6)])), { kind: 'ahead', upTo: 0 }, 'what lies between is missing');
    t.same(
      await storage.take(batch(0, [measured(2)], { upTo: 9 })),
      { kind: 'taken', upTo: 9, added: 1 },
      'positions without an entry count',
    );
    t.same(await storage.take(batch(9, [], { upTo: 20 })), { kind: 'taken', upTo: 20, added: 0 });
    t.same(
      await storage.take(batch(0, [measured(4)], { upTo: 9 })),
      { kind: 'taken', upTo: 20, added: 1 },
      'a category that is shared later is filled in',
    );
    t.same(await seqs(storage), [2, 4]);
  });

  t.test(`${name} amends, re-dates and removes, in order and once`, { skip }, async (t) => {
    const { open, folder } = make(t);
    await using storage = await open();
    const marked = 'gone-from-the-disk-9f3b';
    const rows: Entry[] = [
      measured(1),
      measured(2, { timeQuality: 'estimated', unset: 'dated', endUtcMs: NOON }),
      measured(3, { device: marked }),
      { kind: 'note', seq: 4, name: 'gap', body: '{"cause":"power"}' },
      { kind: 'amended', seq: 5, of: 1, value: 71 },
      { kind: 'redated', seq: 6, fromSeq: 1, toSeq: 3, shiftMs: 3_600_000 },
      { kind: 'note', seq: 7, name: 'conflict', body: `{"of":3,"id":"${marked}/7/3","value":1}` },
    ];
    t.same(await storage.take(batch(0, rows)), { kind: 'taken', upTo: 7, added: 7 });
    t.ok(onDisk(folder, marked), 'the value that will go is on the disk');
    const removal = batch(7, [
      { kind: 'amended', seq: 8, of: 1, value: 72 },
      { kind: 'removed', seq: 9, of: 3 },
    ]);
    await storage.take(removal);
    const state = async () =>
      (await storage.rows('hub', 'person-1', 0, 9)).map(({ seq, value, endUtcMs, timeQuality }) => [
        seq,
        value,
        endUtcMs - NOON,
        timeQuality,
      ]);
    const expected = [
      [1, 72, 60_000, 'synced'],
      [2, 70.02, 3_600_000, 'synced'],
    ];
    t.same(await state(), expected);
    t.same(await storage.notes('hub', 'person-1', 0, 1), [{ seq: 4, name: 'gap', body: '{"cause":"power"}' }]);
    await storage.take(batch(0, rows));
    await storage.take(removal);
    t.same(await state(), expected, 'the whole log again brings nothing back and shifts nothing twice');
    t.notOk(onDisk(folder, marked), 'what was removed is on the disk no more');
    await storage.take(batch(9, [{ kind: 'removed', seq: 13, of: 11 }]));
    await storage.take(batch(9, [measured(11), measured(12)]));
    t.same(await seqs(storage), [1, 2, 12], 'a row that was removed before it was shared does not come');
  });

  t.test(`${name} erases a vault for ever, and that one alone`, { skip }, async (t) => {
    const { open, folder } = make(t);
    await using storage = await open();
    const marked = 'erased-with-its-vault-71c0';
    await storage.take(batch(0, [measured(1, { device: marked }), { kind: 'note', seq: 2, name: 'gap', body: marked }]));
    await storage.take(batch(0, [measured(1)], { vault: 'person-2' }));
    t.equal(await storage.erase('hub', 'person-1'), 1);
    t.notOk(onDisk(folder, marked), 'nothing of it is on the disk');
    t.same(await storage.take(batch(0, [measured(1)])), { kind: 'erased' }, 'a batch that comes late brings nothing back');
    t.same(await storage.rows('hub', 'person-1', 0, 9), []);
    t.same(await seqs(storage, 'person-2'), [1]);
    t.match(await storage.vaults('hub'), [
      { vault: 'person-1', erased: true, rows: 0 },
      { vault: 'person-2', erased: false, rows: 1 },
    ]);
    t.equal(await storage.erase('hub', 'person-1'), 0, 'again changes nothing');
  });

  t.test(`${name} gives a code's hub once`, { skip }, async (t) => {
    const { open } = make(t);
    await using storage = await open();
    await storage.addCode('h1', 'hub-a', NOON + 1000);
    await storage.addCode('h2', 'hub-b', NOON + 1000);
    const both = await Promise.all([storage.redeemCode('h1', NOON), storage.redeemCode('h1', NOON)]);
    t.same(
      both.filter((hub) => hub !== undefined),
      ['hub-a'],
      'two who use it at the same time are one',
    );
    t.equal(await storage.redeemCode('h2', NOON + 2000), undefined, 'its time is over');
    t.equal(await storage.redeemCode('h3', NOON), undefined);
  });

  t.test(`${name} knows its hubs, and which were revoked`, { skip }, async (t) => {
    const { open } = make(t);
    await using storage = await open();
    await storage.addCode('h1', 'attic', NOON + 1000);
    await storage.redeemCode('h1', NOON);
    await storage.take(batch(0, [measured(1)]));
    t.equal(await storage.revokedAt('attic'), undefined);
    await storage.revoke('attic', NOON + 5);
    t.equal(await storage.revokedAt('attic'), NOON + 5);
    t.equal(await storage.revokedAt('hub'), undefined);
    t.same(await storage.hubs(), [
      { hub: 'attic', enrolledMs: NOON, revokedMs: NOON + 5, vaults: 0 },
      { hub: 'hub', enrolledMs: null, revokedMs: null, vaults: 1 },
    ]);
    await storage.addCode('h2', 'attic', NOON + 9000);
    await storage.redeemCode('h2', NOON + 6000);
    t.match(
      await storage.hubs(),
      [{ hub: 'attic', enrolledMs: NOON + 6000, revokedMs: NOON + 5 }, {}],
      'old certificates stay revoked when it enrols again',
    );
  });
}

contract({
  name: 'SQLite',
  make(t) {
    const folder = t.testdir({});
    return { folder, open: async () => openSqliteStorage(`${folder}/records.db`) };
  },
});

let postgres: TestPostgres | undefined;
let nats: TestProgram | undefined;
let natsUrl = '';
let made = 0;
const noNats = existsSync(NATS) ? false : 'NATS is not installed: apt-get install nats-server';
t.before(async () => {
  if (noNats === false) {
    const port = await freePort();
    natsUrl = `nats://127.0.0.1:${port}`;
    nats = await startProgram(NATS, ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', t.testdir({})], port);
  }
  if (noPostgres() === false) postgres = await startPostgres();
});
t.teardown(async () => {
  await nats?.stop();
  await postgres?.stop();
});

contract(
  {
    name: 'SQLite behind NATS JetStream',
    make(t) {
      const folder = t.testdir({});
      const stream = `contract-${++made}`;
      return { folder, open: async () => queuedStorage(openSqliteStorage(`${folder}/records.db`), { url: natsUrl, stream }) };
    },
  },
  noNats,
);

t.test('a batch whose writer died in the middle is written by another', { skip: noNats }, async (t) => {
  const folder = t.testdir({});
  const stream = 'takes-over';
  const failing: EdgeStorage = {
    ...openSqliteStorage(`${folder}/broken.db`),
    take: () => Promise.reject(new StorageError('the database is away')),
  };
  await using front = await queuedStorage(openSqliteStorage(`${folder}/records.db`), { url: natsUrl, stream, writes: false });
  const broken = await queuedStorage(failing, { url: natsUrl, stream });
  const taking = front.take(batch(0, [measured(1)]));
  await broken[Symbol.asyncDispose]();
  await using _well = await queuedStorage(openSqliteStorage(`${folder}/records.db`), { url: natsUrl, stream });
  t.same(await taking, { kind: 'taken', upTo: 1, added: 1 });
  t.same(await seqs(front), [1]);
});

contract(
  {
    name: 'PostgreSQL',
    make() {
      const url = postgres!.database(`contract_${++made}`);
      return { folder: `${postgres!.folder}/data/base`, open: () => openPostgresStorage(url) };
    },
  },
  noPostgres(),
);

t.test('two edge processes on one PostgreSQL lose and double nothing, whoever takes which batch', { skip: noPostgres() }, async (t) => {
  const url = postgres!.database('two');
  await using left = await openPostgresStorage(url);
  await using right = await openPostgresStorage(url);
  const edges = [left, right] as const;
  const vaults = ['person-1', 'person-2', 'person-3', 'home'];
  await Promise.all(
    vaults.map(async (vault) => {
      for (let after = 0; after < 60; after += 20) {
        // Spread over months, so that both make the same partitions at the same time.
        const rows = Array.from({ length: 20 }, (_, index) =>
          measured(after + index + 1, { endUtcMs: NOON - (after + index) * 3 * 86_400_000 }),
        );
        const taken = await Promise.all(edges.map((edge) => edge.take(batch(after, rows, { vault }))));
        t.same(
          taken.map(({ kind }) => kind),
          ['taken', 'taken'],
        );
        t.equal(
          taken.reduce((sum, one) => sum + (one.kind === 'taken' ? one.added : 0), 0),
          20,
          'one of them kept it',
        );
      }
    }),
  );
  t.same(
    (await left.vaults('hub')).map(({ upTo, rows }) => [upTo, rows]),
    vaults.map(() => [60, 60]),
  );
  const months = await right.rows('hub', 'home', 0, 1000);
  t.equal(new Set(months.map(({ seq }) => seq)).size, 60);
});

t.test(
  'PostgreSQL crashed and started again: what was answered is there, and the same connection pool goes on',
  { skip: noPostgres() },
  async (t) => {
    // This server does without flushes for speed; here a commit must have reached the system before it is answered.
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    t.teardown(() => process.off('unhandledRejection', note));
    await using storage = await openPostgresStorage(`${postgres!.database('restarts')}&options=-c%20synchronous_commit%3Don`);
    t.match(await storage.take(batch(0, [measured(1), measured(2)])), { kind: 'taken', added: 2 });
    const cut = storage.take(batch(2, [measured(3)])).catch((error: unknown) => error);
    await postgres!.crash();
    const answer = await cut;
    t.ok(answer instanceof StorageError || (answer as Taken).kind === 'taken');
    await t.rejects(storage.take(batch(2, [measured(3)])), StorageError);
    await t.rejects(storage.check(), StorageError);
    await postgres!.restart();
    await until(() => storage.take(batch(2, [measured(3), measured(4)])));
    t.same(await seqs(storage), [1, 2, 3, 4]);
    t.same(unhandled, []);
  },
);

t.test(
  'a grown edge: two processes behind a balancer on one PostgreSQL; one is killed, a hub is revoked',
  { skip: noPostgres() },
  async (t) => {
    t.setTimeout(180_000);
    const home = openHome(t, Date.now());
    const { store, clock, folder } = home;
    const database = postgres!.database('grown');
    const env = {
      HEARTH_EDGE_DIR: `${folder}/edge`,
      HEARTH_EDGE_REGION: 'france',
      HEARTH_EDGE_DATABASE: database,
      HEARTH_EDGE_TOKEN: 'token-of-the-operator-of-this-edge',
      HEARTH_EDGE_NAMES: '127.0.0.1',
      HEARTH_EDGE_VIDEO: 'false',
    };
    const identity = await openIdentity(env.HEARTH_EDGE_DIR, 'france', Date.now());
    await using records = await openPostgresStorage(database);
    const ports = [await freePort(), await freePort()];
    const program = fileURLToPath(new URL('../../../hub/edge/main.ts', import.meta.url));
    const node = ['--disable-warning=ExperimentalWarning', program];
    const [first, second] = await Promise.all(
      ports.map((port) => startProgram(process.execPath, node, port, { ...env, HEARTH_EDGE_PORT: String(port) })),
    );
    t.teardown(() => Promise.all([first?.kill(), second?.kill()]));
    await using balancer = await startBalancer(ports);
    const running = startSync({
      source: store,
      folder: `${folder}/sync`,
      targets: [],
      embedded: undefined,
      residencyOf: () => residencyOfContinent('asia'),
      clock,
      signal: home.stop.signal,
      random: seeded(5),
    });
    running.add(
      { name: 'grown', target: 'edge', url: `https://127.0.0.1:${balancer.port}`, region: 'france' },
      (await newCode(records, identity, 'attic', Date.now())).code,
    );
    running.allow('grown', 'person-1', ['body']);
    const stateOf = () => running.state()[0]!;
    const ship = async (from: number, count: number, what: string): Promise<void> => {
      await store.vault('person-1').commit(Array.from({ length: count }, (_, index) => row(from + index)));
      running.wake();
      await passing(
        clock,
        () => stateOf().lag === 0 && stateOf().state === 'synced',
        what,
        () => [stateOf(), running.operations(5)],
      );
    };
    await ship(1, 10, 'the first ones are there');
    await first!.kill();
    await ship(11, 10, 'the other process takes over');
    const rows = await records.rows('attic', 'person-1', 0, 100);
    t.same(
      rows.map(({ seq, value }) => [seq, value]),
      store
        .vault('person-1')
        .log(0, 100)
        .map(({ seq, value }) => [seq, value]),
      'each once, with its value',
    );
    t.ok(
      [...balancer.counts.values()].every((count) => count > 0),
      'both had a part in it',
    );
    const cli = fileURLToPath(new URL('../../../hub/cli/main.ts', import.meta.url));
    const hearth = (...words: string[]) =>
      spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, 'edge', ...words], {
        env: { ...process.env, NODE_OPTIONS: '', ...env },
        encoding: 'utf8',
      });
    t.match(hearth('revoke', 'attic'), { status: 0, stdout: /attic: nothing more is taken from it/ });
    await store.vault('person-1').commit([row(30)]);
    running.wake();
    await passing(clock, () => stateOf().state === 'refused', 'refused by whichever process');
    t.match(stateOf().lastError, /revoked the certificate of hub 'attic'/);
    home.stop.abort(new Error('over'));
    await running.done;
  },
);

/** Whether a file below the folder holds the text. */
function onDisk(folder: string, text: string): boolean {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => {
    const file = `${folder}/${name}`;
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true && readFileSync(file).includes(text);
  });
}
