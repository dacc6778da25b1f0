/** The real noble behind a controller on a pty, in this process, so that what it keeps can be looked at. */
import { createRequire } from 'node:module';
import t from 'tap';
import { systemClock } from '../../../../../firmware/clock.ts';
import { addressBytes, field } from '../../../../../hardware/virtual/radio/hci.ts';
import { createVirtualRadio } from '../../../../../hardware/virtual/radio/radio.ts';

/** Fewer than the pty holds for a reader that is away. */
const AT_ONCE = 100;
const ADDRESSES = 3000;
const WITHIN_MS = 60_000;

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const deadlineMs = performance.now() + WITHIN_MS; !holds(); ) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${WITHIN_MS / 1000} s`);
    await systemClock.sleep(5);
  }
}

t.test('noble is told of no address that nobody wants to connect to: thousands leave nothing behind', async (t) => {
  const port = `${t.testdir({})}/hci`;
  const radio = createVirtualRadio();
  radio.openPort(port, 'C0:FF:EE:00:00:01');
  process.env.BLUETOOTH_HCI_SOCKET_UART_PORT = port;
  // noble is loaded when the port is named, as the radio program does.
  const { openAdapter } = await import('../../../../../hub/sources/ble/radio/adapter.ts');
  type Kept = { readonly _peripherals: Map<string, unknown>; readonly _bindings: { readonly _gap: { readonly _discoveries: object } } };
  const module = createRequire(import.meta.url)('@abandonware/noble') as { withBindings(kind: string, options: object): Kept };
  const make = module.withBindings;
  let noble: Kept | undefined;
  module.withBindings = (kind, options) => {
    noble = make(kind, options);
    return noble;
  };
  const heard = new Set<string>();
  let isScanning = false;
  const adapter = openAdapter(
    (said) => {
      if (said.say === 'advert') heard.add(said.address);
      else if (said.say === 'adapter' && said.state === 'poweredOn') isScanning = true;
    },
    { clock: systemClock, isPassive: false },
  );
  t.teardown(() => {
    adapter.stop();
    radio[Symbol.dispose]();
  });
  const name = field(0x09, new TextEncoder().encode('Phone'));
  const send = (number: number): void => {
    const address = `40:00:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 0xff).toString(16).padStart(2, '0')}`;
    radio.air.send(
      { type: 0, addressType: 1, address: addressBytes(address), data: field(0x01, Uint8Array.of(6)), rssi: -60 },
      name,
      undefined,
    );
  };
  await until(() => isScanning, 'the adapter');
  // The first one is sent until it is heard: the scan begins a moment after the adapter is on.
  await until(() => {
    send(0);
    return heard.size === 1;
  }, 'the scan');
  for (let number = 1; number < ADDRESSES; number += AT_ONCE) {
    const to = Math.min(ADDRESSES, number + AT_ONCE);
    for (let one = number; one < to; one++) send(one);
    await until(() => heard.size >= to, `address ${to}`);
  }
  t.equal(heard.size, ADDRESSES, 'the hub heard each');
  t.equal(noble?._peripherals.size, 0, 'noble keeps none of them');
  t.same(Object.keys(noble?._bindings._gap._discoveries ?? { none: true }), [], 'nor its lower half');
});
