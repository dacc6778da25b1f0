/** Activity counts of each minute from three axes, for the scoring of sleep. */
import { type CountState, countSample, startCounts } from '../signal/sleep/counts.ts';

const MINUTE_MS = 60_000;
/** Counted by seconds, so that a minute ends by the clock also where samples were lost. */
const EPOCH_S = 1;

export interface Actigraph {
  /** Takes a sample in g; gives the counts of a minute that is over, of the axis that counted most: how the sensor lies is not known. */
  push(atMs: number, axes: readonly [number, number, number]): { readonly counts: number; readonly atMs: number } | undefined;
}

export function createActigraph(rateHz: number): Actigraph {
  const states: readonly CountState[] = [0, 1, 2].map(() => startCounts(rateHz, EPOCH_S));
  const sums = [0, 0, 0];
  let minute: number | undefined;
  return {
    push(atMs, axes) {
      for (let axis = 0; axis < 3; axis++) sums[axis]! += countSample(states[axis]!, axes[axis]!) ?? 0;
      const now = Math.floor(atMs / MINUTE_MS);
      minute ??= now;
      if (now === minute) return undefined;
      // Minutes without samples are not minutes of stillness: only the one that was under way is told.
      const counts = Math.max(...sums);
      const endMs = (minute + 1) * MINUTE_MS;
      sums.fill(0);
      minute = now;
      return { counts, atMs: endMs };
    },
  };
}
