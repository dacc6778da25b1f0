/**
 * The line by which a device makes kilograms of counts: that of its rig file until it is calibrated, then the newest one, kept over restarts;
 * and the measuring of a mass at rest, to calibrate with.
 */
import type { StatedCalibration } from '../protocol/calibration.ts';
import type { CountsPerKg } from '../rig.ts';
import { type Calibration, calibrationOf } from '../signal/calibration.ts';
import { follow, type LaggedTemperature } from '../signal/drift.ts';
import { createStillMean, type StillEvent, type StillMean } from '../signal/still-mean.ts';
import type { Kept } from '../state.ts';

export type Done = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface LoadLine {
  readonly calibration: Calibration;
  /** Undefined for an instrument that gives masses itself. */
  stated(): StatedCalibration | undefined;
  use(calibration: StatedCalibration): Done;
  /** The room's temperature, as the thermometer of the calibration's drift says. */
  temperature(celsius: number): void;
  /** What the empty plate reads more by now than at the calibration's temperature, kg; 0 while no drift or no temperature is known. */
  driftKg(atMs: number): number;
  /** Begins to wait for a load at rest. */
  sample(): Done;
  /** Takes a reading of the converter; gives what a sample that was asked for has found. */
  push(atMs: number, counts: number): StillEvent | undefined;
}

/** An instrument's masses need no line. */
const MASS: CountsPerKg = { zeroCounts: 0, countsPerKg: 1, date: '' };
const SELF_CALIBRATED: Done = {
  ok: false,
  message: 'this instrument gives kilograms itself: calibrate it by its own menu, as its manual says',
};

export function createLoadLine(rig: CountsPerKg | undefined, kept: Kept<StatedCalibration>): LoadLine {
  const ofRig: StatedCalibration = { version: 1, points: [], ...(rig ?? MASS) };
  const before = kept.load();
  // Who writes a newer calibration into the rig file means it to hold.
  const isNewer = before !== undefined && !(Date.parse(ofRig.date) > Date.parse(before.date));
  let stated = rig !== undefined && isNewer ? before : ofRig;
  let calibration = calibrationOf(stated);
  let still: StillMean | undefined;
  let roomC: number | undefined;
  let cell: LaggedTemperature | undefined;
  return {
    get calibration() {
      return calibration;
    },
    stated: () => (rig === undefined ? undefined : stated),
    use(next) {
      if (rig === undefined) return SELF_CALIBRATED;
      stated = next;
      calibration = calibrationOf(next);
      kept.save(next);
      roomC = undefined;
      cell = undefined;
      return { ok: true };
    },
    temperature(celsius) {
      roomC = celsius;
    },
    driftKg(atMs) {
      const { drift } = calibration;
      if (drift === undefined || roomC === undefined) return 0;
      cell = follow(cell, roomC, drift.lagMs, atMs);
      return drift.kgPerC * (cell.celsius - drift.referenceC);
    },
    sample() {
      if (rig === undefined) return SELF_CALIBRATED;
      still = createStillMean();
      return { ok: true };
    },
    push(atMs, counts) {
      const event = still?.push(atMs, counts);
      if (event !== undefined) still = undefined;
      return event;
    },
  };
}
