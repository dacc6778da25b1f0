/** What the radio's health means for the gap ledger: while it hears nothing, no Bluetooth device is to blame for its silence. */
import type { Bluetooth } from '../sources/ble/bluetooth.ts';
import type { Keeping } from './keeping.ts';

/** To be called on each change of the radio or of the devices that were added. */
export function noteRadio({ away, back }: Pick<Keeping, 'away' | 'back'>, bluetooth: Pick<Bluetooth, 'state' | 'added'> | undefined): void {
  if (bluetooth === undefined) return;
  const { kind } = bluetooth.state();
  for (const { device } of bluetooth.added()) {
    if (kind === 'deaf' || kind === 'off') away(device, 'radio');
    else if (kind === 'hearing') back(device);
  }
}
