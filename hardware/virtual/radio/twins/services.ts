/** Services that many devices have beside their own. */
import { text } from './fields.ts';

export const deviceInformation = (maker: string, model: string, serial: string) => ({
  uuid: '180a',
  characteristics: [
    { uuid: '2a29', read: text(maker) },
    { uuid: '2a24', read: text(model) },
    { uuid: '2a25', read: text(serial) },
  ],
});
export const battery = (percent: number) => ({ uuid: '180f', characteristics: [{ uuid: '2a19', read: () => Uint8Array.of(percent) }] });
