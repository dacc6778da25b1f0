/**
 * A hub without a page, as a program to be killed: a link on its standard streams, store, people and sync.
 * `node test/soak/keeper.ts DATA EDGE_URL EDGE_TOKEN`. What it says on standard error is for whoever looks into a failure.
 */
import { openKeeping } from '../../hub/ops/keeping.ts';
import { openPeople } from '../../hub/people/people.ts';
import type { Line } from '../../hub/sources/line.ts';
import { runLink } from '../../hub/sources/link.ts';
import { startSync } from '../../hub/sync/sync.ts';

const [data = '', url = '', token = ''] = process.argv.slice(2);
const zone = 'Europe/Paris';
const stop = new AbortController();
const { signal } = stop;

const keeping = await openKeeping({ data, zone, say: console.error, signal });
const { clock, store } = keeping;
const people = openPeople({ data, store, zone, now: clock.utc });
const sync = startSync({
  source: store,
  folder: `${data}/sync`,
  targets: [],
  embedded: url === '' ? undefined : { url, token },
  clock,
  signal,
  random: Math.random,
});
const line: Line = {
  incoming: process.stdin,
  write: (bytes) => void process.stdout.write(bytes),
  close: async () => undefined,
};
const link = runLink(
  line,
  {
    hello: () => undefined,
    async commit(device, boot, readings) {
      await people.attribution.keep(
        device,
        boot,
        readings.map((reading) => keeping.stamp(device, boot, reading)),
      );
      keeping.took(device, boot, readings);
      sync.wake();
    },
    live: () => undefined,
    status: () => undefined,
    fault: () => undefined,
    refused: (device, error) => console.error(`refused ${device}: ${error instanceof Error ? error.message : error}`),
  },
  clock,
);
// The line ends when the world is done: what waits is shipped, then all is closed in order.
await link.done;
while (url !== '' && sync.state().some(({ lag }) => lag > 0)) {
  sync.retry('embedded');
  await clock.sleep(100);
}
stop.abort(new Error('done'));
await sync.done;
people[Symbol.dispose]();
keeping.close();
process.exit(0);
