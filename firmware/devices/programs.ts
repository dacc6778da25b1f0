import { isStatedCalibration } from '../protocol/calibration.ts';
import type { RigDevice } from '../rig.ts';
import { keptRecord, keptValue } from '../state.ts';
import { createAlarm } from './alarm.ts';
import { createBed } from './bed.ts';
import type { DeviceProgram } from './device.ts';
import { isKeptGas } from './gas.ts';
import { createHome } from './home.ts';
import { createScale } from './scale.ts';
import { createShutter } from './shutter.ts';
import { createTracker } from './tracker.ts';

/** The program of a device of the rig file. `stateFolder` holds what it keeps over restarts. */
export function programOf(device: RigDevice, stateFolder: string): DeviceProgram {
  const calibration = keptRecord(calibrationFile(stateFolder, device.id), isStatedCalibration);
  switch (device.kind) {
    case 'scale':
      return createScale(device, { tare: keptValue(`${stateFolder}/${device.id}.tare`), calibration });
    case 'tracker':
      return createTracker(device);
    case 'bed':
      return createBed(device, calibration);
    case 'alarm':
      return createAlarm(device);
    case 'shutter':
      return createShutter(device);
    case 'home':
      return createHome(device, keptRecord(`${stateFolder}/${device.id}.gas.json`, isKeptGas));
  }
}

/** Where a device keeps the calibration that it was given. */
export const calibrationFile = (stateFolder: string, device: string): string => `${stateFolder}/${device}.calibration.json`;
