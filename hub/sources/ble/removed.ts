import type { Bluetooth } from './bluetooth.ts';
import { deviceOf } from './claims.ts';

/** How the hub names Bluetooth devices; what is derived of one is named after it, with `~` and the algorithm. */
const PREFIX = deviceOf('');

/** Whether a device was heard over Bluetooth once and has been taken out since. False while the radio does not run. */
export function isRemoved(bluetooth: Pick<Bluetooth, 'added'> | undefined, device: string): boolean {
  if (bluetooth === undefined || !device.startsWith(PREFIX)) return false;
  const [own] = device.split('~');
  return !bluetooth.added().some((one) => one.device === own);
}
