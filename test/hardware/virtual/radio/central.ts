/** A central on the real noble, over the HCI port named by BLUETOOTH_HCI_SOCKET_UART_PORT: prints what it hears and reads. Run by radio.test.ts. */
import { createRequire } from 'node:module';
import { type KnockedOn, knock } from './knock.ts';

interface Peripheral {
  readonly advertisement: {
    readonly localName?: string;
    readonly serviceUuids?: string[];
    readonly serviceData?: { uuid: string; data: Buffer }[];
  };
  readonly address: string;
  connectAsync(): Promise<void>;
  disconnectAsync(): Promise<void>;
  discoverSomeServicesAndCharacteristicsAsync(
    services: string[],
    characteristics: string[],
  ): Promise<{ characteristics: Characteristic[] }>;
}
interface Characteristic {
  readonly uuid: string;
  readAsync(): Promise<Buffer>;
  subscribeAsync(): Promise<void>;
  on(event: 'data', then: (value: Buffer) => void): void;
}
interface Noble extends KnockedOn {
  on(event: 'stateChange', then: (state: string) => void): void;
  on(event: 'discover', then: (peripheral: Peripheral) => void): void;
  startScanningAsync(services: string[], allowDuplicates: boolean): Promise<void>;
  stopScanningAsync(): Promise<void>;
}
const noble = createRequire(import.meta.url)('@abandonware/noble') as Noble;
const say = (word: string, value: unknown): void => console.log(JSON.stringify({ word, value }));

knock(noble);
const ANSWER_WITHIN_MS = 8000;

let isBusy = false;
noble.on('stateChange', (state) => {
  if (state === 'poweredOn') void noble.startScanningAsync([], true);
});
noble.on('discover', async (peripheral) => {
  const { advertisement, address } = peripheral;
  const beacon = advertisement.serviceData?.find(({ uuid }) => uuid === 'fcd2');
  if (beacon !== undefined) say('beacon', { address, data: beacon.data.toString('hex') });
  if (isBusy || advertisement.serviceUuids?.includes('181d') !== true) return;
  isBusy = true;
  const read = async (): Promise<void> => {
    await noble.stopScanningAsync();
    await peripheral.connectAsync();
    const { characteristics } = await peripheral.discoverSomeServicesAndCharacteristicsAsync(['181d'], []);
    const of = (uuid: string): Characteristic => characteristics.find((one) => one.uuid === uuid)!;
    say('feature', (await of('2a9e').readAsync()).toString('hex'));
    of('2a9d').on('data', (value) => say('weight', value.readUInt16LE(1) * 0.005));
    await of('2a9d').subscribeAsync();
  };
  // noble's promises need not settle: what takes too long is begun again.
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), ANSWER_WITHIN_MS));
  await Promise.race([read(), late]).catch(async (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    await peripheral.disconnectAsync().catch(() => undefined);
    isBusy = false;
    await noble.startScanningAsync([], true);
  });
});
