/**
 * One adapter under the real noble: every advertisement as it was heard, and links to single devices.
 *
 * noble remembers every address that it ever heard (1.6 kB each; phones change theirs every quarter of an hour), so adverts are taken
 * from its HCI layer and only those of devices to be connected are passed on to the rest of it. Its promises need not settle when a link
 * is lost, so each runs against a deadline.
 */
import { createRequire } from 'node:module';
import type { ExtendedReport, Noble, NobleModule, NoblePeripheral, Report } from '@abandonware/noble';
import type { Clock } from '../../../../firmware/protocol/time.ts';
import { shortUuid } from '../advertisement.ts';
import type { AdapterState, Bond, RadioSaid } from './lines.ts';
import { encryptBy, watchPairing } from './pairing.ts';

/** Legacy PDU types (Bluetooth Core 5.4, Vol 4 Part E, 7.7.65.2). */
const CONNECTABLE = 0;
const CONNECTABLE_DIRECTED = 1;
const SCAN_RESPONSE = 4;
/** Bits of extended reports' types (7.7.65.13). */
const EXTENDED_CONNECTABLE = 1;
const EXTENDED_SCAN_RESPONSE = 8;
/** Why a link is over that ended here (Vol 1 Part F, 1.3). */
const HOST_ENDED = 0x16;
/** A GATT answer comes within 30 s or never (Vol 3 Part F, 3.3.3); devices on the air are quicker. */
export const ANSWER_WITHIN_MS = 10_000;
/** A controller on a serial line is asked to reset once; where that is lost while the line opens, nothing else would ever be sent. */
const KNOCK_MS = 1000;

export interface Adapter {
  rescan(): void;
  powerCycle(): void;
  /** Connects and lists what is there. Rejects when the device does not answer in time; `ended` is not said then. */
  connect(link: number, address: string, withinMs: number, bond?: Bond): Promise<void>;
  subscribe(link: number, characteristic: string): Promise<void>;
  read(link: number, characteristic: string): Promise<Buffer>;
  write(link: number, characteristic: string, data: Buffer, withResponse: boolean): Promise<void>;
  disconnect(link: number): Promise<void>;
  stop(): void;
}

interface OpenLink {
  readonly peripheral: NoblePeripheral;
  readonly characteristics: ReadonlyMap<string, import('@abandonware/noble').NobleCharacteristic>;
}

export interface AdapterOptions {
  readonly clock: Clock;
  /** Devices are not asked for their scan responses. */
  readonly isPassive: boolean;
}

/** Opens the adapter that noble chooses. Throws where there is none. */
export function openAdapter(say: (said: RadioSaid) => void, { clock, isPassive }: AdapterOptions): Adapter {
  // Loaded here: requiring noble throws where the machine has no Bluetooth.
  const noble = (createRequire(import.meta.url)('@abandonware/noble') as NobleModule).withBindings('hci', {});
  const wanted = new Map<string, (peripheral: NoblePeripheral) => void>();
  const links = new Map<number, OpenLink>();
  const stopped = new AbortController();
  let isTapped = false;

  noble.on('warning', () => undefined);
  noble.on('stateChange', (state: AdapterState) => {
    if (!isTapped) tap(noble, wanted, say);
    if (!isTapped && isPassive) scanPassively(noble);
    isTapped = true;
    say({ say: 'adapter', state, address: noble.address, message: '' });
    if (state === 'poweredOn') rescan();
  });
  noble.on('discover', (peripheral: NoblePeripheral) => wanted.get(peripheral.address)?.(peripheral));
  // Connecting stops scanning, and nothing else starts it again.
  noble.on('scanStop', () => {
    if (wanted.size === 0 && links.size === 0) rescan();
  });

  const knock = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await clock.sleep(KNOCK_MS, stopped.signal).catch(() => undefined);
      const hci: { _socket: { _isUp?: boolean; reset(): void } } | undefined = noble._bindings._hci;
      if (hci?._socket._isUp !== false) continue;
      hci._socket.reset();
    }
  };
  void knock();
  const rescan = (): void => {
    const bindings = noble._bindings;
    // noble believes its own flags, which a controller that went deaf leaves set.
    bindings._isScanning = false;
    bindings._isScanningStarted = false;
    noble.startScanning([], true);
  };
  const within = async <T>(ms: number, what: string, work: Promise<T>): Promise<T> => {
    const over = new AbortController();
    const late = clock.sleep(ms, over.signal).then(() => Promise.reject(new Error(`no answer to ${what} within ${ms / 1000} s`)));
    late.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      over.abort();
    }
  };
  const forget = (peripheral: NoblePeripheral): void => {
    noble._cleanupPeriperals(peripheral.id);
    delete noble._bindings._gap._discoveries[peripheral.address];
  };
  const linkOf = (link: number): OpenLink => {
    const open = links.get(link);
    if (open === undefined) throw new Error('the link is over');
    return open;
  };
  const characteristicOf = (link: number, uuid: string) => {
    const found = linkOf(link).characteristics.get(uuid);
    if (found === undefined) throw new Error(`the device has no characteristic ${uuid}`);
    return found;
  };

  return {
    rescan,
    powerCycle() {
      const bindings = noble._bindings;
      // A controller that is reset has no links any more, and says so of none of them; the library refuses to reset one that has.
      for (const handle of Object.keys(bindings._aclStreams)) bindings.onDisconnComplete(Number(handle), HOST_ENDED);
      bindings._hci._aclConnections.clear();
      bindings._hci.reset();
      rescan();
    },
    async connect(link, address, withinMs, bond) {
      const key = address.toLowerCase();
      let peripheral: NoblePeripheral | undefined;
      try {
        const found = new Promise<NoblePeripheral>((resolve) => wanted.set(key, resolve));
        peripheral = await within(withinMs, 'its next advertisement', found);
        const here = peripheral;
        await within(withinMs, 'the connection request', here.connectAsync());
        watchPairing(noble, here, link, say);
        if (bond !== undefined && !(await within(ANSWER_WITHIN_MS, 'the key of its pairing', encryptBy(noble, here, bond))))
          say({ say: 'unpaired', link, reason: 'it has forgotten that it was paired' });
        const { characteristics } = await within(withinMs, 'the list of services', here.discoverAllServicesAndCharacteristicsAsync());
        const byUuid = new Map(characteristics.map((one) => [shortUuid(one.uuid), one]));
        links.set(link, { peripheral: here, characteristics: byUuid });
        here.once('disconnect', (reason: unknown) => {
          links.delete(link);
          forget(here);
          say({ say: 'ended', link, reason: String(reason ?? 'the device hung up') });
          rescan();
        });
        const properties = Object.fromEntries([...byUuid].map(([uuid, one]) => [uuid, one.properties]));
        say({ say: 'connected', link, name: here.advertisement.localName ?? null, characteristics: [...byUuid.keys()], properties });
      } catch (error) {
        if (peripheral !== undefined) {
          peripheral.cancelConnect();
          void within(ANSWER_WITHIN_MS, 'the hang-up', peripheral.disconnectAsync()).catch(() => undefined);
          forget(peripheral);
        }
        throw error;
      } finally {
        wanted.delete(key);
        rescan();
      }
    },
    async subscribe(link, uuid) {
      const characteristic = characteristicOf(link, uuid);
      characteristic.removeAllListeners('data');
      characteristic.on('data', (data: Buffer) => say({ say: 'notified', link, characteristic: uuid, data: data.toString('hex') }));
      await within(ANSWER_WITHIN_MS, `the subscription to ${uuid}`, characteristic.subscribeAsync());
    },
    read: (link, uuid) => within(ANSWER_WITHIN_MS, `a read of ${uuid}`, characteristicOf(link, uuid).readAsync()),
    write: (link, uuid, data, withResponse) =>
      within(ANSWER_WITHIN_MS, `a write of ${uuid}`, characteristicOf(link, uuid).writeAsync(data, !withResponse)),
    async disconnect(link) {
      const { peripheral } = linkOf(link);
      await within(ANSWER_WITHIN_MS, 'the hang-up', peripheral.disconnectAsync());
    },
    stop() {
      stopped.abort();
      noble.removeAllListeners();
      noble.stop();
    },
  };
}

