/** What devices say, on its way into the house: corrected, attributed, kept, acknowledged, computed from, and told to pages and targets. */
import { quantityOfCode } from '../../firmware/protocol/quantities.ts';
import type { Corrections } from '../derived/corrections.ts';
import type { Derivation } from '../derived/derive.ts';
import { withProvenance } from '../derived/weighed.ts';
import type { Keeping } from '../ops/keeping.ts';
import type { RawCaptures } from '../ops/raw-capture.ts';
import type { People } from '../people/people.ts';
import type { Calibrations } from '../sources/calibrations.ts';
import type { Devices } from '../sources/devices.ts';
import type { RigEvents } from '../sources/rig.ts';
import type { StoredMeasurement } from '../store/vault.ts';
import type { Channels } from './channels.ts';
import type { Later } from './later.ts';
import type { Listeners } from './listeners.ts';

/** Name of the radio among the links. */
export const BLUETOOTH = 'bluetooth';

export interface ArrivalsOptions {
  readonly keeping: Keeping;
  readonly people: People;
  readonly devices: Devices;
  readonly channels: Channels;
  readonly corrections: Corrections;
  readonly calibrations: Calibrations;
  readonly captures: RawCaptures;
  readonly derivation: Derivation;
  readonly later: Later;
  readonly tell: Listeners['tell'];
}

export interface Arrivals {
  readonly events: RigEvents;
  /** Measurements came into vaults: pages and targets are told. */
  kept(stored: readonly StoredMeasurement[]): void;
  /** Why the last commit failed; empty when it did not. */
  storeTrouble(): string;
}

export function openArrivals(options: ArrivalsOptions): Arrivals {
  const { keeping, people, devices, channels, corrections, calibrations, captures, derivation, later, tell } = options;
  let storeTrouble = '';
  const kept = (stored: readonly StoredMeasurement[]): void => {
    for (const measurement of stored) tell({ type: 'measurement', measurement });
    if (stored.length > 0) later.sync?.wake();
  };
  const events: RigEvents = {
    link: (link) => ({
      hello(channel, hello) {
        channels.met(hello.device, link, channel);
        keeping.back(hello.device);
        devices.met(hello);
        captures.met(hello.device);
      },
      async commit(device, boot, readings) {
        devices.seen(device);
        try {
          const rows = withProvenance(corrections.of(readings.map((reading) => keeping.stamp(device, boot, reading))));
          const stored = await people.attribution.keep(device, boot, rows);
          keeping.took(device, boot, readings, link === BLUETOOTH ? 'heard' : 'own');
          calibrations.heard(device, rows);
          storeTrouble = '';
          kept(stored);
          kept(await derivation.of(stored, rows));
        } catch (error) {
          storeTrouble = error instanceof Error ? error.message : String(error);
          throw error;
        }
      },
      live(device, readings) {
        devices.seen(device);
        for (const { code, value: said, endUtcMs } of readings) {
          const value = corrections.live(device, code, said);
          const quantity = quantityOfCode(code)?.id;
          const subject = people.attribution.subjectNow(device, code);
          if (quantity !== undefined && value !== undefined)
            tell({ type: 'live', device, quantity, value, at: new Date(endUtcMs).toISOString(), subject });
        }
      },
      samples: captures.take,
      status(device, status) {
        devices.status(device, status);
        // Its link stands, and what it measures with does not.
        if (status.state === 'fault') keeping.away(device, 'away');
        else if (status.state === 'running') keeping.back(device);
      },
      calibration: (device, calibration) => calibrations.stated(device, calibration),
      fault: () => undefined,
      refused: (device, error) => console.error(`measurements of ${device} wait there: ${error instanceof Error ? error.message : error}`),
    }),
    linkState(link, state) {
      if (state.kind === 'open') return;
      for (const device of channels.lost(link)) {
        devices.away(device, state.message);
        keeping.away(device, 'away');
      }
      if (state.reason === 'permission' || state.reason === 'busy') console.error(state.message);
    },
    ended: (name, reason, waitMs) => console.error(`${name} ended (${reason}); it starts again in ${waitMs / 1000} s`),
  };
  return { events, kept, storeTrouble: () => storeTrouble };
}
