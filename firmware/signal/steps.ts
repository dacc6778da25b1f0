/**
 * Steps from acceleration, at any rate of 12 to 200 Hz and wherever the sensor is carried.
 *
 * The magnitude of acceleration (which needs no orientation) is brought to 25 Hz and band-limited to human gait. Over windows of five
 * seconds, each a second after the last, the autocorrelation tells whether the motion repeats and how often: the period
 * whose multiples agree best within the range of walking and running. While it repeats, steps are the integral of that rate. Counting
 * rhythm rather than peaks makes a soft pocket and a swinging hand count alike, and typing, driving and a shaken table count nothing.
 * Source of the idea: autocorrelation step detection as in A. Rai et al., "Zee" (MobiCom 2012), section 4.
 */

const RATE_HZ = 25;
const WINDOW = 5 * RATE_HZ;
const HOP = RATE_HZ;
/** Steps a second: slow walking to running. */
const SLOWEST_HZ = 1.2;
const FASTEST_HZ = 3.2;
/** Standard deviation of the magnitude below which nobody walks, g. */
const LEAST_MOTION_G = 0.03;
/** Normalised autocorrelation at the step or stride period above which motion is gait. */
const LEAST_RHYTHM = 0.4;
/** Rhythm must last: a single window may be chance. */
const LEAST_WINDOWS = 3;
/** Half-width of the moving mean that takes gravity and drift out: 1 s. */
const DRIFT = RATE_HZ / 2;

export interface StepWindow {
  /** Time of the end of the second that the steps belong to. */
  readonly atMs: number;
  /** Steps of that second, a fraction; sums are rounded by who shows them. */
  readonly steps: number;
}

export interface StepCounter {
  /** Takes a sample: its time and the magnitude of acceleration in g. Returns seconds that are now decided. */
  push(atMs: number, magnitudeG: number): StepWindow[];
}

/** Magnitude of an acceleration vector. */
export const magnitudeOf = ([x, y, z]: readonly [number, number, number]): number => Math.hypot(x, y, z);

export function createStepCounter(): StepCounter {
  const samples: number[] = [];
  let nextMs: number | undefined;
  let before: { atMs: number; g: number } | undefined;
  let untilHop = WINDOW;
  let held: StepWindow[] = [];

  const decide = (atMs: number): StepWindow[] => {
    const stepsPerSecond = rhythmOf(samples);
    // The window's middle second is what it speaks of.
    const decided = { atMs: atMs - ((WINDOW - HOP) / 2 / RATE_HZ) * 1000, steps: (stepsPerSecond * HOP) / RATE_HZ };
    if (decided.steps === 0) {
      held = [];
      return [decided];
    }
    held.push(decided);
    if (held.length < LEAST_WINDOWS) return [];
    const out = held.splice(0);
    // Rhythm is established: from here on each window counts at once.
    held = Array.from({ length: LEAST_WINDOWS - 1 }, () => ({ atMs: 0, steps: 0 }));
    return out.filter(({ steps }) => steps > 0);
  };

  return {
    push(atMs, magnitudeG) {
      if (!Number.isFinite(magnitudeG) || !Number.isFinite(atMs)) return [];
      const out: StepWindow[] = [];
      // A gap or a clock that went back: what lies between is unknown, so the window starts anew.
      if (before === undefined || nextMs === undefined || atMs <= before.atMs || atMs - before.atMs > 1000) {
        if (before === undefined || atMs !== before.atMs) {
          samples.length = 0;
          untilHop = WINDOW;
          held = [];
          nextMs = atMs;
          before = { atMs, g: magnitudeG };
        }
        return out;
      }
      while (nextMs <= atMs) {
        const part = (nextMs - before.atMs) / (atMs - before.atMs);
        samples.push(before.g + (magnitudeG - before.g) * Math.max(0, part));
        if (samples.length > WINDOW) samples.shift();
        if (--untilHop === 0) {
          untilHop = HOP;
          out.push(...decide(nextMs));
        }
        nextMs += 1000 / RATE_HZ;
      }
      before = { atMs, g: magnitudeG };
      return out;
    },
  };
}

/** Steps a second in a window of magnitudes; 0 when they do not repeat as gait does. */
function rhythmOf(magnitudes: readonly number[]): number {
  const signal = smooth(withoutDrift(magnitudes));
  const power = signal.reduce((sum, value) => sum + value * value, 0) / signal.length;
  if (Math.sqrt(power) < LEAST_MOTION_G) return 0;
  const shortest = Math.floor(RATE_HZ / FASTEST_HZ);
  const longest = Math.ceil(RATE_HZ / SLOWEST_HZ);
  const lags = longest * 2 + 2;
  const correlation = Array.from({ length: lags }, (_, lag) => correlationAt(signal, lag));
  let best = { lag: 0, score: 0 };
  for (let lag = shortest; lag <= longest; lag++) {
    // A step's period repeats at twice itself; a stride's (two steps) does not repeat at half.
    const score = (correlation[lag]! + correlation[lag * 2]!) / 2;
    const isPeak = correlation[lag]! >= correlation[lag - 1]! && correlation[lag]! >= correlation[lag + 1]!;
    if (isPeak && score > best.score) best = { lag, score };
  }
  if (best.score < LEAST_RHYTHM) return 0;
  const fine = best.lag + peakOffset(correlation[best.lag - 1]!, correlation[best.lag]!, correlation[best.lag + 1]!);
  return RATE_HZ / fine;
}

function withoutDrift(values: readonly number[]): number[] {
  const half = Math.floor(DRIFT);
  return values.map((value, index) => {
    const from = Math.max(0, index - half);
    const to = Math.min(values.length, index + half + 1);
    let sum = 0;
    for (let at = from; at < to; at++) sum += values[at]!;
    return value - sum / (to - from);
  });
}

/** Binomial smoothing over five samples: -3 dB at 4 Hz of 25. */
function smooth(values: readonly number[]): number[] {
  const at = (index: number): number => values[Math.min(values.length - 1, Math.max(0, index))]!;
  return values.map((value, index) => (at(index - 2) + 4 * at(index - 1) + 6 * value + 4 * at(index + 1) + at(index + 2)) / 16);
}

function correlationAt(signal: readonly number[], lag: number): number {
  let product = 0;
  let left = 0;
  let right = 0;
  for (let at = 0; at + lag < signal.length; at++) {
    const a = signal[at]!;
    const b = signal[at + lag]!;
    product += a * b;
    left += a * a;
    right += b * b;
  }
  return left === 0 || right === 0 ? 0 : product / Math.sqrt(left * right);
}

/** Top of the parabola through three neighbours, from the middle one. */
function peakOffset(before: number, peak: number, after: number): number {
  const curve = before - 2 * peak + after;
  return curve === 0 ? 0 : Math.max(-0.5, Math.min(0.5, (before - after) / (2 * curve)));
}
