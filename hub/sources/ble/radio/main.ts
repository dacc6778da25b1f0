/**
 * The radio program: noble on the controller that HEARTH_HCI names (a device file: HCI over UART; hci1: an adapter of this machine; empty: the
 * one that noble finds). Obeys and tells in lines, see lines.ts. Ends when its standard input does.
 */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../../firmware/clock.ts';
import { type Adapter, openAdapter } from './adapter.ts';
import type { RadioAsked, RadioSaid } from './lines.ts';

/** An adapter that is not there, or is pulled, is looked for this often. */
const REOPEN_MS = 5000;
/** A port that is plugged in is used soon. */
const PORT_LOOK_MS = 500;
/** The hub is behind by so much: adverts are dropped, which come again by themselves. */
const MOST_UNREAD_BYTES = 256 * 1024;

const controller = process.env.HEARTH_HCI ?? '';
const port = controller.startsWith('/') ? controller : undefined;
if (port !== undefined) process.env.BLUETOOTH_HCI_SOCKET_UART_PORT = port;
else if (controller !== '') process.env.NOBLE_HCI_DEVICE_ID = controller.replace('hci', '');
const isPassive = process.env.HEARTH_BLE_PASSIVE === '1';

const say = (said: RadioSaid): void => {
  if (said.say === 'advert' && process.stdout.writableLength > MOST_UNREAD_BYTES) return;
  process.stdout.write(`${JSON.stringify(said)}\n`);
};
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let adapter: Adapter | undefined;
const open = (): void => {
  // noble opens a port once and does not come back to one that was not there.
  if (port !== undefined && !existsSync(port)) {
    void systemClock.sleep(PORT_LOOK_MS).then(open);
    return;
  }
  try {
    adapter = openAdapter(say, { clock: systemClock, isPassive });
  } catch (error) {
    adapter = undefined;
    say({ say: 'adapter', state: 'unsupported', address: '', message: textOf(error) });
    void systemClock.sleep(REOPEN_MS).then(open);
  }
};

/** A line that is pulled ends without a word; it is opened anew when it is back. */
async function watchPort(path: string): Promise<never> {
  for (;;) {
    await systemClock.sleep(PORT_LOOK_MS);
    if (adapter === undefined || existsSync(path)) continue;
    say({ say: 'adapter', state: 'poweredOff', address: '', message: `the controller at ${path} was pulled: plug it in again` });
    adapter.stop();
    adapter = undefined;
    open();
  }
}
if (port !== undefined) void watchPort(port);

async function obey(asked: RadioAsked): Promise<void> {
  if (adapter === undefined) throw new Error('there is no Bluetooth adapter');
  switch (asked.ask) {
    case 'rescan':
      return adapter.rescan();
    case 'power-cycle':
      return adapter.powerCycle();
    case 'reopen':
      adapter.stop();
      return open();
    case 'connect':
      return adapter.connect(asked.link, asked.address, asked.withinMs, asked.bond);
    case 'subscribe':
      return adapter.subscribe(asked.link, asked.characteristic);
    case 'write':
      return adapter.write(asked.link, asked.characteristic, Buffer.from(asked.data, 'hex'), asked.withResponse);
    case 'read': {
      const { link, characteristic } = asked;
      const data = await adapter.read(link, characteristic).catch(() => null);
      return say({ say: 'answered', link, characteristic, data: data === null ? null : data.toString('hex') });
    }
    case 'disconnect':
      return adapter.disconnect(asked.link);
  }
}

process.on('unhandledRejection', (error) => {
  // noble rejects promises that nobody holds when a link is lost under it; the link's end is told by its own event.
  console.error(`noble: ${textOf(error)}`);
});
/** What is asked of a link is done in the order in which it was asked. */
const links = new Map<number, Promise<void>>();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const asked = JSON.parse(line) as RadioAsked;
  if (!('link' in asked)) {
    obey(asked).catch((error: unknown) => console.error(`${asked.ask}: ${textOf(error)}`));
    return;
  }
  const { link } = asked;
  const turn = (links.get(link) ?? Promise.resolve())
    .then(() => obey(asked))
    .catch((error: unknown) => {
      if (asked.ask === 'connect') say({ say: 'ended', link, reason: textOf(error) });
      // A scale lacks what its family has, or refuses it: the session goes on, and the scale hangs up if it wants.
      else console.error(`${asked.ask}: ${textOf(error)}`);
    });
  links.set(link, turn);
  void turn.then(() => {
    if (links.get(link) === turn) links.delete(link);
  });
});
lines.on('close', () => {
  adapter?.stop();
  process.exit(0);
});
open();
