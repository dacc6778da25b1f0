/**
 * Whether a few seconds of movement repeat as gait does, and how often a foot falls.
 *
 * Both feet's falls repeat after a stride, and mostly, less alike, after a step. The autocorrelation shows both; the shortest period that repeats
 * about as well as the best is taken, and its double must repeat too. (Rai et al., "Zee", MobiCom 2012, section 4, counts steps by
 * autocorrelation; how period and double combine, and slow gait, are our own.)
 *
 * A swinging arm shows the stride and hardly the step. Of a long period only its double tells which it is: two strides repeat as well as
 * one, two steps better than one. Where the last seconds were clear they are asked too, for a turn spoils the rhythm and not the pace.
 */

/** Movement is looked at 24 times a second: twice the fastest harmonic of gait that matters, and halves of a second are whole samples. */
export const GAIT_RATE_HZ = 24;

export interface RhythmLimits {
  /** Periods, in samples at {@link GAIT_RATE_HZ}: 3 steps a second (a run) to 0.7 (an old person's walk). */
  readonly shortest: number;
  readonly longest: number;
  /** Standard deviation of the magnitude below which nobody walks, g. */
  readonly leastG: number;
  /** The same for usual and fast walking, which shakes more (Menz et al., Gait Posture 18 (2003) 35-46: 0.1 g and more from 1.2 Hz). */
  readonly leastBriskG: number;
  /** Above this, a period of more than 0.8 s may be a stride of two steps: few shake so much at less than 1.2 steps a second (Menz). */
  readonly mostSlowG: number;
  /** It is not where its double repeats better by this much: half of what a wrist shows between left and right, which is 0.2 to 0.4. */
  readonly strideAlike: number;
  /** Score from which a window speaks for those after it. */
  readonly clear: number;
  /** A shorter period wins over the best-repeating one when it reaches this part of its score: a multiple repeats as well. */
  readonly shorterWins: number;
}

export const rhythmLimits: RhythmLimits = {
  shortest: 8,
  longest: 34,
  leastG: 0.03,
  leastBriskG: 0.06,
  mostSlowG: 0.1,
  strideAlike: 0.15,
  clear: 0.65,
  shorterWins: 0.8,
};

/** Steps a second between slow and usual walking. */
const SLOW_HZ = 1.2;
/** Vibration faster than steps would show at its multiples: looked for from here, 6 Hz. */
const FASTEST_LAG = 4;
/** From here the double period is the finer measure of the rate. */
const LEAST_DOUBLE = 0.3;
/** Windows, seconds apart, that are asked what a period is: a walk's pace holds so long. */
const LOOK_BACK = 10;
/** Change of a pace that goes on, as a part. */
const SAME_PACE = 0.1;

export interface Rhythm {
  /** Steps a second; 0 when nothing repeats as gait does. */
  readonly stepsHz: number;
  /** Mean of the correlations at a step and at two, -1 to 1. */
  readonly score: number;
  /** Standard deviation of the window, g. */
  readonly sdG: number;
  /** By how much the double of a long period repeats better than the period, where that is clear. */
  readonly doubleGain?: number | undefined;
}

/** A scratch pad, so that a day of windows makes no garbage. */
export interface RhythmScratch {
  readonly energy: Float64Array;
  readonly correlation: Float64Array;
}
export const rhythmScratch = (window: number, limits: RhythmLimits = rhythmLimits): RhythmScratch => ({
  energy: new Float64Array(window + 1),
  correlation: new Float64Array(2 * limits.longest + 4),
});

