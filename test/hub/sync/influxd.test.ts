/** The target against a real InfluxDB of Debian (1.6): points by their own time, corrections, removals, re-dating, erasure. */
import { existsSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { startSync } from '../../../hub/sync/sync.ts';
import { openHome, passing, row, seeded } from './hub.ts';
import { freePort, startProgram } from './program.ts';

const program = '/usr/bin/influxd';
const HOUR_MS = 3_600_000;
const why = existsSync(program) ? false : `${program} is not there: this release of Debian has no package influxdb`;
if (why !== false) console.error(`skipped: ${why}`);

t.test('influx: a real server has what the vault says, each by its own time', { skip: why }, async (t) => {
  const home = openHome(t);
  const { store, clock, folder, stop } = home;
  const [port, rpcPort] = [await freePort(), await freePort()];
  writeFileSync(
    `${folder}/influx.conf`,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/influx/meta"
[data]
  dir = "${folder}/influx/data"
  wal-dir = "${folder}/influx/wal"
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[monitor]
  store-enabled = false
`,
  );
  const influx = await startProgram(program, ['-config', `${folder}/influx.conf`], port);
  t.teardown(() => influx.stop());
  const url = `http://127.0.0.1:${port}`;
  const ask = async (q: string): Promise<unknown[][]> => {
    const answer = await fetch(`${url}/query?db=health&epoch=ms`, { method: 'POST', body: new URLSearchParams({ q }) });
    const { results } = (await answer.json()) as { results: { series?: { name: string; values: unknown[][] }[] }[] };
    return (results[0]?.series ?? []).flatMap(({ name, values }) => values.map((one) => [name, ...one]));
  };
  const there = async () => (await ask('SELECT value FROM /.*/ WHERE "subject" = \'person-1\'')).map((one) => one.join(' ')).sort();
  const device = 'scale, "of" =Ada\'s \\';
  const early = (sequence: number) => row(sequence, { hubBoot: 4, isUnset: true, device });
  const at = (sequence: number, byMs = 0): number => row(sequence).endUtcMs + byMs;
  const vault = store.vault('person-1');
  await vault.commit([row(1, { device }), row(2), row(3), early(10), early(11)]);
  await store.vault('home').commit([row(1)]);
  const tokenFile = `${folder}/token`;
  writeFileSync(tokenFile, 'hearth:secret');
  const sync = startSync({
    source: store,
    folder: `${folder}/sync`,
    targets: [{ name: 'charts', target: 'influx', url, bucket: 'health', tokenFile, people: ['person-1', 'home'], categories: ['body'] }],
    embedded: undefined,
    clock,
    signal: stop.signal,
    random: seeded(3),
  });
  const state = () => sync.state()[0]!;
  const shipped = (what: string): Promise<void> =>
    passing(
      clock,
      () => state().lag === 0 && state().state === 'synced',
      what,
      () => [state(), sync.operations(3)],
    );
  await passing(clock, () => state().state === 'refused', 'a database that is not there is said', state);
  t.match(state().lastError, /InfluxDB answered 404: database not found: "health"/);
  await ask('CREATE DATABASE "health"');
  sync.retry('charts');
  await shipped('the points are there');
  t.same(await there(), [1, 10, 11, 2, 3].map((one) => `weight ${at(one)} ${70 + one / 100}`).sort());
  t.match(await sync.test('charts', stop.signal), /took a test point into the bucket 'health' and deleted it again/);

  await vault.amend(3, 71.5, 'person:person-1');
  await vault.remove([1], 'person:person-1');
  await vault.redate(4, HOUR_MS, 'hub');
  sync.wake();
  await shipped('the changes are there');
  t.same(
    await there(),
    [`weight ${at(2)} 70.02`, `weight ${at(3)} 71.5`, `weight ${at(10, HOUR_MS)} 70.1`, `weight ${at(11, HOUR_MS)} 70.11`],
    'one is corrected, one is gone, two are an hour later',
  );
  t.same(sync.setAside(), []);

  sync.erase('person-1');
  await passing(
    clock,
    () => sync.operations(1)[0]?.kind === 'erased',
    'the erasure came',
    () => sync.operations(3),
  );
  t.same(await there(), []);
  t.equal((await ask('SELECT value FROM weight')).length, 1, 'and the home’s stands');
});
