/** Our own scale on the real bleno, over the HCI port named by BLUETOOTH_HCI_SOCKET_UART_PORT, as a phone hears it. Run by radio.test.ts. */
import { dirname } from 'node:path';
import { startPeripheral } from '../../../../firmware/bluetooth/peripheral.ts';
import { systemClock } from '../../../../firmware/clock.ts';

const adapter = process.env.BLUETOOTH_HCI_SOCKET_UART_PORT!;
const scale = startPeripheral({
  adapter,
  name: 'Hall scale',
  isPaired: false,
  devices: [{ id: 'hall', kind: 'scale', quantities: ['weight'] }],
  firmware: '1.0',
  state: dirname(adapter),
  line: { connected: () => undefined, receive: () => undefined, gone: () => undefined },
  log: console.error,
  clock: systemClock,
  signal: new AbortController().signal,
});
// Measured before anybody listened.
scale.measured('hall', [{ quantity: 'weight', value: 72.35, at: systemClock.monotonic(), spanMs: 2000 }]);
