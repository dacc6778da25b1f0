/**
 * The GATT server under our own devices: bleno on the machine's adapter or on a controller at a serial port, mended where its release 0.12.4 is not
 * whole: pairing (it hands messages of the pairing to itself without the link's handle that it sends along since several links are served), keys that
 * outlive a restart, and controllers without a kernel beside them, which ask for the key of a link themselves.
 */
import { createRequire } from 'node:module';

export type Answer = (result: number, value?: Buffer) => void;
export type Push = (value: Buffer) => void;

export interface CharacteristicOptions {
  readonly uuid: string;
  readonly properties: readonly string[];
  readonly secure: readonly string[];
  readonly onReadRequest?: (link: number, offset: number, answer: Answer) => void;
  readonly onWriteRequest?: (link: number, data: Buffer, offset: number, withoutResponse: boolean, answer: Answer) => void;
  readonly onSubscribe?: (link: number, mostBytes: number, push: Push) => void;
  readonly onUnsubscribe?: (link: number) => void;
  /** An indication was confirmed. */
  readonly onIndicate?: (link: number) => void;
}

interface AclStream {
  readonly _smp: Smp;
  on(event: 'data', then: (handle: number, channel: number, data: Buffer) => void): void;
}
interface Smp {
  readonly _mgmt: Mgmt;
  readonly _ia: Buffer;
  onAclStreamData(channel: number, data: Buffer): void;
  write(data: Buffer): void;
}
/** The kernel's keeper of keys. */
interface Mgmt {
  _ltkInfos: Buffer[];
  addLongTermKey(address: Buffer, type: Buffer, authenticated: number, master: number, ediv: Buffer, rand: Buffer, key: Buffer): void;
}
interface Hci {
  /** Packets that wait for the controller. */
  readonly _aclOutQueue: readonly unknown[];
  pollIsDevUp: () => void;
  readonly _socket: {
    readonly _isUp?: boolean;
    reset(): void;
    write(bytes: Buffer): void;
    on(event: 'data', then: (data: Buffer) => void): void;
  };
}
/** The library's own types declare classes that its files do not export; what is used of it. */
export interface Bleno {
  on(event: 'stateChange', then: (state: string) => void): void;
  on(event: 'accept' | 'disconnect', then: (address: string, link: number) => void): void;
  startAdvertisingWithEIRData(advert: Buffer, scanResponse: Buffer): void;
  setServices(services: object[]): void;
  stop(): void;
  readonly _bindings: {
    readonly _hci: Hci;
    readonly _gatt: {
      readonly _handles: readonly ({ readonly uuid?: string; readonly attribute?: object; secure?: number } | undefined)[];
    };
    readonly _connections: ReadonlyMap<number, { readonly address: string; readonly aclStream: AclStream }>;
    readonly _sigIntHandler: () => void;
    readonly _exitHandler: () => void;
  };
  Characteristic: new (options: CharacteristicOptions) => object;
  PrimaryService: new (options: { readonly uuid: string; readonly characteristics: readonly object[] }) => object;
}
interface BlenoModule {
  withBindings(kind: 'hci', options: object): Bleno;
}

/** A key that a central and this device agreed on; hexadecimal, the address as HCI carries it. */
export interface PairedCentral {
  readonly address: string;
  readonly isRandom: boolean;
  readonly ltk: string;
}

export interface BlenoOptions {
  /** A device file of a controller that speaks HCI over UART, an adapter (`hci1`), or empty: the machine's first. */
  readonly adapter: string;
  readonly paired: () => readonly PairedCentral[];
  readonly onPaired: (central: PairedCentral) => void;
  /** Whether a stranger may pair now. */
  readonly mayPair: () => boolean;
}

const UART_BAUD_RATE = 1_000_000;
/** A controller on a serial line is asked to reset once; where that is lost while the line opens, it is asked again until it is up. */
const KNOCK_MS = 500;
/** Often enough to be found within a second or two, and a tenth of the radio's time at most (bleno's own: 100 ms). */
const ADVERTISE_EVERY_MS = '250';
const COMMAND_PACKET = 1;
const EVENT_PACKET = 4;
const LE_META_EVENT = 0x3e;
/** LE Long Term Key Request (Bluetooth Core 5.4, Vol 4 Part E, 7.7.65.5), its answers (7.8.25, 7.8.26). */
const KEY_REQUEST = 0x05;
const KEY_REPLY = 0x201a;
const KEY_NEGATIVE_REPLY = 0x201b;
const SMP_CHANNEL = 6;
const PAIRING_REQUEST = 1;
/** Pairing Failed: pairing is not supported (Vol 3 Part H, 3.5.5), which devices out of their pairing mode say. */
const PAIRS_NOT = [0x05, 0x05];

