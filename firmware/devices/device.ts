/** A device program: chips and signal processing of one product, on a board that it is given. */
import type { Board } from '../buses/board.ts';
import type { StatedCalibration } from '../protocol/calibration.ts';
import type { Reading } from '../protocol/measurement.ts';
import type { DeviceStatus } from '../protocol/messages.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import type { RawSamples } from '../protocol/samples.ts';
import type { Clock } from '../protocol/time.ts';
import type { Done } from './load-line.ts';

/** What a device program needs of its surroundings and tells them. */
export interface DeviceContext {
  readonly board: Board;
  readonly clock: Clock;
  /** Measurements to be kept. */
  readonly measured: (readings: readonly Reading[]) => void;
  /** Values for the eye, at most a few a second. */
  readonly live: (readings: readonly Reading[]) => void;
  /** What the chip gave, raw; dropped unless somebody asked for it. */
  readonly samples?: (samples: RawSamples) => void;
  readonly status: (status: DeviceStatus) => void;
  readonly signal: AbortSignal;
}

export interface DeviceProgram {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly quantities: readonly QuantityId[];
  /** Runs until the signal is aborted; rejects when a chip or the bus fails, to be started again. */
  run(context: DeviceContext): Promise<void>;
  /** Takes the present load as zero. Undefined: this product has nothing to tare. */
  readonly tare?: () => Done;
  /** By which line it weighs now; undefined for an instrument that is calibrated itself. */
  readonly calibration?: () => StatedCalibration | undefined;
  /** Weighs by this from now on, also after a restart. */
  readonly calibrate?: (calibration: StatedCalibration) => Done;
  /** What the thermometer of its calibration's drift says. */
  readonly temperature?: (celsius: number) => void;
  /** Has its CO2 sensor take the air for known, ppm; what comes of it is said in the status. */
  readonly recalibrate?: (co2Ppm: number) => Done;
  /** Waits for a load at rest and measures its `calibration_counts`. */
  readonly sample?: () => Done;
  /** Switches what wakes somebody. */
  readonly alarm?: (isOn: boolean) => Done;
  /** Covers or uncovers a camera, and lights what says so. */
  readonly shutter?: (position: { readonly isOpen: boolean; readonly isLit: boolean }) => Done;
}

/** Live values go out at most this often: more than the eye follows, and a cost to every open page. */
export const LIVE_EVERY_MS = 200;
