/**
 * Takes the drift of a load cell's empty plate off, as its next calibration: proposed from two weeks of idle readings, made when a person says
 * so, or by the hub itself once a week where it is small. A calibration that a person made, or went back to, is not touched until it has
 * been in use for a week; one that they went back to waits for their word.
 */
import type { Calibration } from '../../firmware/signal/calibration.ts';
import { type DriftReport, idleDrift } from '../derived/idle-drift.ts';
import { HOME } from '../people/subjects.ts';
import type { Store } from '../store/store.ts';
import { CalibrationError, type Calibrations } from './calibrations.ts';
import type { Device } from './devices.ts';

const DAY_MS = 86_400_000;
/** Long enough for warm and cold days, short enough that the cell is the same. */
const LOOK_BACK_MS = 14 * DAY_MS;
/** So long a calibration holds before the hub changes it by itself. */
const HOLDS_MS = 7 * DAY_MS;
/** The hub's own word in the log. */
const OWN = 'hub';

export interface DriftCorrection {
  report(device: string): DriftReport;
  /** Makes the correction the next calibration. Rejects with CalibrationError where there is none, or the device is away. */
  apply(device: string, by: string): Promise<Calibration>;
  /** Corrects what is small and due, on each scale and mat that is connected and empty. */
  look(): Promise<void>;
}

export interface DriftCorrectionOptions {
  readonly store: Store;
  readonly calibrations: Calibrations;
  readonly devices: () => readonly Pick<Device, 'id' | 'connected' | 'state' | 'plate'>[];
  /** UTC milliseconds. */
  readonly now: () => number;
}

export function openDriftCorrection({ store, calibrations, devices, now }: DriftCorrectionOptions): DriftCorrection {
  const report = (device: string): DriftReport => {
    const inUse = calibrations.inUse(device);
    if (inUse === undefined) return { kind: 'unknown', because: 'it gives kilograms itself, or has not said yet how it is calibrated' };
    if (!store.subjects().includes(HOME)) return { kind: 'unknown', because: 'nothing was measured yet' };
    return idleDrift(store.vault(HOME), device, inUse, now() - LOOK_BACK_MS, now());
  };
  const apply = async (device: string, by: string): Promise<Calibration> => {
    const found = report(device);
    if (found.kind === 'unknown') throw new CalibrationError('none', `the drift of ${device} is not known: ${found.because}`);
    return calibrations.make(device, found.correction, by);
  };
  const isDue = (device: string): boolean => {
    const inUse = calibrations.inUse(device);
    if (inUse === undefined || calibrations.session(device) !== undefined) return false;
    const sinceMs = Date.parse(inUse.date);
    if (Number.isFinite(sinceMs) && now() - sinceMs < HOLDS_MS) return false;
    const isOlderAgain = calibrations
      .versions(device)
      .some((one) => one.version < inUse.version && one.zeroCounts === inUse.zeroCounts && one.countsPerKg === inUse.countsPerKg);
    return !isOlderAgain;
  };
  return {
    report,
    apply,
    async look() {
      for (const { id, connected, state, plate } of devices()) {
        if (!connected || state !== 'running' || plate === 'occupied' || !isDue(id)) continue;
        const found = report(id);
        if (found.kind === 'fitted' && found.isWorthIt && found.isSmall) await calibrations.make(id, found.correction, OWN);
      }
    },
  };
}
