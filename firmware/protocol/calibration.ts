/** A load cell's calibration as device and hub tell it each other: the line, and the masses that it was fitted to. */

/** Mean counts with a mass on the plate, the mass in kg, and its standard uncertainty in kg (0: not known). */
export type StatedPoint = readonly [counts: number, massKg: number, uncertaintyKg: number];

export interface StatedCalibration {
  /** Counts up with each calibration of the device; 1 is that of its rig file. */
  readonly version: number;
  /** ISO 8601. */
  readonly date: string;
  readonly zeroCounts: number;
  readonly countsPerKg: number;
  /** Empty where only the line is known, as in a rig file. */
  readonly points: readonly StatedPoint[];
  /** How the empty plate moves with temperature; absent: it was not fitted. */
  readonly drift?: StatedDrift;
}

/** At `referenceC` the zero is the calibration's; the cell follows the thermometer with a time constant of `lagMs`. */
export interface StatedDrift {
  readonly referenceC: number;
  readonly kgPerC: number;
  readonly lagMs: number;
  /** Id of the device whose temperature it was fitted to. */
  readonly thermometer: string;
}

/** So many points of some 40 characters each fit into one frame; a household has three masses, a workshop ten. */
export const MOST_STATED_POINTS = 16;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export function isStatedCalibration(value: unknown): value is StatedCalibration {
  if (typeof value !== 'object' || value === null) return false;
  const { version, date, zeroCounts, countsPerKg, points, drift } = value as Partial<Record<keyof StatedCalibration, unknown>>;
  return (
    isNumber(version) &&
    Number.isInteger(version) &&
    version >= 0 &&
    typeof date === 'string' &&
    isNumber(zeroCounts) &&
    isNumber(countsPerKg) &&
    countsPerKg > 0 &&
    Array.isArray(points) &&
    points.length <= MOST_STATED_POINTS &&
    points.every((point) => Array.isArray(point) && point.length === 3 && point.every(isNumber)) &&
    (drift === undefined || isStatedDrift(drift))
  );
}

/** As long as a device's id may be where it is asked for. */
const MOST_ID_CHARACTERS = 100;

function isStatedDrift(value: unknown): value is StatedDrift {
  if (typeof value !== 'object' || value === null) return false;
  const { referenceC, kgPerC, lagMs, thermometer } = value as Partial<Record<keyof StatedDrift, unknown>>;
  return (
    isNumber(referenceC) &&
    isNumber(kgPerC) &&
    isNumber(lagMs) &&
    lagMs >= 0 &&
    typeof thermometer === 'string' &&
    thermometer.length <= MOST_ID_CHARACTERS
  );
}
