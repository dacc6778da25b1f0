/**
 * Sensirion's gas index: from the raw ticks of an SGP40 or SGP41 to a VOC index (100 is this room's usual air) or a NOx index
 * (1 is usual), 1 to 500. It learns the room's mean and deviation over hours, so its state is kept over restarts.
 *
 * Source: Sensirion's description and BSD-3 reference, gas-index-algorithm 3.2.0 (names of the parameters are theirs). The reference
 * counts in single precision; so does this (Math.fround), so that outputs are equal and not merely close.
 */

export type GasIndexKind = 'voc' | 'nox';

export interface GasIndexTuning {
  readonly indexOffset: number;
  readonly learningTimeOffsetHours: number;
  readonly learningTimeGainHours: number;
  readonly gatingMaxDurationMinutes: number;
  readonly stdInitial: number;
  readonly gainFactor: number;
}

/** Everything that the next sample depends on: plain numbers, to be kept as JSON. */
export interface GasIndexState {
  readonly kind: GasIndexKind;
  readonly samplingIntervalS: number;
  readonly tuning: GasIndexTuning;
  uptimeS: number;
  sraw: number;
  gasIndex: number;
  learned: boolean;
  mean: number;
  srawOffset: number;
  std: number;
  uptimeGammaS: number;
  uptimeGatingS: number;
  gatingMinutes: number;
  filter: { readonly x1: number; readonly x2: number; readonly x3: number } | undefined;
}

const f = Math.fround;
const add = (a: number, b: number): number => f(a + b);
const sub = (a: number, b: number): number => f(a - b);
const mul = (a: number, b: number): number => f(f(a) * f(b));
const div = (a: number, b: number): number => f(f(a) / f(b));
const exp = (x: number): number => f(Math.exp(x));
const sqrt = (x: number): number => f(Math.sqrt(x));

const BLACKOUT_S = 45;
/** Factor by which the reference scales its learning rates. */
const GAMMA_SCALING = 64;
const MEAN_SCALING = 8;
/** Uptime counts up to what the first, fixed-point version could hold. */
const MOST_UPTIME_S = 32_767;
const INIT_TRANSITION = f(0.01);
const GATING_TRANSITION = f(0.09);
const GATING_INITIAL = 510;
const GATING_MAX_RATIO = f(0.3);
const TAU_INITIAL_VARIANCE_S = 2500;
const STD_BONUS_VOC = 220;
const STD_NOX = 2000;
const LOWPASS = { fastS: 20, slowS: 500, alpha: f(-0.2) } as const;
/** What an uptime is set to when a kept mean is taken up again. */
const RESUMED_UPTIME_S = 3 * 3600;
const MOST_INDEX = 500;

const KINDS = {
  voc: {
    srawMinimum: 20_000,
    offsetDefault: 100,
    gatingThreshold: 340,
    gatingMinutes: 180,
    tauInitialMeanS: 20,
    initMeanS: 3600 * 0.75,
    initVarianceS: f(3600 * f(1.45)),
    sigmoid: { k: f(-0.0065), x0: 213 },
  },
  nox: {
    srawMinimum: 10_000,
    offsetDefault: 1,
    gatingThreshold: 30,
    gatingMinutes: 720,
    tauInitialMeanS: 1200,
    initMeanS: 3600 * 4.75,
    initVarianceS: f(3600 * f(5.7)),
    sigmoid: { k: f(-0.0101), x0: 614 },
  },
} as const;

export const defaultTuning = (kind: GasIndexKind): GasIndexTuning => ({
  indexOffset: KINDS[kind].offsetDefault,
  learningTimeOffsetHours: 12,
  learningTimeGainHours: 12,
  gatingMaxDurationMinutes: KINDS[kind].gatingMinutes,
  stdInitial: 50,
  gainFactor: 230,
});

/** A state that has learned nothing. Sensirion tested sampling intervals of 1 and 10 s. */
export const startGasIndex = (kind: GasIndexKind, samplingIntervalS = 1, tuning = defaultTuning(kind)): GasIndexState => ({
  kind,
  samplingIntervalS,
  tuning,
  uptimeS: 0,
  sraw: 0,
  gasIndex: 0,
  learned: false,
  mean: 0,
  srawOffset: 0,
  std: tuning.stdInitial,
  uptimeGammaS: 0,
  uptimeGatingS: 0,
  gatingMinutes: 0,
  filter: undefined,
});

