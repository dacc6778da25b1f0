/** How often a signal repeats, by its normalised autocorrelation. */

export interface Periodicity {
  /** In samples, between whole ones; 0 when nothing repeats. */
  readonly period: number;
  /** Mean correlation at one and two periods, at most 1. */
  readonly score: number;
}

/** A multiple of the period repeats as well: the shortest period that reaches this part of the best score is taken. */
const SHORTER_WINS = 0.8;

/** The period of a signal (its mean taken out) between two bounds, in samples. Twice the longest must fit into the signal, with some to spare. */
export function periodicity(signal: ArrayLike<number>, shortest: number, longest: number): Periodicity {
  const most = Math.min(2 * longest + 1, signal.length - 2);
  const c = new Float64Array(most + 2);
  const squares = new Float64Array(signal.length + 1);
  for (let at = 0; at < signal.length; at++) squares[at + 1] = squares[at]! + signal[at]! ** 2;
  for (let lag = shortest - 1; lag <= most; lag++) {
    let sum = 0;
    for (let at = 0; at + lag < signal.length; at++) sum += signal[at]! * signal[at + lag]!;
    const norm = Math.sqrt(squares[signal.length - lag]! * (squares[signal.length]! - squares[lag]!));
    c[lag] = norm > 0 ? sum / norm : 0;
  }
  const isTop = (lag: number): boolean => c[lag]! >= c[lag - 1]! && c[lag]! >= c[lag + 1]!;
  const scoreAt = (lag: number): number => (isTop(lag) ? (c[lag]! + highestNear(c, 2 * lag, most)) / 2 : 0);
  let best = 0;
  for (let lag = shortest; lag <= longest; lag++) best = Math.max(best, scoreAt(lag));
  if (best <= 0) return { period: 0, score: 0 };
  let lag = shortest;
  while (scoreAt(lag) < SHORTER_WINS * best) lag++;
  const curve = c[lag - 1]! - 2 * c[lag]! + c[lag + 1]!;
  const offset = curve < 0 ? (c[lag - 1]! - c[lag + 1]!) / (2 * curve) : 0;
  return { period: lag + Math.max(-0.5, Math.min(0.5, offset)), score: scoreAt(lag) };
}

/** The double of a period that is not quite whole lies beside its double. */
function highestNear(c: Float64Array, lag: number, most: number): number {
  const from = Math.max(0, lag - 2);
  let highest = -1;
  for (let at = from; at <= Math.min(most, lag + 2); at++) highest = Math.max(highest, c[at]!);
  return highest;
}

/** Means over an odd number of samples around each; shorter at the ends. */
export function movingMean(signal: ArrayLike<number>, width: number): Float64Array {
  const half = width >> 1;
  const sums = new Float64Array(signal.length + 1);
  for (let at = 0; at < signal.length; at++) sums[at + 1] = sums[at]! + signal[at]!;
  return Float64Array.from({ length: signal.length }, (_, at) => {
    const from = Math.max(0, at - half);
    const to = Math.min(signal.length, at + half + 1);
    return (sums[to]! - sums[from]!) / (to - from);
  });
}
