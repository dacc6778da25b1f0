/**
 * Our own devices on the air: the standard GATT services, which any phone app reads, and the framed line, by which a hub hears them as over a cable.
 * Values of a person are told over an encrypted link alone, unless the rig file says otherwise.
 */
import { existsSync } from 'node:fs';
import type { Reading } from '../protocol/measurement.ts';
import { keptRecord } from '../state.ts';
import { advertOf } from './advert.ts';
import { openBleno, type PairedCentral } from './bleno.ts';
import type { Characteristic } from './characteristic.ts';
import { createServices, type ServicesOptions } from './services.ts';

export interface PeripheralOptions extends Omit<ServicesOptions, 'zoneMinutes'> {
  /** A device file of a controller that speaks HCI over UART, an adapter (`hci1`), or empty: the machine's first. */
  readonly adapter: string;
  /** As phones show it. */
  readonly name: string;
  readonly isPaired: boolean;
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Peripheral {
  measured(device: string, readings: readonly Reading[]): void;
  live(device: string, readings: readonly Reading[]): void;
  /** Frames for whichever hub listens; dropped while none does. */
  write(bytes: Uint8Array): void;
}

/** After the start, for so long, who wants to pair may. */
export const PAIRING_OPEN_MS = 600_000;
const REOPEN_MS = 5000;
const PORT_LOOK_MS = 500;
/** Packets that wait for the controller: more, and the line drops frames, which are sent again. */
const MOST_UNSENT = 200;
/** A household's phones and hubs. */
const MOST_PAIRED = 32;

const isPairedList = (value: unknown): value is PairedCentral[] =>
  Array.isArray(value) &&
  value.every((one: Partial<PairedCentral> | null) => typeof one?.address === 'string' && typeof one.ltk === 'string');

/** Serves until the signal; where there is no adapter it is looked for again and again, and measuring goes on. */
export function startPeripheral(options: PeripheralOptions): Peripheral {
  const { adapter, name, isPaired, devices, state, log, clock, signal } = options;
  const services = createServices(options);
  const kept = keptRecord(`${state}/bluetooth-paired.json`, isPairedList);
  let paired: readonly PairedCentral[] = kept.load() ?? [];
  const startedMs = clock.monotonic();
  let trouble = '';
  const say = (text: string): void => {
    if (text !== trouble && text !== '') log(text);
    trouble = text;
  };

  const open = () => {
    const opened = openBleno({
      adapter,
      paired: () => paired,
      onPaired(central) {
        paired = [...paired.filter(({ address }) => address !== central.address), central].slice(-MOST_PAIRED);
        kept.save([...paired]);
      },
      mayPair: () => clock.monotonic() - startedMs < PAIRING_OPEN_MS,
    });
    const { bleno } = opened;
    bleno.on('stateChange', (now) => {
      if (now !== 'poweredOn') return say(REMEDIES[now] ?? '');
      say('');
      const secured = new Set<object>();
      const served = services.table.map(
        ({ uuid, characteristics }) =>
          new bleno.PrimaryService({
            uuid,
            characteristics: characteristics.map((one) => {
              const made = new bleno.Characteristic(optionsOf(one, isPaired));
              if (isPaired && one.isPersonal) secured.add(made);
              return made;
            }),
          }),
      );
      // Before the first advertisement: a quick central would find nothing there.
      bleno.setServices(served);
      opened.secureSubscriptions(secured);
      const { advert, scanResponse } = advertOf(name, devices);
      bleno.startAdvertisingWithEIRData(Buffer.from(advert), Buffer.from(scanResponse));
    });
    bleno.on('accept', (address, link) => services.accepted(link, address));
    bleno.on('disconnect', (_address, link) => services.gone(link));
    services.mayWrite = () => opened.waiting() < MOST_UNSENT;
    return opened;
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const isPort = adapter.startsWith('/');
      if (isPort && !existsSync(adapter)) {
        say(`Bluetooth: there is no controller at ${adapter}: plug it in, or name another as 'adapter' in the rig file`);
        await clock.sleep(PORT_LOOK_MS, signal).catch(() => undefined);
        continue;
      }
      try {
        using _open = open();
        // A line that is pulled ends without a word.
        while (!signal.aborted && (!isPort || existsSync(adapter))) await clock.sleep(PORT_LOOK_MS, signal).catch(() => undefined);
      } catch (error) {
        say(`Bluetooth: ${error instanceof Error ? error.message : error}`);
        await clock.sleep(REOPEN_MS, signal).catch(() => undefined);
      }
      services.allGone();
    }
  };
  void run();
  return { measured: services.measured, live: services.live, write: services.write };
}

const REMEDIES: Readonly<Record<string, string>> = {
  unauthorized:
    "Bluetooth: this program may not use the adapter: give it cap_net_raw and cap_net_admin (AmbientCapabilities in the service, or 'sudo setcap cap_net_raw,cap_net_admin+eip' on node)",
  unsupported: 'Bluetooth: there is no adapter that can be used: plug one in, or take `bluetooth` out of the rig file',
};

const SUCCESS = 0;
const UNLIKELY = 0x0e;
const INVALID_LENGTH = 0x0d;

function optionsOf(
  { uuid, properties, isPersonal, read, written, subscribed, unsubscribed, confirmed }: Characteristic,
  isPaired: boolean,
) {
  let long: Uint8Array | undefined;
  return {
    uuid: uuid.replaceAll('-', ''),
    properties,
    secure: isPaired && isPersonal ? properties : [],
    onReadRequest(link: number, offset: number, answer: (result: number, value?: Buffer) => void) {
      // A long value is read in parts: it is made once, at the first of them.
      if (offset === 0) long = read?.(link);
      if (long === undefined) answer(UNLIKELY);
      else answer(SUCCESS, Buffer.from(long.subarray(offset)));
    },
    onWriteRequest(link: number, data: Buffer, _offset: number, _without: boolean, answer: (result: number) => void) {
      answer(written?.(link, data) === false ? INVALID_LENGTH : SUCCESS);
    },
    onSubscribe: (link: number, most: number, push: (value: Buffer) => void) =>
      subscribed?.(link, most, (bytes) => push(Buffer.from(bytes))),
    onUnsubscribe: (link: number) => unsubscribed?.(link),
    onIndicate: (link: number) => confirmed?.(link),
  };
}