/** After this long a room may have become another: learn it anew (Sensirion's advice). */
export const LONGEST_RESUME_S = 600;

/**
 * A state that goes on from a kept one after a restart: it keeps the learned mean and deviation, and does again what follows a
 * start of the sensor (blackout, filter). NOx learns too slowly to be resumed and starts anew.
 */
export function resumeGasIndex(kept: GasIndexState, silentS: number): GasIndexState {
  const fresh = startGasIndex(kept.kind, kept.samplingIntervalS, kept.tuning);
  if (!kept.learned || kept.kind === 'nox' || !(silentS >= 0 && silentS <= LONGEST_RESUME_S)) return fresh;
  const mean = add(kept.mean, kept.srawOffset);
  return { ...fresh, learned: true, mean, std: kept.std, sraw: mean, uptimeGammaS: RESUMED_UPTIME_S };
}

/**
 * Takes a raw value (ticks, 0 to 65535) and gives the index: 0 during the first 45 s, then 1 to 500. A raw value that the sensor
 * cannot give is passed over: the last one counts. The state given is left as it was.
 */
export function processGasIndex(before: GasIndexState, srawTicks: number): { readonly state: GasIndexState; readonly index: number } {
  const state = { ...before };
  const { srawMinimum } = KINDS[state.kind];
  if (state.uptimeS <= BLACKOUT_S) state.uptimeS = add(state.uptimeS, state.samplingIntervalS);
  else {
    if (srawTicks > 0 && srawTicks < 65_000) state.sraw = Math.min(32_767, Math.max(1, Math.trunc(srawTicks) - srawMinimum));
    const raw = state.kind === 'voc' || state.learned ? scaled(state, moxOf(state)) : state.tuning.indexOffset;
    state.gasIndex = Math.max(0.5, lowpass(state, raw));
    if (state.sraw > 0) learn(state);
  }
  return { state, index: Math.trunc(add(state.gasIndex, 0.5)) };
}

/** How far the raw value is from the room's mean, in units of its deviation. More gas lowers the ticks of the VOC pixel. */
function moxOf({ kind, sraw, mean, srawOffset, std, tuning }: GasIndexState): number {
  const over = sub(sraw, add(mean, srawOffset));
  return mul(div(over, kind === 'nox' ? STD_NOX : -add(std, STD_BONUS_VOC)), tuning.gainFactor);
}

/** Sigmoid to 0..500 that gives the offset for usual air. */
function scaled({ kind, tuning: { indexOffset } }: GasIndexState, sample: number): number {
  const { offsetDefault, sigmoid } = KINDS[kind];
  const x = mul(sigmoid.k, sub(sample, sigmoid.x0));
  if (x < -50) return MOST_INDEX;
  if (x > 50) return 0;
  const part = add(1, exp(x));
  if (sample < 0) return mul(div(indexOffset, offsetDefault), div(MOST_INDEX, part));
  const shift = offsetDefault === 1 ? mul(div(500, 499), sub(1, indexOffset)) : div(sub(MOST_INDEX, mul(5, indexOffset)), 4);
  return sub(div(add(MOST_INDEX, shift), part), shift);
}

/** Follows quick changes quickly and slow ones slowly. */
function lowpass(state: GasIndexState, sample: number): number {
  const { samplingIntervalS: interval } = state;
  const a1 = div(interval, add(LOWPASS.fastS, interval));
  const a2 = div(interval, add(LOWPASS.slowS, interval));
  const last = state.filter ?? { x1: sample, x2: sample, x3: sample };
  const x1 = add(mul(sub(1, a1), last.x1), mul(a1, sample));
  const x2 = add(mul(sub(1, a2), last.x2), mul(a2, sample));
  const quick = exp(mul(LOWPASS.alpha, Math.abs(sub(x1, x2))));
  const tau = add(mul(sub(LOWPASS.slowS, LOWPASS.fastS), quick), LOWPASS.fastS);
  const a3 = div(interval, add(interval, tau));
  const x3 = add(mul(sub(1, a3), last.x3), mul(a3, sample));
  state.filter = { x1, x2, x3 };
  return x3;
}

