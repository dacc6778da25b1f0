/** A process that only ships: the vaults of a folder to a webhook and a file, until it is killed or has shipped all. */
import { systemClock } from '../../../firmware/clock.ts';
import { openStore } from '../../../hub/store/store.ts';
import { startSync } from '../../../hub/sync/sync.ts';

const [folder = '', url = '', secretFile = ''] = process.argv.slice(2);
const chosen = { people: ['person-1'], categories: ['body' as const] };
const sync = startSync({
  source: openStore(folder),
  folder: `${folder}/sync`,
  targets: [
    { name: 'own', target: 'webhook', url, secretFile, ...chosen },
    { name: 'usb', target: 'file', folder: `${folder}/usb`, ...chosen },
  ],
  embedded: undefined,
  clock: systemClock,
  signal: new AbortController().signal,
  random: Math.random,
});
setInterval(() => {
  if (sync.state().every(({ lag }) => lag === 0)) process.exit(0);
}, 10);
