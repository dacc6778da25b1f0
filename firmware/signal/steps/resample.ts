/**
 * Samples at any times brought to an even rate: the mean over each interval of the line through them. The mean keeps fast vibration
 * (a shoe's impact, an engine) from coming back as slow movement, which taking every n-th sample would not.
 */

/** Plain numbers, to be kept as JSON. */
export interface ResampleState {
  readonly rateHz: number;
  /** Last sample taken in. */
  atMs: number;
  value: number;
  /** Of the interval under way: its end, and the area under the line so far. */
  endMs: number;
  area: number;
}

export const startResample = (rateHz: number, atMs: number, value: number): ResampleState => ({
  rateHz,
  atMs,
  value,
  endMs: atMs + 1000 / rateHz,
  area: 0,
});

/** Takes a sample within the interval under way; false, and nothing taken, when it reaches its end. */
export function resampleWithin(state: ResampleState, atMs: number, value: number): boolean {
  if (atMs >= state.endMs) return false;
  state.area += ((state.value + value) / 2) * (atMs - state.atMs);
  state.atMs = atMs;
  state.value = value;
  return true;
}

/** Takes the next sample, which must be later than the last; gives the mean of each interval that it ends. */
export function resample(state: ResampleState, atMs: number, value: number): number[] {
  const means: number[] = [];
  const stepMs = 1000 / state.rateHz;
  const slope = (value - state.value) / (atMs - state.atMs);
  while (atMs >= state.endMs) {
    const end = state.value + slope * (state.endMs - state.atMs);
    means.push((state.area + ((state.value + end) / 2) * (state.endMs - state.atMs)) / stepMs);
    state.atMs = state.endMs;
    state.value = end;
    state.area = 0;
    state.endMs += stepMs;
  }
  resampleWithin(state, atMs, value);
  return means;
}
