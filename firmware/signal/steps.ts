/**
 * Steps from acceleration, at any rate from 12 Hz up and wherever the sensor is carried: on the wrist, in a hand, a pocket, a bag.
 *
 * The magnitude of acceleration, which needs no orientation, is brought to 24 Hz and to the band of gait (steps/resample.ts, steps/band.ts); each second the
 * four seconds around it are asked for their rhythm (steps/rhythm.ts), and rhythm that lasts is walking (steps/walks.ts). Steps are
 * the integral of the rate. Counting rhythm and not peaks makes a soft pocket and a swinging hand count alike.
 */
import { type BandState, band, bandTail, startBand } from './steps/band.ts';
import { type ResampleState, resample, resampleWithin, startResample } from './steps/resample.ts';
import { GAIT_RATE_HZ, type RhythmLimits, type RhythmScratch, rhythmLimits, rhythmOf, rhythmScratch } from './steps/rhythm.ts';
import { endWalks, startWalks, type WalkLimits, type WalkState, walkBlock, walkLimits, walkWindow } from './steps/walks.ts';

export interface StepWindow {
  /** Time of the end of the half second that the steps belong to. */
  readonly atMs: number;
  readonly spanMs: number;
  /** Steps of it, a fraction; sums are rounded by who shows them. */
  readonly steps: number;
  /** Steps a minute then. */
  readonly cadence: number;
}

export interface StepLimits {
  readonly rhythm: RhythmLimits;
  readonly walks: WalkLimits;
}

/** Everything that the next sample depends on: plain numbers, to be kept as JSON. */
export interface StepState {
  resample: ResampleState;
  startMs: number;
  readonly band: BandState;
  /** The last filtered samples, at most four seconds, the newest last. */
  readonly window: number[];
  /** Filtered samples in all. */
  filtered: number;
  readonly walks: WalkState;
}

const WINDOW = 4 * GAIT_RATE_HZ;
const BLOCK = GAIT_RATE_HZ / 2;
const BLOCK_MS = 500;
/** A gap this long is not walked over: what lies between is unknown. */
const LONGEST_GAP_MS = 1000;
const NOTHING: readonly StepWindow[] = [];

export interface StepCounter {
  /**
   * Takes a sample: its time and the magnitude of acceleration in g. Returns half seconds that are now known to be walked, some seconds
   * late, and up to forty when a walk takes long to show as one.
   */
  push(atMs: number, magnitudeG: number): readonly StepWindow[];
  /** No more samples come, or none for a while: decides what is open. The counter can go on. */
  finish(): StepWindow[];
  /** To be kept, and given to {@link createStepCounter} again. */
  readonly state: StepState | undefined;
}

/** Magnitude of an acceleration vector. */
export const magnitudeOf = ([x, y, z]: readonly [number, number, number]): number => Math.hypot(x, y, z);

export function createStepCounter(kept?: StepState, limits: StepLimits = { rhythm: rhythmLimits, walks: walkLimits }): StepCounter {
  let state = kept;
  const scratch = rhythmScratch(WINDOW, limits.rhythm);
  return {
    push(atMs, magnitudeG) {
      if (!Number.isFinite(magnitudeG) || !Number.isFinite(atMs)) return NOTHING;
      if (state !== undefined && atMs === state.resample.atMs) return NOTHING;
      const sinceMs = state === undefined ? 0 : atMs - state.resample.atMs;
      if (state === undefined || sinceMs < 0 || sinceMs > LONGEST_GAP_MS) {
        const out = state === undefined ? [] : finished(state, scratch, limits);
        state = startSteps(atMs, magnitudeG);
        return out;
      }
      if (resampleWithin(state.resample, atMs, magnitudeG)) return NOTHING;
      const out: StepWindow[] = [];
      for (const mean of resample(state.resample, atMs, magnitudeG)) {
        const value = band(state.band, mean);
        if (value !== undefined) takeFiltered(state, value, scratch, limits, out);
      }
      return out;
    },
    finish() {
      const out = state === undefined ? [] : finished(state, scratch, limits);
      state = undefined;
      return out;
    },
    get state() {
      return state;
    },
  };
}

const startSteps = (atMs: number, magnitudeG: number): StepState => ({
  resample: startResample(GAIT_RATE_HZ, atMs, magnitudeG),
  startMs: atMs,
  band: startBand(),
  window: [],
  filtered: 0,
  walks: startWalks(),
});

function takeFiltered(state: StepState, value: number, scratch: RhythmScratch, limits: StepLimits, out: StepWindow[]): void {
  const { window } = state;
  window.push(value);
  if (window.length > WINDOW) window.shift();
  state.filtered++;
  if (state.filtered % BLOCK === 0) walkBlock(state.walks, rmsOfLast(window, BLOCK));
  if (state.filtered % GAIT_RATE_HZ !== 0 || window.length < WINDOW) return;
  tell(state, walkWindow(state.walks, rhythmOf(window, scratch, state.walks.rhythms, limits.rhythm), limits.walks), out);
}

/** Decides what is open: the filter's tail, the last part of a block, and the walk under way. */
function finished(state: StepState, scratch: RhythmScratch, limits: StepLimits): StepWindow[] {
  const out: StepWindow[] = [];
  for (const value of bandTail(state.band)) takeFiltered(state, value, scratch, limits, out);
  const part = state.filtered % BLOCK;
  if (part > 0) walkBlock(state.walks, rmsOfLast(state.window, part));
  tell(state, endWalks(state.walks, limits.walks), out);
  return out;
}

function tell(state: StepState, blocks: readonly { readonly block: number; readonly stepsHz: number }[], out: StepWindow[]): void {
  for (const { block, stepsHz } of blocks) {
    // The last block may end within the data.
    const spanMs = Math.min(BLOCK_MS, ((state.filtered - block * BLOCK) * 1000) / GAIT_RATE_HZ);
    out.push({ atMs: state.startMs + block * BLOCK_MS + spanMs, spanMs, steps: (stepsHz * spanMs) / 1000, cadence: stepsHz * 60 });
  }
}

function rmsOfLast(window: readonly number[], count: number): number {
  let sum = 0;
  for (let at = window.length - count; at < window.length; at++) sum += window[at]! * window[at]!;
  return Math.sqrt(sum / count);
}