const SUBSCRIPTION = '2902';
/** Bits of read, of write and of write without an answer. */
const ALL_OF_A_DESCRIPTOR = 0x0e;

const two = (value: number): [number, number] => [value & 0xff, value >> 8];
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export interface OpenBleno extends Disposable {
  readonly bleno: Bleno;
  /** Packets that wait to be sent. */
  waiting(): number;
  /** Lets only those subscribe to characteristics whose link is encrypted: of indications the library forgets that. */
  secureSubscriptions(characteristics: ReadonlySet<object>): void;
}

/** Opens the adapter. Throws where the machine has none. */
export function openBleno({ adapter, paired, onPaired, mayPair }: BlenoOptions): OpenBleno {
  process.env.BLENO_ADVERTISING_INTERVAL ??= ADVERTISE_EVERY_MS;
  // Loaded here: the library looks for an adapter as soon as it is.
  const { withBindings } = createRequire(import.meta.url)('@stoprocent/bleno') as BlenoModule;
  const isSerial = adapter.startsWith('/');
  const bleno = withBindings(
    'hci',
    isSerial
      ? { hciDriver: 'uart', bindParams: { uart: { port: adapter, baudRate: UART_BAUD_RATE } } }
      : adapter === ''
        ? {}
        : { deviceId: Number(adapter.replace('hci', '')) },
  );
  bleno.on('stateChange', (state) => {
    if (state === 'unknown') return;
    // This program ends in its own order; the library would end it at once.
    process.removeListener('SIGINT', bleno._bindings._sigIntHandler);
    process.removeListener('exit', bleno._bindings._exitHandler);
  });
  const keyOf = (address: Buffer): PairedCentral | undefined => paired().find((one) => one.address === hexOf(address));

  const known = new WeakSet<AclStream>();
  bleno.on('accept', () => {
    for (const { aclStream } of bleno._bindings._connections.values()) {
      if (known.has(aclStream)) continue;
      known.add(aclStream);
      const smp = aclStream._smp;
      aclStream.on('data', (_handle, channel, data) => {
        if (channel !== SMP_CHANNEL) return;
        if (data[0] === PAIRING_REQUEST && !mayPair()) return smp.write(Buffer.from(PAIRS_NOT));
        smp.onAclStreamData(channel, data);
      });
      const mgmt = smp._mgmt;
      const load = mgmt.addLongTermKey.bind(mgmt);
      mgmt.addLongTermKey = (address, type, authenticated, master, ediv, rand, key) => {
        onPaired({ address: hexOf(address), isRandom: type[0] === 1, ltk: hexOf(key) });
        if (!isSerial) load(address, type, authenticated, master, ediv, rand, key);
      };
      // What is loaded replaces what the kernel had, so each link begins with all of them.
      if (!isSerial)
        for (const { address, isRandom, ltk } of paired())
          load(Buffer.from(address, 'hex'), Buffer.of(isRandom ? 1 : 0), 0, 0, Buffer.alloc(2), Buffer.alloc(8), Buffer.from(ltk, 'hex'));
    }
  });

  const { _hci: hci } = bleno._bindings;
  if (isSerial)
    hci._socket.on('data', (packet) => {
      if (packet[0] !== EVENT_PACKET || packet[1] !== LE_META_EVENT || packet[3] !== KEY_REQUEST) return;
      const handle = packet.readUInt16LE(4);
      const smp = bleno._bindings._connections.get(handle)?.aclStream._smp;
      const key = smp === undefined ? undefined : keyOf(smp._ia)?.ltk;
      const reply = key === undefined ? [...two(KEY_NEGATIVE_REPLY), 2, ...two(handle)] : [...two(KEY_REPLY), 18, ...two(handle)];
      hci._socket.write(Buffer.concat([Buffer.of(COMMAND_PACKET, ...reply), Buffer.from(key ?? '', 'hex')]));
    });
  const timer = setInterval(() => {
    if (!isSerial || hci._socket._isUp === true) clearInterval(timer);
    else hci._socket.reset();
  }, KNOCK_MS);
  return {
    bleno,
    waiting: () => hci._aclOutQueue.length,
    secureSubscriptions(characteristics) {
      for (const handle of bleno._bindings._gatt._handles)
        if (handle?.uuid === SUBSCRIPTION && handle.attribute !== undefined && characteristics.has(handle.attribute))
          handle.secure = ALL_OF_A_DESCRIPTOR;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      // It would look each second for ever whether its adapter is up.
      hci.pollIsDevUp = () => undefined;
      bleno.stop();
    },
  };
}
