/** Notices when the system's time jumps or runs at another rate than monotonic time. Pure. */

export interface StepState {
  readonly offsetMs: number;
  readonly monotonicMs: number;
}

export type ClockChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'step'; readonly byMs: number }
  | { readonly kind: 'slew'; readonly ppm: number };

/** Above what two readings of the clocks apart from each other can differ, below what a person sees. */
const LEAST_STEP_MS = 500;
/** What the kernel slews at most (adjtimex: 500 ppm); more is a step in disguise. */
const LEAST_SLEW_PPM = 50;
/** Shorter spans make a rate of nothing but jitter. */
const LEAST_SLEW_SPAN_MS = 60_000;

export function stepOf(state: StepState | undefined, monotonicMs: number, utcMs: number): [StepState, ClockChange] {
  const next = { offsetMs: utcMs - monotonicMs, monotonicMs };
  if (state === undefined) return [next, { kind: 'none' }];
  const byMs = next.offsetMs - state.offsetMs;
  const spanMs = monotonicMs - state.monotonicMs;
  if (Math.abs(byMs) >= Math.max(LEAST_STEP_MS, spanMs * 600e-6)) return [next, { kind: 'step', byMs }];
  if (spanMs < LEAST_SLEW_SPAN_MS) return [state, { kind: 'none' }];
  const ppm = (byMs / spanMs) * 1e6;
  return [next, Math.abs(ppm) >= LEAST_SLEW_PPM ? { kind: 'slew', ppm } : { kind: 'none' }];
}
