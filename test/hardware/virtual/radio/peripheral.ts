/** A weight scale on the real bleno, over the HCI port named by BLUETOOTH_HCI_SOCKET_UART_PORT. Run by radio.test.ts. */
import { createRequire } from 'node:module';
import { type KnockedOn, knock } from './knock.ts';

interface Bleno extends KnockedOn {
  on(event: 'stateChange', then: (state: string) => void): void;
  startAdvertising(name: string, uuids: string[]): void;
  setServices(services: object[]): void;
  Characteristic: new (options: object) => object;
  PrimaryService: new (options: object) => object;
}
const bleno = createRequire(import.meta.url)('@stoprocent/bleno') as Bleno;

/** Weight Measurement (0x2A9D): flags, then 5 g units. */
const WEIGHT = Buffer.from([0x00, ...Buffer.from(Uint16Array.of(Math.round(72.35 / 0.005)).buffer)]);

knock(bleno);
bleno.on('stateChange', (state) => {
  if (state !== 'poweredOn') return;
  const feature = new bleno.Characteristic({ uuid: '2a9e', properties: ['read'], value: Buffer.from([0x0b, 0, 0, 0]) });
  const weight = new bleno.Characteristic({
    uuid: '2a9d',
    properties: ['indicate'],
    onSubscribe: (...parts: unknown[]) => {
      const push = parts.find((part) => typeof part === 'function') as (value: Buffer) => void;
      push(WEIGHT);
      console.log('indicated');
    },
  });
  // Before the first advertisement: a quick central would find nothing there.
  bleno.setServices([new bleno.PrimaryService({ uuid: '181d', characteristics: [feature, weight] })]);
  bleno.startAdvertising('Hall scale', ['181d']);
});
