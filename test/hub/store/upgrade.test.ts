/** What devices measure that the hub does not know yet: kept as it came, shown as such, and decoded after an update. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openPeople } from '../../../hub/people/people.ts';
import { openStore } from '../../../hub/store/store.ts';
import { startSync } from '../../../hub/sync/sync.ts';
import { odditiesOf } from '../../../hub/web/oddities.ts';
import { createTestClock } from '../../clock.ts';
import { passing, quickFolder, seeded } from '../sync/hub.ts';
import { startInflux } from '../sync/influx-stand-in.ts';
import { DUST_ROWS, dustOf, NOON, settings, TOKEN } from './newer-device.ts';

const olderHub = fileURLToPath(new URL('older-hub.ts', import.meta.url));
/** Beside us, since the target that it sends to is here. */
const older = (folder: string, influx: string): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile('env', ['-u', 'NODE_OPTIONS', process.execPath, olderHub, folder, influx], (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : 1, stdout, stderr }),
    );
  });

t.test('quantities of newer devices are kept as they came, said, and after an update shown, charted and sent like any other', async (t) => {
  const folder = quickFolder(t);
  await using influx = await startInflux(TOKEN);
  writeFileSync(`${folder}/token`, TOKEN);
  const { stdout, stderr, status } = await older(folder, influx.url);
  t.equal(status, 0, stderr);
  const before = JSON.parse(stdout) as Record<string, unknown>;
  t.match(before, {
    unknown: [
      { subject: 'home', device: 'air-1', code: 106, value: dustOf(DUST_ROWS) },
      { subject: 'home', device: 'brush-1', code: 82, value: 88 },
    ],
    kinds: ['home uncoded', 'home uncoded', 'home uncoded'],
    shown: ['co2'],
    state: 'synced',
  });
  const charted = () => influx.points().map(({ measurement }) => measurement);
  t.same(charted(), ['co2'], 'of which category it is, nobody can say: it goes to no target that has some categories');

  const store = openStore(folder, { now: () => NOON });
  const people = openPeople({ data: folder, store, zone: 'Europe/Paris', now: () => NOON });
  const home = store.vault('home');
  t.match(
    home.latest().map(({ quantity, value }) => [quantity, value]),
    [
      ['pm4', dustOf(DUST_ROWS)],
      ['co2', 600],
      ['brushing_score', 88],
    ],
  );
  t.same(odditiesOf([home]).unknown, []);
  const dust = [...home.range({ quantity: 'pm4' })];
  t.equal(dust.length, DUST_ROWS);
  t.ok(
    dust.every(({ sequence, value }) => value === dustOf(sequence)),
    'as it was measured',
  );
  const hours = home.series({ quantity: 'pm4', fromMs: NOON, toMs: NOON + 86_400_000, points: 24 });
  t.equal(hours.length, 24, 'and it has its chart');

  await people.attribution.giveDecoded();
  t.match(
    store.vault('person-1').latest(),
    [{ quantity: 'brushing_score', value: 88, end: NOON + 60_000 }],
    'what is about a person goes to them',
  );
  t.same([...home.range({ quantity: 'brushing_score' })], []);
  await people.attribution.giveDecoded();
  t.equal(store.vault('person-1').count(), 1, 'once');

  const clock = createTestClock(NOON);
  const stop = new AbortController();
  t.teardown(() => stop.abort(new Error('over')));
  const options = { source: store, folder: `${folder}/sync`, embedded: undefined, clock, signal: stop.signal, random: seeded(3) };
  const sync = startSync({ ...options, targets: [settings(influx.url, folder)] });
  await passing(
    clock,
    () => charted().length === DUST_ROWS + 1,
    'the target is given it too',
    () => [sync.state(), charted().length],
  );
  stop.abort(new Error('over'));
  await sync.done;
  people[Symbol.dispose]();
  store[Symbol.dispose]();
});
