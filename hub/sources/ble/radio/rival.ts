/** Whether another program of this machine uses its Bluetooth adapter: BlueZ's daemon stops scans that it did not begin. */
import { readdirSync, readFileSync } from 'node:fs';

const DAEMON = 'bluetoothd';

/** The remedy, where bluetoothd runs; empty where it does not. `processes` is the folder of the kernel's processes. */
export function rivalOf(processes = '/proc'): string {
  const runs = readdirSync(processes).some((entry) => /^\d+$/.test(entry) && nameOf(`${processes}/${entry}/comm`) === DAEMON);
  return runs
    ? "The system's own Bluetooth service uses the adapter as well and may stop the hub's scans: 'sudo systemctl disable --now bluetooth' leaves the adapter to the hub."
    : '';
}

function nameOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // It ended meanwhile.
    return '';
  }
}