/** Rhythm of a window of `signal`, whose mean must be taken out; `before` are those of the seconds before it, the newest last. */
export function rhythmOf(
  signal: ArrayLike<number>,
  scratch: RhythmScratch,
  before: readonly Rhythm[] = [],
  limits: RhythmLimits = rhythmLimits,
): Rhythm {
  const sdG = energyOf(signal, scratch);
  const none: Rhythm = { stepsHz: 0, score: 0, sdG };
  if (sdG < limits.leastG) return none;
  correlate(signal, scratch, limits);
  const { correlation: c } = scratch;
  let best = 0;
  for (let lag = FASTEST_LAG; lag <= limits.longest; lag++) best = Math.max(best, scoreAt(c, lag));
  let lag = FASTEST_LAG;
  while (lag <= limits.longest && !(scoreAt(c, lag) >= limits.shorterWins * best && best > 0)) lag++;
  if (lag > limits.longest || lag < limits.shortest) return none;
  const double = topNear(c, 2 * lag);
  const rate = c[double]! > LEAST_DOUBLE ? (2 * GAIT_RATE_HZ) / fine(c, double) : GAIT_RATE_HZ / fine(c, lag);
  const score = scoreAt(c, lag);
  const mayBeStride = sdG > limits.mostSlowG && (rate < SLOW_HZ || goesOn(2 * rate, before, limits));
  const doubleGain = mayBeStride && score >= limits.clear ? c[double]! - c[lag]! : undefined;
  const stepsHz = mayBeStride && meanGain(doubleGain, before) < limits.strideAlike ? 2 * rate : rate;
  if (stepsHz > SLOW_HZ && sdG < limits.leastBriskG) return none;
  return { stepsHz, score, sdG, doubleGain };
}

/** Whether this was the pace when it last was clear: nobody steps half as often from one second to the next. */
function goesOn(stepsHz: number, before: readonly Rhythm[], { clear }: RhythmLimits): boolean {
  for (let at = before.length - 1; at >= Math.max(0, before.length - LOOK_BACK); at--)
    if (before[at]!.score >= clear) return Math.abs(stepsHz / before[at]!.stepsHz - 1) < SAME_PACE;
  return false;
}

/** Mean over this window and those before that were clear; 0 when none was. */
function meanGain(own: number | undefined, before: readonly Rhythm[]): number {
  let sum = own ?? 0;
  let count = own === undefined ? 0 : 1;
  for (let at = Math.max(0, before.length - LOOK_BACK); at < before.length; at++) {
    const { doubleGain } = before[at]!;
    if (doubleGain === undefined) continue;
    sum += doubleGain;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** Running sums of squares, for the norms of the correlation; returns the standard deviation. */
function energyOf(signal: ArrayLike<number>, { energy }: RhythmScratch): number {
  energy[0] = 0;
  for (let at = 0; at < signal.length; at++) energy[at + 1] = energy[at]! + signal[at]! * signal[at]!;
  return Math.sqrt(energy[signal.length]! / signal.length);
}

function correlate(signal: ArrayLike<number>, { energy, correlation }: RhythmScratch, { longest }: RhythmLimits): void {
  const { length } = signal;
  for (let lag = FASTEST_LAG - 1; lag < 2 * longest + 3; lag++) {
    let sum = 0;
    for (let at = 0; at + lag < length; at++) sum += signal[at]! * signal[at + lag]!;
    const norm = Math.sqrt(energy[length - lag]! * (energy[length]! - energy[lag]!));
    correlation[lag] = norm > 0 ? sum / norm : 0;
  }
}

/** Score of a period: 0 where the correlation has no top. */
function scoreAt(c: Float64Array, lag: number): number {
  if (!(c[lag]! >= c[lag - 1]! && c[lag]! >= c[lag + 1]!)) return 0;
  return (c[lag]! + c[topNear(c, 2 * lag)]!) / 2;
}

/** The highest of a lag and its neighbours. */
function topNear(c: Float64Array, lag: number): number {
  if (c[lag - 1]! > c[lag]! && c[lag - 1]! > c[lag + 1]!) return lag - 1;
  return c[lag + 1]! > c[lag]! ? lag + 1 : lag;
}

/** Top of the parabola through three neighbours. */
function fine(c: Float64Array, lag: number): number {
  const curve = c[lag - 1]! - 2 * c[lag]! + c[lag + 1]!;
  return curve < 0 ? lag + Math.max(-0.5, Math.min(0.5, (c[lag - 1]! - c[lag + 1]!) / (2 * curve))) : lag;
}
