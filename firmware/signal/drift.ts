/**
 * How a load cell that nothing touches drifts: with temperature, which reaches the cell late, and with creep, which slows as the logarithm
 * of time (OIML R60 describes both). Fitted to idle readings, robustly, because somebody will bump the table.
 */

export interface IdleReading {
  readonly atMs: number;
  readonly kg: number;
  readonly temperatureC: number;
}

export interface DriftModel {
  readonly startMs: number;
  readonly referenceC: number;
  /** Time constant with which the cell follows the thermometer. */
  readonly lagMs: number;
  readonly offsetKg: number;
  readonly kgPerC: number;
  /** For each e-fold of (1 h + time since the start). */
  readonly creepKg: number;
  /** Robust standard deviation (1.4826 times the median deviation) of the readings it was fitted to, before and after. */
  readonly sigmaBeforeKg: number;
  readonly sigmaAfterKg: number;
}

const HOUR_MS = 3_600_000;
/** Lags tried: none, to that of a beam in an insulated box. */
const LAGS_MS = [0, 0.5, 1, 2, 4].map((hours) => hours * HOUR_MS);
/** Fewer readings say nothing of three unknowns. */
const LEAST_READINGS = 30;
/** Huber's: 95 % efficient where errors are normal. */
const HUBER = 1.345;
const ROUNDS = 8;

/** Undefined when there are too few readings. The readings must be in order of time. */
export function fitDrift(readings: readonly IdleReading[]): DriftModel | undefined {
  const known = readings.filter(({ atMs, kg, temperatureC }) => [atMs, kg, temperatureC].every(Number.isFinite));
  if (known.length < LEAST_READINGS) return undefined;
  const startMs = known[0]!.atMs;
  const referenceC = median(known.map(({ temperatureC }) => temperatureC));
  const kg = known.map((one) => one.kg);
  let best: DriftModel | undefined;
  for (const lagMs of LAGS_MS) {
    const lagged = laggedTemperatures(known, lagMs, referenceC);
    const rows = known.map(({ atMs }, at) => [1, lagged[at]! - referenceC, creepTime(atMs - startMs)] as const);
    const [offsetKg, kgPerC, creepKg] = robustFit(rows, kg);
    const rest = kg.map((value, at) => value - offsetKg - kgPerC * rows[at]![1] - creepKg * rows[at]![2]);
    const sigmaAfterKg = robustSigma(rest);
    if (best === undefined || sigmaAfterKg < best.sigmaAfterKg) {
      best = { startMs, referenceC, lagMs, offsetKg, kgPerC, creepKg, sigmaBeforeKg: robustSigma(kg), sigmaAfterKg };
    }
  }
  return best;
}

/** Readings with the drift taken off: what they would be at the reference temperature, after the creep. In order of time. */
export function withoutDrift(readings: readonly IdleReading[], model: DriftModel): number[] {
  const lagged = laggedTemperatures(readings, model.lagMs, model.referenceC);
  return readings.map(
    ({ atMs, kg }, at) => kg - model.kgPerC * (lagged[at]! - model.referenceC) - model.creepKg * creepTime(atMs - model.startMs),
  );
}

/** Follows a thermometer as a cell does: the temperature that it has by now. Told the room's when it changes; undefined until then. */
export interface LaggedTemperature {
  celsius: number;
  atMs: number;
}

/** A cell that stood there before it was looked at has the room's temperature. */
export function follow(cell: LaggedTemperature | undefined, roomC: number, lagMs: number, atMs: number): LaggedTemperature {
  if (cell === undefined) return { celsius: roomC, atMs };
  const part = lagMs === 0 ? 1 : 1 - Math.exp(-Math.max(0, atMs - cell.atMs) / lagMs);
  return { celsius: cell.celsius + part * (roomC - cell.celsius), atMs };
}

/** What the plate reads at the reference temperature by now, kg. */
export const creptKg = ({ offsetKg, creepKg, startMs }: DriftModel, nowMs: number): number =>
  offsetKg + creepKg * creepTime(nowMs - startMs);

const creepTime = (sinceMs: number): number => Math.log1p(Math.max(0, sinceMs) / HOUR_MS);

function laggedTemperatures(readings: readonly IdleReading[], lagMs: number, first: number): number[] {
  let cell: LaggedTemperature = { celsius: first, atMs: readings[0]?.atMs ?? 0 };
  return readings.map(({ atMs, temperatureC }) => {
    cell = follow(cell, temperatureC, lagMs, atMs);
    return cell.celsius;
  });
}

type Three = readonly [number, number, number];

/** Huber regression by reweighted least squares. */
function robustFit(rows: readonly Three[], values: readonly number[]): Three {
  let weights = values.map(() => 1);
  let fit: Three = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    fit = leastSquares(rows, values, weights);
    const rest = values.map((value, at) => value - dot(fit, rows[at]!));
    const scale = Math.max(Number.EPSILON, HUBER * robustSigma(rest));
    weights = rest.map((one) => Math.min(1, scale / Math.max(Number.EPSILON, Math.abs(one))));
  }
  return fit;
}

const dot = (a: Three, b: Three): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Normal equations of three unknowns by elimination. A column that never changes gets 0. */
function leastSquares(rows: readonly Three[], values: readonly number[], weights: readonly number[]): Three {
  const m = [0, 1, 2].map(() => [0, 0, 0, 0]);
  for (const [at, row] of rows.entries()) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) m[i]![j]! += weights[at]! * row[i]! * row[j]!;
      m[i]![3]! += weights[at]! * row[i]! * values[at]!;
    }
  }
  for (let i = 0; i < 3; i++) {
    const pivot = m[i]![i]!;
    if (Math.abs(pivot) < 1e-12) {
      m[i] = [0, 1, 2].map((j) => (i === j ? 1 : 0)).concat(0);
      continue;
    }
    for (let k = 0; k < 3; k++) {
      if (k === i) continue;
      const factor = m[k]![i]! / pivot;
      for (let j = i; j < 4; j++) m[k]![j]! -= factor * m[i]![j]!;
    }
  }
  return [m[0]![3]! / m[0]![0]!, m[1]![3]! / m[1]![1]!, m[2]![3]! / m[2]![2]!];
}

/** 1.4826 times the median deviation: the standard deviation of normal errors, blind to a few bumps. */
export function robustSigma(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
