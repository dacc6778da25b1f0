/** The band of gait: a magnitude smoothed against shocks and freed of gravity and slow turning, half a second late. */

/** Binomial smoothing over five samples, 1 4 6 4 1: -3 dB at 4 Hz of 24. Late by two. */
const SMOOTH_DELAY = 2;
/** Half-width of the moving mean that is taken off: half a second. */
const HALF_MEAN = 12;
const MEAN = 2 * HALF_MEAN + 1;

/** Plain numbers, to be kept as JSON: the last raw and smoothed samples, the newest last. */
export interface BandState {
  readonly raw: number[];
  readonly smooth: number[];
}

export const startBand = (): BandState => ({ raw: [], smooth: [] });

/** Takes the next sample at 24 Hz; gives the filtered one that is now complete, fourteen samples late. */
export function band(state: BandState, value: number): number | undefined {
  const { raw } = state;
  // Before the first sample it was as the first.
  if (raw.length === 0) raw.push(value, value);
  raw.push(value);
  if (raw.length < MEAN_READY) return undefined;
  if (raw.length > MEAN_READY) raw.shift();
  return takeSmoothed(state);
}

/** Raw samples that one smoothed sample needs. */
const MEAN_READY = 2 * SMOOTH_DELAY + 1;

function takeSmoothed({ raw, smooth }: BandState): number | undefined {
  smooth.push((raw[0]! + 4 * raw[1]! + 6 * raw[2]! + 4 * raw[3]! + raw[4]!) / 16);
  if (smooth.length > MEAN) smooth.shift();
  return smooth.length > HALF_MEAN ? filtered(smooth, smooth.length - 1 - HALF_MEAN) : undefined;
}

/** What is still under way when no more samples come, as if the last had stayed. The state is used up. */
export function bandTail(state: BandState): number[] {
  const out: number[] = [];
  const last = state.raw.at(-1);
  if (last === undefined) return out;
  for (let k = 0; k < SMOOTH_DELAY; k++) {
    const value = band(state, last);
    if (value !== undefined) out.push(value);
  }
  const { smooth } = state;
  for (let at = Math.max(0, smooth.length - HALF_MEAN); at < smooth.length; at++) out.push(filtered(smooth, at));
  return out;
}

function filtered(smooth: readonly number[], at: number): number {
  const from = Math.max(0, at - HALF_MEAN);
  const to = Math.min(smooth.length - 1, at + HALF_MEAN);
  let sum = 0;
  for (let k = from; k <= to; k++) sum += smooth[k]!;
  return smooth[at]! - sum / (to - from + 1);
}
