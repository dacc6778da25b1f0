/**
 * Heart rate and breathing of somebody who lies on a bed mat, from its load cell (kg) or accelerometer (g): ballistocardiography.
 *
 * Each heart beat throws blood up and down the body: a ring of some 0.3 s at 3 to 10 Hz, the waves H to N (Starr 1939; Inan et al.,
 * "Ballistocardiography and seismocardiography: a review", IEEE J Biomed Health Inform 19 (2015) 1414). Its envelope repeats with the
 * heart; the load itself sways with breathing. Each is looked for by autocorrelation. What does not repeat clearly, twice in a row and
 * alike, gives no number: in bed a missing number is usual, and a wrong one is worse than none.
 */
import { movingMean, periodicity } from './bed/periodicity.ts';
import { type ResampleState, resample, resampleWithin, startResample } from './steps/resample.ts';

const RATE_HZ = 50;
const HEART_WINDOW = 10 * RATE_HZ;
const BREATH_WINDOW = 30 * RATE_HZ;
/** A reading each so often. */
const EVERY = 5 * RATE_HZ;
/** Breathing is slow: five samples a second draw it. */
const BREATH_EVERY = 10;
const BREATH_HZ = RATE_HZ / BREATH_EVERY;
/** Beats a minute: 40 of a sleeping athlete to 150. */
const HEART_PERIOD = { shortest: Math.round((60 / 150) * RATE_HZ), longest: Math.round((60 / 40) * RATE_HZ) } as const;
/** Breaths a minute: 5 to 35. */
const BREATH_PERIOD = { shortest: Math.round((60 / 35) * BREATH_HZ), longest: Math.round((60 / 5) * BREATH_HZ) } as const;
/** Widths of moving means: above 10 Hz is noise, below 3 Hz breathing and posture; the envelope joins the waves of a beat. */
const SMOOTH = 3;
const DRIFT = 17;
const ENVELOPE = 9;
/** Of breathing: heart out, and drift of more than 12 s. */
const BREATH_SMOOTH = 5;
const BREATH_DRIFT = 61;
/** Scores from which a rate is told: noise alone then gives one in fewer than 2 of 100 readings. */
const LEAST_HEART = 0.35;
const LEAST_BREATH = 0.5;
/** Change between two windows that overlap by half. */
const MOST_CHANGE = 0.12;
/** A turn in bed is so many times stronger than the quiet seconds of the window. */
const MOVEMENT_RATIO = 6;
const LONGEST_GAP_MS = 1000;

export interface BedReading {
  readonly atMs: number;
  readonly state: 'resting' | 'moving' | 'empty';
  /** Beats a minute; undefined when they do not show clearly. */
  readonly heartRate?: number;
  /** 0 to 1. */
  readonly heartConfidence: number;
  /** Breaths a minute; undefined when they do not show clearly. */
  readonly respirationRate?: number;
  readonly respirationConfidence: number;
}

/** Plain numbers, to be kept as JSON. */
export interface BedState {
  resample: ResampleState;
  readonly samples: number[];
  untilReading: number;
  lastHeart: number;
  lastBreath: number;
}

export interface Bed {
  /** Takes a sample: its time and the load, or the acceleration along the axis that shows the heart best. */
  push(atMs: number, value: number): readonly BedReading[];
  readonly state: BedState | undefined;
}

export interface BedSettings {
  /** Signal of an empty bed: movement in the heart's band below this is nobody. Of the cell's noise, in the unit of the samples. */
  readonly emptyRms: number;
}

const NOTHING: readonly BedReading[] = [];

export function createBed({ emptyRms }: BedSettings, kept?: BedState): Bed {
  let state = kept;
  return {
    push(atMs, value) {
      if (!Number.isFinite(atMs) || !Number.isFinite(value)) return NOTHING;
      const sinceMs = state === undefined ? Number.NaN : atMs - state.resample.atMs;
      if (sinceMs === 0) return NOTHING;
      if (state === undefined || !(sinceMs > 0 && sinceMs <= LONGEST_GAP_MS)) {
        state = { resample: startResample(RATE_HZ, atMs, value), samples: [], untilReading: EVERY, lastHeart: 0, lastBreath: 0 };
        return NOTHING;
      }
      if (resampleWithin(state.resample, atMs, value)) return NOTHING;
      const out: BedReading[] = [];
      for (const mean of resample(state.resample, atMs, value)) {
        state.samples.push(mean);
        if (state.samples.length > BREATH_WINDOW) state.samples.shift();
        if (--state.untilReading > 0) continue;
        state.untilReading = EVERY;
        if (state.samples.length >= HEART_WINDOW) out.push(readingOf(state, atMs, emptyRms));
      }
      return out;
    },
    get state() {
      return state;
    },
  };
}

