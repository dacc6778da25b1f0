/**
 * From the load on a plate to the weight of the person on it: one reading for each time that somebody stands still.
 *
 * A standing person's force sways by 0.1 to 0.2 % of body weight with posture (0.1 to 0.5 Hz), breathing and heart beat. The mean over
 * two seconds averages the faster parts; a reading is taken once that window is quiet and level, which a person reaches
 * within three seconds of standing still. Plain state, no clock: samples bring their own time.
 */

/** Lighter than a small child: a pet's paw, a towel, drift. */
const STEP_ON_KG = 5;
/** Gone: well below stepping on, so that a reading at the border does not flicker. */
const STEP_OFF_KG = 3;
/** Nobody weighs more; a scale's cells are spoiled before. A reading above is a fault of wiring. */
const MOST_KG = 300;
const WINDOW_MS = 2000;
/** A gap this long in the samples breaks the window: what lies between is unknown. */
const LONGEST_GAP_MS = 500;
/** Standing still: the window's spread, and the difference of its halves, as parts of the weight with a floor for the light. */
const QUIET_PART = 0.004;
const QUIET_FLOOR_KG = 0.1;
const LEVEL_PART = 0.0015;
const LEVEL_FLOOR_KG = 0.05;
/** Sway keeps its sign for about this long, so a window holds so many independent looks. */
const CORRELATION_MS = 400;
/** Zero follows slow drift only: this part of the difference each second, within these bounds of the tare. */
const ZERO_TRACKING_PER_SECOND = 0.02;
const MOST_ZERO_KG = 1;

export interface LoadSample {
  readonly atMs: number;
  /** By the calibration, before tracking of the zero. */
  readonly kg: number;
}

export type WeighEvent =
  | { readonly kind: 'stepped-on' }
  | {
      readonly kind: 'weighed';
      readonly kg: number;
      /** Standard uncertainty of the mean, from the sway alone; calibration adds its own. */
      readonly uncertaintyKg: number;
      readonly atMs: number;
      readonly spanMs: number;
    }
  | { readonly kind: 'stepped-off'; readonly weighed: boolean };

export type WeighPhase = 'empty' | 'settling' | 'weighed';

export interface Weigher {
  /** Takes a sample. A value that no scale can have (not finite, absurd) is dropped and breaks the window. */
  push(sample: LoadSample): WeighEvent | undefined;
  readonly phase: WeighPhase;
  /** Load now, zero taken off; undefined before the first sample. */
  readonly kg: number | undefined;
  /** What tracking has found the empty plate to read, kg. */
  readonly zeroKg: number;
}

export function createWeigher(): Weigher {
  let window: LoadSample[] = [];
  let phase: WeighPhase = 'empty';
  let zeroKg = 0;
  let now: LoadSample | undefined;

  const trackZero = (sample: LoadSample, sinceMs: number): void => {
    if (Math.abs(sample.kg) > MOST_ZERO_KG) return;
    const step = Math.min(1, (ZERO_TRACKING_PER_SECOND * sinceMs) / 1000);
    zeroKg = Math.max(-MOST_ZERO_KG, Math.min(MOST_ZERO_KG, zeroKg + (sample.kg - zeroKg) * step));
  };
  const settle = (): WeighEvent | undefined => {
    const spanMs = window.at(-1)!.atMs - window[0]!.atMs;
    if (spanMs < WINDOW_MS * 0.95) return undefined;
    const { mean, sd, tilt } = spreadOf(window);
    const isQuiet = sd <= Math.max(QUIET_FLOOR_KG, QUIET_PART * mean);
    const isLevel = Math.abs(tilt) <= Math.max(LEVEL_FLOOR_KG, LEVEL_PART * mean);
    if (!isQuiet || !isLevel) return undefined;
    phase = 'weighed';
    return { kind: 'weighed', kg: mean, uncertaintyKg: sd * Math.sqrt(CORRELATION_MS / spanMs), atMs: window.at(-1)!.atMs, spanMs };
  };

  return {
    push(raw) {
      if (!Number.isFinite(raw.kg) || !Number.isFinite(raw.atMs) || Math.abs(raw.kg) > MOST_KG) {
        window = [];
        return undefined;
      }
      const sinceMs = now === undefined ? 0 : raw.atMs - now.atMs;
      if (sinceMs > LONGEST_GAP_MS) window = [];
      const sample = { atMs: raw.atMs, kg: raw.kg - zeroKg };
      now = sample;
      if (phase === 'empty') {
        if (sample.kg < STEP_ON_KG) {
          trackZero(raw, sinceMs);
          return undefined;
        }
        phase = 'settling';
        window = [sample];
        return { kind: 'stepped-on' };
      }
      if (sample.kg < STEP_OFF_KG) {
        const weighed = phase === 'weighed';
        phase = 'empty';
        window = [];
        return { kind: 'stepped-off', weighed };
      }
      if (phase === 'weighed') return undefined;
      window.push(sample);
      while (window[0]!.atMs < sample.atMs - WINDOW_MS) window.shift();
      return settle();
    },
    get phase() {
      return phase;
    },
    get kg() {
      return now?.kg;
    },
    get zeroKg() {
      return zeroKg;
    },
  };
}

function spreadOf(window: readonly LoadSample[]): { mean: number; sd: number; tilt: number } {
  const mean = meanOf(window);
  const variance = window.reduce((sum, { kg }) => sum + (kg - mean) ** 2, 0) / Math.max(1, window.length - 1);
  const half = window.length >> 1;
  return { mean, sd: Math.sqrt(variance), tilt: meanOf(window.slice(half)) - meanOf(window.slice(0, half)) };
}

const meanOf = (samples: readonly LoadSample[]): number => samples.reduce((sum, { kg }) => sum + kg, 0) / samples.length;
