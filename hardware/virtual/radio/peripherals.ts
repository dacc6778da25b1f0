/** Twins of devices on the real bleno, each over an HCI port of its own: what a household has in its rooms. */
import { createRequire } from 'node:module';
import { COMMAND, PACKET } from './hci.ts';
import { advertOf, type RadioTwin, type TwinCharacteristic } from './twins/twin.ts';

/** The library's own types declare classes that its files do not export; what is used of it. */
interface Bleno {
  on(event: 'stateChange', then: (state: string) => void): void;
  on(event: 'accept', then: () => void): void;
  startAdvertisingWithEIRData(advert: Buffer, scanResponse: Buffer): void;
  setServices(services: object[]): void;
  disconnect(): void;
  stop(): void;
  readonly _bindings: {
    readonly _hci: { readonly _socket: { readonly _isUp?: boolean; reset(): void; write(bytes: Buffer): void } };
    readonly _connections: ReadonlyMap<number, { readonly aclStream: AclStream }>;
  };
  Characteristic: new (options: object) => object;
  PrimaryService: new (options: object) => object;
}
/** Where the library leaves the key of a pairing, for Linux to encrypt by. */
interface Mgmt {
  addLongTermKey(
    address: Buffer,
    addressType: Buffer,
    authenticated: number,
    master: number,
    ediv: Buffer,
    rand: Buffer,
    key: Buffer,
  ): void;
}
interface AclStream {
  readonly _smp: { readonly _mgmt: Mgmt; onAclStreamData(channel: number, data: Buffer): void };
  on(event: 'data', then: (handle: number, channel: number, data: Buffer) => void): void;
}
type Answer = (result: number, value?: Buffer) => void;
interface BlenoModule {
  withBindings(kind: 'hci', options: object): Bleno;
}

/** A controller on a serial line is asked to reset once; where that is lost while the line opens, it is asked again until it is up. */
const KNOCK_MS = 500;
const RESULT_SUCCESS = 0;

/** Serves a twin over a port until it is disposed of. */
export function servePeripheral(twin: RadioTwin, port: string): Disposable {
  // Loaded here: the library looks for an adapter as soon as it is.
  const { withBindings } = createRequire(import.meta.url)('@stoprocent/bleno') as BlenoModule;
  const bleno = withBindings('hci', { hciDriver: 'uart', bindParams: { uart: { port, baudRate: 1_000_000 } } });
  const pushes = new Map<string, (value: Buffer) => void>();
  const push = (uuid: string, bytes: Uint8Array): void => pushes.get(uuid)?.(Buffer.from(bytes));
  const tell = Object.assign(push, { hangUp: () => bleno.disconnect() });
  const characteristicOf = ({ uuid, read, write, subscribed, indicates = false, secure = false }: TwinCharacteristic): object => {
    const notifies = subscribed !== undefined || indicates || (write !== undefined && read === undefined);
    const properties = [
      ...(read === undefined ? [] : ['read']),
      ...(write === undefined ? [] : ['write']),
      ...(notifies ? [indicates ? 'indicate' : 'notify'] : []),
    ];
    return new bleno.Characteristic({
      uuid,
      properties,
      secure: secure ? properties : [],
      onReadRequest(_link: unknown, offset: number, answer: Answer) {
        // A long value is read in parts: it is made once, at the first of them.
        if (offset === 0) long = read!();
        answer(RESULT_SUCCESS, Buffer.from(long.subarray(offset)));
      },
      onWriteRequest(_link: unknown, data: Buffer, _offset: number, _withoutResponse: boolean, answer: Answer) {
        answer(RESULT_SUCCESS);
        write?.(data, tell);
      },
      onSubscribe(_link: unknown, _mostBytes: number, push: (value: Buffer) => void) {
        pushes.set(uuid, push);
        setImmediate(() => subscribed?.(tell));
      },
      onUnsubscribe: () => void pushes.delete(uuid),
    });
  };
  let long: Uint8Array = new Uint8Array(0);
  const { advert, scanResponse } = advertOf(twin);
  bleno.on('stateChange', (state) => {
    if (state !== 'poweredOn') return;
    // Before the first advertisement: a quick central would find nothing there.
    bleno.setServices(
      twin.services.map(
        ({ uuid, characteristics }) => new bleno.PrimaryService({ uuid, characteristics: characteristics.map(characteristicOf) }),
      ),
    );
    bleno.startAdvertisingWithEIRData(Buffer.from(advert), Buffer.from(scanResponse));
  });
  const known = new WeakSet<AclStream>();
  bleno.on('accept', () => {
    for (const { aclStream } of bleno._bindings._connections.values()) {
      if (known.has(aclStream)) continue;
      known.add(aclStream);
      // Its pairing takes the first argument for the channel, which is the link's handle since several links are served at a time.
      aclStream.on('data', (_handle, channel, data) => aclStream._smp.onAclStreamData(channel, data));
      // On a serial line there is no Linux between the library and the controller: the virtual one keeps keys itself.
      aclStream._smp._mgmt.addLongTermKey = (address, _type, _authenticated, _master, _ediv, _rand, key) =>
        bleno._bindings._hci._socket.write(
          Buffer.concat([Buffer.of(PACKET.command, COMMAND.keepKey & 0xff, COMMAND.keepKey >> 8, 22), address, key]),
        );
    }
  });
  const timer = setInterval(() => {
    const socket = bleno._bindings._hci._socket;
    if (socket._isUp === true) clearInterval(timer);
    else socket.reset();
  }, KNOCK_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      bleno.stop();
    },
  };
}
