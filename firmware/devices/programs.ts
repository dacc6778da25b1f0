import type { RigDevice } from '../rig.ts';
import { keptRecord, keptValue } from '../state.ts';
import { createBed } from './bed.ts';
import type { DeviceProgram } from './device.ts';
import { isKeptGas } from './gas.ts';
import { createHome } from './home.ts';
import { createScale } from './scale.ts';
import { createTracker } from './tracker.ts';

/** The program of a device of the rig file. `stateFolder` holds what it keeps over restarts. */
export function programOf(device: RigDevice, stateFolder: string): DeviceProgram {
  switch (device.kind) {
    case 'scale':
      return createScale(device, keptValue(`${stateFolder}/${device.id}.tare`));
    case 'tracker':
      return createTracker(device);
    case 'bed':
      return createBed(device);
    case 'home':
      return createHome(device, keptRecord(`${stateFolder}/${device.id}.gas.json`, isKeptGas));
  }
}
