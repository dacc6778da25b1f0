/** What every accelerometer's driver gives, so that a tracker takes any of them. */

/** Acceleration on three axes in g; at rest its length is 1. */
export type AccelG = readonly [x: number, y: number, z: number];

export interface MotionBatch {
  /** Since the last call, oldest first, spaced by the chip's own clock. */
  readonly samples: AccelG[];
  /** The FIFO was full: samples may be missing before these. */
  readonly isFull: boolean;
}

export interface MotionChip {
  /** Rate that the chip is set to. */
  readonly rateHz: number;
  /** Values beyond this are cut off by the chip. */
  readonly rangeG: number;
  read(): Promise<MotionBatch>;
  /** Moves the proof mass by electric force and looks whether it follows; the chip must lie still. Measures on. */
  selfTest(): Promise<SelfTest>;
}

/** By how much each axis moved, and whether that is within the datasheet's limits. */
export interface SelfTest {
  readonly isPassed: boolean;
  readonly changesG: AccelG;
}

export const meanG = (samples: readonly AccelG[]): AccelG => {
  const sum = samples.reduce<[number, number, number]>((total, [x, y, z]) => [total[0] + x, total[1] + y, total[2] + z], [0, 0, 0]);
  return [sum[0] / samples.length, sum[1] / samples.length, sum[2] / samples.length];
};

export const minusG = (a: AccelG, b: AccelG): AccelG => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
