/**
 * From the load on a plate to the weight of the person on it: a reading each time that somebody stands still.
 *
 * A standing person's force sways: with the heart (1 to 2 Hz, and its ring at 3 to 8 Hz, most of the power), with breathing (0.25 Hz) and
 * posture (below). A plain mean over 2.5 s is as good as any weighting of it (a weighting made best for other persons' spectra gains
 * nothing), and on force plates it is within 0.1 kg of a minute's mean from any second. What is left
 * between trials of one person is the plate's own drift, up to 0.06 kg for tens of seconds: a body that pressed so would be on its way.
 * So each visit takes its zero from the plate just before it, and says how far the last one moved it (empty-plate.ts).
 * Plain state, no clock: samples bring their own time.
 */
import { type EmptyPlate, emptyLook, isReady, occupied, startEmptyPlate, zeroUncertaintyKg } from './empty-plate.ts';

/** Lighter than a small child: a pet's paw, a towel, drift. */
const STEP_ON_KG = 5;
/** Gone: well below stepping on, so that a reading at the border does not flicker. */
const STEP_OFF_KG = 3;
/** Nobody weighs more; a scale's cells are spoiled before. A reading above is a fault of wiring. */
const MOST_KG = 300;
const WINDOW_MS = 2500;
/** Half a second is left for stepping on and for a late sample within the three that a reading may take. */
const LEAST_SPAN_MS = WINDOW_MS * 0.95;
/** A gap this long in the samples breaks the window: what lies between is unknown. */
const LONGEST_GAP_MS = 500;
/** Standing still: the window's spread, and the difference of its halves, as parts of the weight with a floor for the light. */
const QUIET_PART = 0.004;
const QUIET_FLOOR_KG = 0.1;
const LEVEL_PART = 0.002;
const LEVEL_FLOOR_KG = 0.05;
/** Sway keeps its sign for about this long, so a window holds so many independent looks. */
const CORRELATION_MS = 100;
/** What breathing and posture leave in a mean over the window, as part of the weight (0.018 kg of 67 kg over 33 minutes of standing). */
const SLOW_SWAY_PART = 0.0003;
/** More than this above a reading that was given: only now both feet are on the plate. */
const PARTIAL_PART = 0.05;
/** Who moves so long will not be weighed unless told to stand still. */
const RESTLESS_MS = 15_000;

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
      /** Standard uncertainty of the mean, from the sway and the zero; calibration adds its own. */
      readonly uncertaintyKg: number;
      readonly atMs: number;
      readonly spanMs: number;
      /** An earlier reading of this person was of one foot, or of somebody who held on to something: this one takes its place. */
      readonly corrects: boolean;
    }
  /** Somebody stands there and moves: told once. */
  | { readonly kind: 'restless' }
  | { readonly kind: 'stepped-off'; readonly weighed: boolean };

export type WeighPhase = 'empty' | 'settling' | 'weighed';

/** Plain values, to be kept as JSON. */
export interface WeighState {
  window: LoadSample[];
  phase: WeighPhase;
  plate: EmptyPlate;
  now: LoadSample | undefined;
  /** Of the person who stands there. */
  sinceMs: number;
  given: number | undefined;
  toldRestless: boolean;
}

export interface Weigher {
  /** Takes a sample. A value that no scale can have (not finite, absurd) is dropped and breaks the window. */
  push(sample: LoadSample): WeighEvent | undefined;
  readonly phase: WeighPhase;
  /** Load now, zero taken off; undefined before the first sample. */
  readonly kg: number | undefined;
  /** What the empty plate was found to read, kg. */
  readonly zeroKg: number;
  /** Whether the plate was seen empty and still: who steps on now is weighed with the zero of this moment. */
  readonly isReady: boolean;
  /** To be kept, and given to {@link createWeigher} again. */
  readonly state: WeighState;
}

const startWeigh = (): WeighState => ({
  window: [],
  phase: 'empty',
  plate: startEmptyPlate(),
  now: undefined,
  sinceMs: 0,
  given: undefined,
  toldRestless: false,
});

