/** The radio of the house: what it hears goes the way of every device. */
import type { Config } from '../ops/config.ts';
import type { Keeping } from '../ops/keeping.ts';
import { noteRadio } from '../ops/radio-gaps.ts';
import type { People } from '../people/people.ts';
import { profileOn } from '../people/scale-profile.ts';
import { type Bluetooth, startBluetooth } from '../sources/ble/bluetooth.ts';
import { OWN_ADAPTER } from '../sources/ble/radio/radios.ts';
import type { RigEvents } from '../sources/rig.ts';
import { BLUETOOTH } from './arrivals.ts';
import type { Later } from './later.ts';
import type { Listeners } from './listeners.ts';

export interface OwnBluetoothOptions {
  readonly root: string;
  readonly config: Config;
  readonly keeping: Keeping;
  readonly people: People;
  readonly events: RigEvents;
  /** The rig is virtual: so is the radio. */
  readonly isVirtual: boolean;
  readonly later: Later;
  readonly tell: Listeners['tell'];
  readonly signal: AbortSignal;
}

export function startOwnBluetooth(options: OwnBluetoothOptions): Bluetooth {
  const { root, config, keeping, people, events, isVirtual, later, tell, signal } = options;
  const { clock, store } = keeping;
  const { data } = config;
  const heard = events.link(BLUETOOTH);
  return startBluetooth({
    root,
    data,
    controllers: config.hci ?? [isVirtual ? `${data}/run/hci` : OWN_ADAPTER],
    isPassive: config.bluetoothPassive,
    events: {
      met: (hello) => heard.hello(0, hello),
      commit: heard.commit,
      live: heard.live,
      trouble: (device, message) => heard.status(device, { state: message === '' ? 'running' : 'fault', message }),
    },
    lines: { events: events.link, onState: events.linkState },
    profile: (device) => profileOn({ people, store }, device, clock.utc()),
    zoneMinutes: (atUtcMs) => (clock.isKnown ? (clock.zoneMin(atUtcMs) ?? undefined) : undefined),
    keptTimes: (device, quantity, fromMs, toMs) => [...store.vault('home').range({ device, quantity, fromMs, toMs })].map(({ end }) => end),
    store,
    ownerOf: people.attribution.ownerOf,
    onChange() {
      noteRadio(keeping, later.bluetooth);
      later.sync?.wake();
      tell({ type: 'bluetooth' });
    },
    log: (text) => console.error(text),
    clock,
    signal,
  });
}
