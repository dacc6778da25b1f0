/**
 * Activity counts from raw acceleration, as an ActiGraph gives them, so that scorings made for its counts hold.
 *
 * Source: Neishabouri et al., "Quantification of acceleration as activity counts in ActiGraph wearable", Sci Rep 12 (2022) 11958: bring
 * to 30 Hz, band-pass (a filter of seventh order, coefficients from there), scale, drop below 4 and above 128, average to 10 Hz, add up.
 * Exact for the rates of an ActiGraph (30, 40 ... 100 Hz), to which the paper's own comparison gives equal counts; other rates are
 * interpolated to 30 Hz by straight lines, which damps movement above 5 Hz by up to 10 % and so counts a little less.
 */

const B = [
  -0.009341062898525, -0.02547028965936, -0.004235264826105, 0.04415241545642, 0.03649371834776, -0.01189396193474, -0.02291739062315,
  -0.00678816386231,
] as const;
const A = [
  -3.63367395910957, 5.03689812757486, -3.09612247819666, 0.50620507633883, 0.32421701566682, -0.15685485875559, 0.0194913020589,
] as const;
const SCALE = (3 / 4096 / (2.6 / 256)) * 237.5;
const RATE_HZ = 30;
const LEAST = 4;
const MOST = 128;
/** Thirds of a rate to 30 Hz: upsample, low-pass, take each. */
const FACTORS: Readonly<Record<number, readonly [up: number, down: number]>> = {
  30: [1, 1],
  40: [3, 4],
  50: [3, 5],
  60: [1, 2],
  70: [3, 7],
  80: [3, 8],
  90: [1, 3],
  100: [3, 10],
};

/** Plain numbers, to be kept as JSON. */
export interface CountState {
  readonly rateHz: number;
  readonly epochS: number;
  /** Last eight inputs and seven outputs of the filter, the newest first; undefined before the first sample. */
  filter: { readonly x: number[]; readonly y: number[] } | undefined;
  /** Of the low-pass while resampling. */
  lowX: number;
  lowY: number;
  upIndex: number;
  /** Straight-line resampling: position of the next 30 Hz sample after the last raw one, in raw samples. */
  phase: number;
  lastG: number | undefined;
  third: number;
  thirds: number;
  tenths: number;
  sum: number;
}

export const startCounts = (rateHz: number, epochS = 60): CountState => ({
  rateHz,
  epochS,
  filter: undefined,
  lowX: 0,
  lowY: 0,
  upIndex: 0,
  phase: 0,
  lastG: undefined,
  third: 0,
  thirds: 0,
  tenths: 0,
  sum: 0,
});

/** Takes the next sample of one axis, g. Returns the counts of an epoch when one is full. The state is changed in place. */
export function countSample(state: CountState, g: number): number | undefined {
  let epoch: number | undefined;
  resample(state, Number.isFinite(g) ? g : (state.lastG ?? 0), (at30Hz) => {
    epoch = count30Hz(state, at30Hz) ?? epoch;
  });
  return epoch;
}

function resample(state: CountState, g: number, out: (g: number) => void): void {
  const factors = FACTORS[state.rateHz];
  if (factors === undefined) {
    const last = state.lastG ?? g;
    state.lastG = g;
    for (; state.phase <= 1; state.phase += state.rateHz / RATE_HZ) out(last + (g - last) * state.phase);
    state.phase -= 1;
    return;
  }
  state.lastG = g;
  const [up, down] = factors;
  const isThirds = up === 3;
  const gain = Math.PI / (Math.PI + 2 * up);
  const back = (Math.PI - 2 * up) / (Math.PI + 2 * up);
  for (let k = 0; k < up; k++) {
    const x = k === 0 ? g : 0;
    if (isThirds) {
      state.lowY = gain * up * (x + state.lowX) - back * state.lowY;
      state.lowX = x;
    } else state.lowY = x;
    if (state.upIndex === 0) out(state.lowY);
    state.upIndex = (state.upIndex + 1) % down;
  }
}

function count30Hz(state: CountState, raw: number): number | undefined {
  const g = Math.round(raw * 1000) / 1000;
  if (state.filter === undefined) {
    // Settled on the first value, as if it had lain so for ever.
    const steady = (g * B.reduce((sum, b) => sum + b, 0)) / (1 + A.reduce((sum, a) => sum + a, 0));
    state.filter = { x: B.map(() => g), y: A.map(() => steady) };
  }
  const { x, y } = state.filter;
  x.unshift(g);
  x.pop();
  let value = 0;
  for (let k = 0; k < B.length; k++) value += B[k]! * x[k]!;
  for (let k = 0; k < A.length; k++) value -= A[k]! * y[k]!;
  y.unshift(value);
  y.pop();
  const size = Math.abs(value) * SCALE;
  state.third += size < LEAST ? 0 : Math.floor(Math.min(MOST, size));
  if (++state.thirds < 3) return undefined;
  state.sum += Math.floor(state.third / 3);
  state.third = 0;
  state.thirds = 0;
  if (++state.tenths < state.epochS * 10) return undefined;
  const { sum } = state;
  state.sum = 0;
  state.tenths = 0;
  return sum;
}