/** Takes the reports before noble's own bookkeeping does, which sees only the devices that somebody wants to connect. */
function tap(noble: Noble, wanted: ReadonlyMap<string, unknown>, say: (said: RadioSaid) => void): void {
  const hci = noble._bindings._hci;
  const told = (address: string, addressType: string, isConnectable: boolean, isScanResponse: boolean, eir: Buffer, rssi: number): void =>
    say({
      say: 'advert',
      address: address.toUpperCase(),
      isRandom: addressType === 'random',
      isConnectable,
      isScanResponse,
      rssi,
      data: eir.toString('hex'),
    });
  const legacy = hci.listeners('leAdvertisingReport') as Report[];
  hci.removeAllListeners('leAdvertisingReport');
  hci.on('leAdvertisingReport', ((...report) => {
    const [, type, address, addressType, eir, rssi] = report;
    told(address, addressType, type === CONNECTABLE || type === CONNECTABLE_DIRECTED, type === SCAN_RESPONSE, eir, rssi);
    if (wanted.has(address)) for (const listener of legacy) listener(...report);
  }) satisfies Report);
  const extended = hci.listeners('leExtendedAdvertisingReport') as ExtendedReport[];
  hci.removeAllListeners('leExtendedAdvertisingReport');
  hci.on('leExtendedAdvertisingReport', ((...report) => {
    const [, type, address, addressType, , rssi, eir] = report;
    told(address, addressType, (type & EXTENDED_CONNECTABLE) !== 0, (type & EXTENDED_SCAN_RESPONSE) !== 0, eir, rssi);
    if (wanted.has(address)) for (const listener of extended) listener(...report);
  }) satisfies ExtendedReport);
}

/** LE Set Scan Parameters and its extended form (7.8.10, 7.8.64), after the packet's type byte, least first. */
const SCAN_PARAMETERS = [0x200b, 0x2041];

/** noble always asks devices for their scan responses: the type of scan is put right in the commands that it sends. */
function scanPassively(noble: Noble): void {
  const socket = noble._bindings._hci._socket;
  const write = socket.write.bind(socket);
  socket.write = (packet) => {
    const command = packet[0] === 1 && packet.length > 5 ? packet.readUInt16LE(1) : 0;
    // The first parameter; in the extended form after the own address's type, the policy and the radios in use, five bytes for each radio.
    if (command === SCAN_PARAMETERS[0]) packet[4] = 0;
    if (command === SCAN_PARAMETERS[1]) for (let at = 7; at < packet.length; at += 5) packet[at] = 0;
    write(packet);
  };
}