function readingOf(state: BedState, atMs: number, emptyRms: number): BedReading {
  const heartBand = bandOf(state.samples.slice(-HEART_WINDOW));
  const { typical, strongest } = strengths(heartBand);
  const stateNow = typical < emptyRms ? 'empty' : strongest > MOVEMENT_RATIO * typical ? 'moving' : 'resting';
  if (stateNow !== 'resting') {
    state.lastHeart = 0;
    state.lastBreath = 0;
    return { atMs, state: stateNow, heartConfidence: 0, respirationConfidence: 0 };
  }
  const heart = heartOf(heartBand);
  const breath = breathOf(state.samples);
  const heartRate = confirmed(heart.rate, state.lastHeart, heart.confidence >= LEAST_HEART);
  const respirationRate = confirmed(breath.rate, state.lastBreath, breath.confidence >= LEAST_BREATH);
  state.lastHeart = heart.confidence >= LEAST_HEART ? heart.rate : 0;
  state.lastBreath = breath.confidence >= LEAST_BREATH ? breath.rate : 0;
  return {
    atMs,
    state: 'resting',
    heartConfidence: heart.confidence,
    respirationConfidence: breath.confidence,
    ...(heartRate !== undefined && { heartRate }),
    ...(respirationRate !== undefined && { respirationRate }),
  };
}

/** A rate that two windows agree on. */
function confirmed(rate: number, last: number, isClear: boolean): number | undefined {
  return isClear && last > 0 && Math.abs(rate / last - 1) < MOST_CHANGE ? rate : undefined;
}

/** The heart's ring: 3 to 10 Hz. */
function bandOf(samples: readonly number[]): Float64Array {
  const smooth = movingMean(samples, SMOOTH);
  const slow = movingMean(smooth, DRIFT);
  return smooth.map((value, at) => value - slow[at]!);
}

/** RMS of the typical and of the strongest second. */
function strengths(band: Float64Array): { typical: number; strongest: number } {
  const seconds = Array.from({ length: Math.floor(band.length / RATE_HZ) }, (_, second) => {
    let sum = 0;
    for (let at = second * RATE_HZ; at < (second + 1) * RATE_HZ; at++) sum += band[at]! ** 2;
    return Math.sqrt(sum / RATE_HZ);
  }).sort((a, b) => a - b);
  return { typical: seconds[seconds.length >> 1]!, strongest: seconds.at(-1)! };
}

function heartOf(band: Float64Array): { rate: number; confidence: number } {
  const envelope = movingMean(movingMean(band.map(Math.abs), ENVELOPE), ENVELOPE);
  const slow = movingMean(envelope, 2 * HEART_PERIOD.longest + 1);
  const { period, score } = periodicity(
    envelope.map((value, at) => value - slow[at]!),
    HEART_PERIOD.shortest,
    HEART_PERIOD.longest,
  );
  return { rate: period > 0 ? (60 * RATE_HZ) / period : 0, confidence: Math.max(0, score) };
}

function breathOf(samples: readonly number[]): { rate: number; confidence: number } {
  // Twice the longest breath must fit: before that, only what does.
  const means = Float64Array.from({ length: Math.floor(samples.length / BREATH_EVERY) }, (_, at) => {
    let sum = 0;
    for (let k = at * BREATH_EVERY; k < (at + 1) * BREATH_EVERY; k++) sum += samples[k]!;
    return sum / BREATH_EVERY;
  });
  const longest = Math.min(BREATH_PERIOD.longest, Math.floor(means.length / 2.5));
  if (longest <= BREATH_PERIOD.shortest + 2) return { rate: 0, confidence: 0 };
  const smooth = movingMean(means, BREATH_SMOOTH);
  const slow = movingMean(smooth, BREATH_DRIFT);
  const { period, score } = periodicity(
    smooth.map((value, at) => value - slow[at]!),
    BREATH_PERIOD.shortest,
    longest,
  );
  return { rate: period > 0 ? (60 * BREATH_HZ) / period : 0, confidence: Math.max(0, score) };
}
