/**
 * `node older-hub.ts FOLDER INFLUX_URL`: a hub of before some quantities were added takes measurements of them and ships what it may.
 * Prints what it knows of them. The table of quantities is the real one but for the rows that are taken out as it is loaded.
 */
import { registerHooks } from 'node:module';

const MISSING = ['pm4', 'brushing_score'];
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/firmware/protocol/quantities.ts')) return loaded;
    const lines = String(loaded.source).split('\n');
    const kept = lines.filter((line) => !MISSING.some((id) => line.startsWith(`  ${id}: {`)));
    if (kept.length !== lines.length - MISSING.length) throw new Error('the table of quantities reads otherwise than was thought');
    return { ...loaded, source: kept.join('\n') };
  },
});

const [folder = '', influx = ''] = process.argv.slice(2);
const { openStore } = await import('../../../hub/store/store.ts');
const { openPeople } = await import('../../../hub/people/people.ts');
const { startSync } = await import('../../../hub/sync/sync.ts');
const { odditiesOf } = await import('../../../hub/web/oddities.ts');
const { systemClock: clock } = await import('../../../firmware/clock.ts');
const { firstRows, settings } = await import('./newer-device.ts');

const store = openStore(folder);
const people = openPeople({ data: folder, store, zone: 'Europe/Paris', now: clock.utc });
for (const { device, rows } of firstRows()) await people.attribution.keep(device, 7, rows);
const stop = new AbortController();
const sync = startSync({
  source: store,
  folder: `${folder}/sync`,
  targets: [settings(influx, folder)],
  embedded: undefined,
  clock,
  signal: stop.signal,
  random: () => 0.5,
});
for (let state = sync.state()[0]!; state.lag > 0; state = sync.state()[0]!) {
  if (state.state === 'refused' || state.state === 'down') throw new Error(state.lastError);
  await clock.sleep(20);
}
const vaults = store.subjects().map((subject) => store.vault(subject));
console.log(
  JSON.stringify({
    unknown: odditiesOf(vaults).unknown,
    kinds: vaults.flatMap((vault) => vault.entries(0, 3).map(({ kind }) => `${vault.subject} ${kind}`)),
    shown: vaults.flatMap((vault) => vault.latest().map(({ quantity }) => quantity)),
    state: sync.state()[0]!.state,
  }),
);
stop.abort(new Error('the hub is updated'));
await sync.done;
people[Symbol.dispose]();
store[Symbol.dispose]();
process.exit(0);
