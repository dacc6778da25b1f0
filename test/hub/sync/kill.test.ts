import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openStore } from '../../../hub/store/store.ts';
import type { SyncEvent } from '../../../hub/sync/event.ts';
import { quickFolder, row } from './hub.ts';

const ROWS = 3000;
const KILLS = 3;

t.test('killed again and again in the middle of deliveries, a hub still delivers each entry, once and in order', async (t) => {
  // Each start of a process takes seconds on a busy machine.
  t.setTimeout(120_000);
  const folder = quickFolder(t);
  const store = openStore(folder);
  await store.vault('person-1').commit(Array.from({ length: ROWS }, (_, index) => row(index + 1)));
  store[Symbol.dispose]();
  writeFileSync(`${folder}/secret`, 'a secret of the test');

  let child: ChildProcess | undefined;
  let deliveries = 0;
  let kills = 0;
  const taken = new Map<string, number[]>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { events: SyncEvent[] } };
    const id = String(request.headers['webhook-id']);
    if (!taken.has(id))
      taken.set(
        id,
        data.events.map(({ seq }) => seq),
      );
    // The worst moment: what was sent has arrived, and the sender never learns of it.
    if (++deliveries % 3 === 0 && kills < KILLS) {
      kills++;
      child?.kill('SIGKILL');
      return;
    }
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    child?.kill('SIGKILL');
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const program = fileURLToPath(new URL('shipping-process.ts', import.meta.url));
  let code: number | null = null;
  for (let start = 0; start <= KILLS; start++) {
    const running = spawn(
      'env',
      ['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning', program, folder, url, `${folder}/secret`],
      { stdio: 'inherit' },
    );
    child = running;
    code = await new Promise((resolve) => running.once('exit', resolve));
    if (code === 0) break;
  }
  t.equal(code, 0, 'in the end it shipped all');
  t.equal(kills, KILLS);
  const all = Array.from({ length: ROWS }, (_, index) => index + 1);
  t.same([...taken.values()].flat(), all, 'by the id of each delivery nothing is doubled, and the order holds');
  t.ok(deliveries > taken.size, 'deliveries were repeated');
  const lines = readFileSync(`${folder}/usb/measurements.jsonl`, 'utf8').trim().split('\n');
  t.same(
    lines.map((line) => (JSON.parse(line) as SyncEvent).seq),
    all,
    'in the file each is once',
  );
});
