/**
 * A load cell's line from counts to kilograms, fitted to masses that were laid on it, with what it is uncertain by. A calibration is never
 * changed: a new one gets the next version, each weight names its own, and old counts can be weighed again by a later one.
 *
 * Source of the uncertainty: least squares as in ISO/TS 28037 and JCGM 100 (GUM), H.3: spread of the residuals, position on the line, and the
 * masses' own uncertainty, which does not average out because the same set is used.
 */
import type { StatedCalibration, StatedDrift } from '../protocol/calibration.ts';

export interface CalibrationPoint {
  /** Mean counts with the mass on the plate. */
  readonly counts: number;
  readonly massKg: number;
  /** Standard uncertainty of the mass (of class M1: a third of its tolerance). */
  readonly massUncertaintyKg?: number;
}

export interface Calibration {
  readonly version: number;
  /** ISO 8601. */
  readonly date: string;
  readonly zeroCounts: number;
  readonly countsPerKg: number;
  readonly points: readonly CalibrationPoint[];
  /** What the line says of each point, less its mass. */
  readonly residualsKg: readonly number[];
  /** Standard deviation of a single reading about the line; undefined where the points do not tell (fewer than three). */
  readonly residualSdKg?: number;
  /** Of the empty plate with temperature; masses that are laid on anew say nothing of it, and begin without. */
  readonly drift?: StatedDrift;
}

export type CalibrationResult =
  | { readonly kind: 'calibrated'; readonly calibration: Calibration }
  | { readonly kind: 'refused'; readonly message: string };

/** More points than anybody lays on; a bound on what is kept. */
const MOST_POINTS = 50;
/** Masses closer than this part of the largest do not fix a slope. */
const LEAST_SPREAD_PART = 0.05;

/**
 * Fits the line. One point takes the zero of the calibration before it; two fix a line; from three on its residuals tell how good it is.
 * Refused with what is wrong and what to do.
 */
export function calibrate(points: readonly CalibrationPoint[], date: string, before?: Calibration): CalibrationResult {
  const refused = (message: string): CalibrationResult => ({ kind: 'refused', message });
  if (points.length === 0) return refused('no mass was laid on: a calibration needs one at least');
  if (points.length > MOST_POINTS) return refused(`${points.length} points are more than the ${MOST_POINTS} that are kept`);
  const odd = points.find(({ counts, massKg }) => !Number.isFinite(counts) || !Number.isFinite(massKg) || massKg < 0);
  if (odd !== undefined) return refused(`a mass of ${odd.massKg} kg at ${odd.counts} counts is none: give 0 kg or more`);
  if (points.length === 1 && before === undefined)
    return refused('one mass fixes no line without an earlier calibration: add the empty plate as 0 kg');
  const all = points.length === 1 ? [{ counts: before!.zeroCounts, massKg: 0 }, ...points] : points;
  const masses = all.map(({ massKg }) => massKg);
  const heaviest = Math.max(...masses);
  if (heaviest - Math.min(...masses) < LEAST_SPREAD_PART * heaviest || heaviest === 0)
    return refused('the masses are nearly the same: lay on one much lighter, or none, as well');
  const line = fitLine(all);
  if (!(line.countsPerKg > 0))
    return refused('the counts fall when mass is laid on: the load cell is wired the wrong way round, swap A+ and A- (white and green)');
  return { kind: 'calibrated', calibration: onLine({ version: (before?.version ?? 0) + 1, date, ...line }, points) };
}

type Line = Pick<Calibration, 'version' | 'date' | 'zeroCounts' | 'countsPerKg' | 'drift'>;

function onLine({ version, date, zeroCounts, countsPerKg, drift }: Line, points: readonly CalibrationPoint[]): Calibration {
  const residualsKg = points.map(({ counts, massKg }) => (counts - zeroCounts) / countsPerKg - massKg);
  const squares = residualsKg.reduce((sum, one) => sum + one * one, 0);
  const residualSdKg = points.length > 2 ? { residualSdKg: Math.sqrt(squares / (points.length - 2)) } : {};
  return { version, date, zeroCounts, countsPerKg, points, residualsKg, ...residualSdKg, ...(drift && { drift }) };
}

/** A calibration from how it is told: residuals and their spread follow from the points. */
export const calibrationOf = ({ points, ...line }: StatedCalibration): Calibration =>
  onLine(
    line,
    points.map(([counts, massKg, massUncertaintyKg]) => ({ counts, massKg, massUncertaintyKg })),
  );

/** As it is told: what {@link calibrationOf} makes the same calibration of. */
export const statedOf = ({ version, date, zeroCounts, countsPerKg, points, drift }: Calibration): StatedCalibration => ({
  version,
  date,
  zeroCounts,
  countsPerKg,
  points: points.map(({ counts, massKg, massUncertaintyKg = 0 }) => [counts, massKg, massUncertaintyKg] as const),
  ...(drift && { drift }),
});

function fitLine(points: readonly CalibrationPoint[]): { zeroCounts: number; countsPerKg: number } {
  const { meanMass, spread } = momentsOf(points);
  const meanCounts = points.reduce((sum, { counts }) => sum + counts, 0) / points.length;
  const countsPerKg = points.reduce((sum, { counts, massKg }) => sum + (massKg - meanMass) * (counts - meanCounts), 0) / spread;
  return { countsPerKg, zeroCounts: meanCounts - countsPerKg * meanMass };
}

function momentsOf(points: readonly CalibrationPoint[]): { meanMass: number; spread: number } {
  const meanMass = points.reduce((sum, { massKg }) => sum + massKg, 0) / points.length;
  return { meanMass, spread: points.reduce((sum, { massKg }) => sum + (massKg - meanMass) ** 2, 0) };
}

/** Kilograms of counts by a calibration: also of counts that were kept before it was made. */
export const kgOf = ({ zeroCounts, countsPerKg }: Pick<Calibration, 'zeroCounts' | 'countsPerKg'>, counts: number): number =>
  (counts - zeroCounts) / countsPerKg;

/** Standard uncertainty of a weight that comes from the calibration, kg. Undefined where its points do not tell. */
export function calibrationUncertaintyKg({ points, residualSdKg }: Calibration, kg: number): number | undefined {
  if (residualSdKg === undefined) return undefined;
  const { meanMass, spread } = momentsOf(points);
  const line = residualSdKg * Math.sqrt(1 / points.length + (kg - meanMass) ** 2 / spread);
  const heaviest = points.reduce((most, point) => (point.massKg > most.massKg ? point : most));
  const masses = heaviest.massKg === 0 ? 0 : ((heaviest.massUncertaintyKg ?? 0) / heaviest.massKg) * Math.abs(kg);
  return Math.hypot(line, masses);
}

/** 95 % of weights lie within: coverage factor of the GUM. */
const COVERAGE = 2;

/** Expanded uncertainty (k = 2) of a weight from its sway and its calibration, kg. */
export const expandedUncertaintyKg = (swayKg: number, calibration: Calibration, kg: number): number =>
  COVERAGE * Math.hypot(swayKg, calibrationUncertaintyKg(calibration, kg) ?? 0);
