/**
 * The mean of a converter's counts while the load is at rest, to calibrate with. At rest: the window scatters no more than neighbours differ
 * from one another, and its halves agree, so that a mass still settling or a hand on the plate is no point. Plain state, no clock.
 */

/** Four seconds at 10 to 80 readings a second: the noise of the mean is a few counts. */
const SPAN_MS = 4000;
/** What does not come to rest by then will not. */
const PATIENCE_MS = 45_000;
/** Fewer tell nothing of their scatter; a sketch that averages gives one each second or two. */
const LEAST_SAMPLES = 10;
/** A gap in the samples breaks the window. */
const LONGEST_GAP_MS = 2500;
/** Spread of the whole to that of neighbours; 1 for white noise, more for what moves. */
const MOST_SPREAD = 2;
/** Standard errors by which the halves may differ. */
const MOST_TILT = 4;
/** Some grams of a body scale: slower change is the cell's own creep. */
const FLOOR_COUNTS = 40;

export type StillEvent =
  | { readonly kind: 'still'; readonly counts: number; readonly atMs: number; readonly spanMs: number }
  | { readonly kind: 'restless' };

export interface StillMean {
  /** Takes a reading; gives the mean once the load was at rest, or that it does not come to rest. Once only. */
  push(atMs: number, counts: number): StillEvent | undefined;
}

export function createStillMean(): StillMean {
  let window: { atMs: number; counts: number }[] = [];
  let fromMs: number | undefined;
  let isDone = false;
  return {
    push(atMs, counts) {
      if (isDone) return undefined;
      fromMs ??= atMs;
      const last = window.at(-1);
      if (last !== undefined && (atMs - last.atMs > LONGEST_GAP_MS || atMs < last.atMs)) window = [];
      window.push({ atMs, counts });
      while (window.length > LEAST_SAMPLES && atMs - window[0]!.atMs > SPAN_MS) window.shift();
      const spanMs = atMs - window[0]!.atMs;
      if (spanMs >= SPAN_MS * 0.95 && window.length >= LEAST_SAMPLES) {
        const mean = restMean(window.map((one) => one.counts));
        if (mean !== undefined) {
          isDone = true;
          return { kind: 'still', counts: mean, atMs, spanMs };
        }
      }
      if (atMs - fromMs < PATIENCE_MS) return undefined;
      isDone = true;
      return { kind: 'restless' };
    },
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Undefined when the counts move. */
function restMean(counts: readonly number[]): number | undefined {
  const mean = meanOf(counts);
  const sd = Math.sqrt(meanOf(counts.map((one) => (one - mean) ** 2)));
  let squares = 0;
  for (let at = 1; at < counts.length; at++) squares += (counts[at]! - counts[at - 1]!) ** 2;
  const noise = Math.sqrt(squares / (counts.length - 1) / 2);
  const half = counts.length >> 1;
  const tilt = Math.abs(meanOf(counts.slice(half)) - meanOf(counts.slice(0, half)));
  const error = noise * Math.sqrt(4 / counts.length);
  return sd <= MOST_SPREAD * noise + FLOOR_COUNTS && tilt <= MOST_TILT * error + FLOOR_COUNTS ? mean : undefined;
}
