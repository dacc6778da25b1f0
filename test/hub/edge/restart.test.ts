/** What an edge leans on goes away in the middle and comes back: what was answered is there, what was not is refused, never lost. */
import { existsSync } from 'node:fs';
import t from 'tap';
import { queuedStorage } from '../../../hub/edge/storage/nats.ts';
import { openSqliteStorage } from '../../../hub/edge/storage/sqlite.ts';
import { type EdgeStorage, StorageError, type Taken } from '../../../hub/edge/storage/storage.ts';
import { freePort, startProgram } from '../sync/program.ts';
import { batch, measured } from './entries.ts';
import { until } from './until.ts';

const NATS = '/usr/sbin/nats-server';
const noNats = existsSync(NATS) ? false : 'NATS is not installed: apt-get install nats-server';
// Waiting for a program to come back is waiting for a busy machine.
t.setTimeout(180_000);

const unhandled: unknown[] = [];
process.on('unhandledRejection', (error) => unhandled.push(error));

const seqs = async (storage: EdgeStorage): Promise<number[]> => (await storage.rows('hub', 'person-1', 0, 1000)).map(({ seq }) => seq);

t.test(
  'NATS killed and started again: refused meanwhile, written once afterwards, and nothing is left unhandled',
  { skip: noNats },
  async (t) => {
    const folder = t.testdir({});
    const port = await freePort();
    const start = () => startProgram(NATS, ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', `${folder}/nats`], port);
    let nats = await start();
    t.teardown(() => nats.stop());
    await using storage = await queuedStorage(openSqliteStorage(`${folder}/records.db`), {
      url: `nats://127.0.0.1:${port}`,
      stream: 'restarts',
    });
    t.match(await storage.take(batch(0, [measured(1)])), { kind: 'taken', added: 1 });
    await storage.check();

    const cut = storage.take(batch(1, [measured(2)])).catch((error: unknown) => error);
    await nats.kill();
    const answer = await cut;
    t.ok(answer instanceof StorageError || (answer as Taken).kind === 'taken', 'taken or refused, and never in between');
    await t.rejects(storage.take(batch(1, [measured(2)])), StorageError, 'a hub comes again later');
    await t.rejects(storage.check(), StorageError, 'its health says so');

    nats = await start();
    const taken = await until(() => storage.take(batch(1, [measured(2), measured(3)])));
    t.equal(taken.kind, 'taken');
    t.same(await seqs(storage), [1, 2, 3], 'each once');
    await storage.check();

    await nats.kill();
    nats = await start();
    await until(() => storage.take(batch(3, [measured(4)])));
    t.same(await seqs(storage), [1, 2, 3, 4], 'also the second time');
    t.same(unhandled, []);
  },
);