export function createWeigher(kept?: WeighState): Weigher {
  const state = kept ?? startWeigh();
  return {
    push: (sample) => weighSample(state, sample),
    get phase() {
      return state.phase;
    },
    get kg() {
      return state.now?.kg;
    },
    get zeroKg() {
      return state.plate.zeroKg;
    },
    get isReady() {
      return state.phase === 'empty' && isReady(state.plate);
    },
    get state() {
      return state;
    },
  };
}

function weighSample(state: WeighState, raw: LoadSample): WeighEvent | undefined {
  if (!Number.isFinite(raw.kg) || !Number.isFinite(raw.atMs) || Math.abs(raw.kg) > MOST_KG) {
    state.window = [];
    return undefined;
  }
  const before = state.now;
  const sinceMs = before === undefined ? 0 : raw.atMs - before.atMs;
  // Longer, or a clock set back: the window's samples do not belong together.
  if (sinceMs > LONGEST_GAP_MS || sinceMs < 0) state.window = [];
  const sample = { atMs: raw.atMs, kg: raw.kg - state.plate.zeroKg };
  state.now = sample;
  if (state.phase === 'empty') {
    if (sample.kg >= STEP_ON_KG) return stepOn(state, raw);
    emptyLook(state.plate, raw.atMs, raw.kg);
    return undefined;
  }
  if (sample.kg < STEP_OFF_KG) {
    const weighed = state.phase === 'weighed';
    Object.assign(state, { phase: 'empty', window: [], given: undefined });
    return { kind: 'stepped-off', weighed };
  }
  state.window.push(sample);
  while (state.window[0]!.atMs < sample.atMs - WINDOW_MS) state.window.shift();
  return settle(state) ?? restless(state, sample);
}

function stepOn(state: WeighState, raw: LoadSample): WeighEvent {
  occupied(state.plate);
  const sample = { atMs: raw.atMs, kg: raw.kg - state.plate.zeroKg };
  Object.assign(state, { phase: 'settling', window: [sample], now: sample, sinceMs: raw.atMs, given: undefined, toldRestless: false });
  return { kind: 'stepped-on' };
}

function settle(state: WeighState): WeighEvent | undefined {
  const { window, given, sinceMs } = state;
  const spanMs = window.at(-1)!.atMs - window[0]!.atMs;
  if (spanMs < LEAST_SPAN_MS) return undefined;
  // The load of a foot being set down is on its way up.
  if (window[0]!.atMs === sinceMs && window[0]!.kg < window.at(-1)!.kg * (1 - PARTIAL_PART)) return undefined;
  const { mean, sd, tilt } = spreadOf(window);
  if (given !== undefined && mean < given * (1 + PARTIAL_PART)) return undefined;
  const isQuiet = sd <= Math.max(QUIET_FLOOR_KG, QUIET_PART * mean);
  const isLevel = Math.abs(tilt) <= Math.max(LEVEL_FLOOR_KG, LEVEL_PART * mean);
  if (!isQuiet || !isLevel) return undefined;
  state.phase = 'weighed';
  state.given = mean;
  const uncertaintyKg = Math.hypot(sd * Math.sqrt(CORRELATION_MS / spanMs), SLOW_SWAY_PART * mean, zeroUncertaintyKg(state.plate));
  return { kind: 'weighed', kg: mean, uncertaintyKg, atMs: window.at(-1)!.atMs, spanMs, corrects: given !== undefined };
}

function restless(state: WeighState, sample: LoadSample): WeighEvent | undefined {
  if (state.phase !== 'settling' || state.toldRestless || sample.atMs - state.sinceMs < RESTLESS_MS) return undefined;
  state.toldRestless = true;
  return { kind: 'restless' };
}

function spreadOf(window: readonly LoadSample[]): { mean: number; sd: number; tilt: number } {
  let sum = 0;
  let firstHalf = 0;
  const half = window.length >> 1;
  for (let at = 0; at < window.length; at++) {
    sum += window[at]!.kg;
    if (at < half) firstHalf += window[at]!.kg;
  }
  const mean = sum / window.length;
  let squares = 0;
  for (const { kg } of window) squares += (kg - mean) ** 2;
  const tilt = (sum - firstHalf) / (window.length - half) - firstHalf / half;
  return { mean, sd: Math.sqrt(squares / Math.max(1, window.length - 1)), tilt };
}