/** Updates mean and deviation, the slower the longer it has learned, and not while the index is high ("gating"). */
function learn(state: GasIndexState): void {
  if (!state.learned) {
    state.learned = true;
    state.srawOffset = state.sraw;
    state.mean = 0;
    return;
  }
  if (state.mean >= 100 || state.mean <= -100) {
    state.srawOffset = add(state.srawOffset, state.mean);
    state.mean = 0;
  }
  const sraw = sub(state.sraw, state.srawOffset);
  const gamma = gammasOf(state);
  const delta = div(sub(sraw, state.mean), GAMMA_SCALING);
  const c = delta < 0 ? sub(state.std, delta) : add(state.std, delta);
  const scaling = c > 1440 ? mul(div(c, 1440), div(c, 1440)) : 1;
  const kept = sqrt(mul(scaling, sub(GAMMA_SCALING, gamma.variance)));
  const old = mul(state.std, div(state.std, mul(GAMMA_SCALING, scaling)));
  const fresh = mul(div(mul(gamma.variance, delta), scaling), delta);
  state.std = mul(kept, sqrt(add(old, fresh)));
  state.mean = add(state.mean, div(mul(gamma.mean, delta), MEAN_SCALING));
}

const sigmoid = (sample: number, x0: number, k: number): number => {
  const x = mul(k, sub(sample, x0));
  return x < -50 ? 1 : x > 50 ? 0 : div(1, add(1, exp(x)));
};

/** Learning rates of this sample; counts the uptimes on. */
function gammasOf(state: GasIndexState): { readonly mean: number; readonly variance: number } {
  const { samplingIntervalS: interval, tuning } = state;
  const kind = KINDS[state.kind];
  const hours = div(interval, 3600);
  const rate = {
    mean: div(mul(MEAN_SCALING * GAMMA_SCALING, hours), add(tuning.learningTimeOffsetHours, hours)),
    variance: div(mul(GAMMA_SCALING, hours), add(tuning.learningTimeGainHours, hours)),
    initialMean: div(mul(MEAN_SCALING * GAMMA_SCALING, interval), add(kind.tauInitialMeanS, interval)),
    initialVariance: div(mul(GAMMA_SCALING, interval), add(TAU_INITIAL_VARIANCE_S, interval)),
  };
  const limit = sub(MOST_UPTIME_S, interval);
  if (state.uptimeGammaS < limit) state.uptimeGammaS = add(state.uptimeGammaS, interval);
  if (state.uptimeGatingS < limit) state.uptimeGatingS = add(state.uptimeGatingS, interval);
  const gate = (initS: number): number => {
    const threshold = add(
      kind.gatingThreshold,
      mul(sub(GATING_INITIAL, kind.gatingThreshold), sigmoid(state.uptimeGatingS, initS, INIT_TRANSITION)),
    );
    return sigmoid(state.gasIndex, threshold, GATING_TRANSITION);
  };
  const early = sigmoid(state.uptimeGammaS, kind.initMeanS, INIT_TRANSITION);
  const gateMean = gate(kind.initMeanS);
  const mean = mul(gateMean, add(rate.mean, mul(sub(rate.initialMean, rate.mean), early)));
  const earlyVariance = sub(sigmoid(state.uptimeGammaS, kind.initVarianceS, INIT_TRANSITION), early);
  const variance = mul(gate(kind.initVarianceS), add(rate.variance, mul(sub(rate.initialVariance, rate.variance), earlyVariance)));
  const gated = sub(mul(sub(1, gateMean), add(1, GATING_MAX_RATIO)), GATING_MAX_RATIO);
  state.gatingMinutes = Math.max(0, add(state.gatingMinutes, mul(div(interval, 60), gated)));
  if (state.gatingMinutes > tuning.gatingMaxDurationMinutes) state.uptimeGatingS = 0;
  return { mean, variance };
}
