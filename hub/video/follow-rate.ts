/**
 * What a camera's own encoder is to make, by what the network carried: pictures that are passed through cannot be made smaller on the way.
 * Receivers say each second what part of the packets was lost (RFC 3550, 6.4.1).
 */

export interface RateState {
  /** What the encoder is asked for now, bits a second. */
  readonly bits: number;
  /** Losses since the last change, as parts of 1. */
  readonly losses: readonly number[];
  readonly changedAtMs: number;
  /** How long all must be well before more is tried. */
  readonly patienceMs: number;
}

/** A face is still known at this, at half the width. */
export const LEAST_BITS = 150_000;
/** A radio loses some of 100 at any rate, and what is sent again mends that: more is a line that is full (RFC 8698 and libwebrtc take 10 %). */
const FULL_LOSS = 0.1;
const FEW_LOSS = 0.07;
/** Reports that must agree: one alone may be a burst. */
const AGREED = 2;
/** What of the rate that came through is asked for: the rest is headers, what is sent again, and a line that has just emptied. */
const SHARE = 0.7;
const UP = 1.5;
/** A change costs a moment of picture, so one that failed is tried again later and later. */
const FIRST_PATIENCE_MS = 20_000;
const LONGEST_PATIENCE_MS = 300_000;
const SETTLE_MS = 3000;
const MOST_LOSSES = 3;

export const rateAt = (bits: number, nowMs: number): RateState => ({
  ...{ bits, losses: [], changedAtMs: nowMs, patienceMs: FIRST_PATIENCE_MS },
});

/**
 * @param lost part of the packets that a report says were lost, 0 to 1
 * @param sentBits what was sent a second, about the time that the report is of
 * @param mostBits what the camera makes by itself
 * @returns the same state, or another `bits` to ask the encoder for
 */
export function followRate(state: RateState, lost: number, sentBits: number, mostBits: number, nowMs: number): RateState {
  // Reports of what was sent before the change say nothing of what came after it.
  if (nowMs - state.changedAtMs < SETTLE_MS) return state;
  const losses = [...state.losses, lost].slice(-MOST_LOSSES);
  const agreed = losses.slice(-AGREED);
  if (agreed.length === AGREED && agreed.every((one) => one > FULL_LOSS)) {
    const carried = sentBits * (1 - Math.min(...agreed));
    const bits = Math.max(LEAST_BITS, Math.round(Math.min(carried * SHARE, state.bits * SHARE)));
    // It was tried just before and failed: it is tried again later.
    const isFailure = nowMs - state.changedAtMs < state.patienceMs;
    const patienceMs = isFailure ? Math.min(LONGEST_PATIENCE_MS, state.patienceMs * 2) : state.patienceMs;
    return bits < state.bits ? { bits, losses: [], changedAtMs: nowMs, patienceMs } : { ...state, losses };
  }
  const isWell = losses.length === MOST_LOSSES && losses.every((one) => one < FEW_LOSS);
  if (isWell && state.bits < mostBits && nowMs - state.changedAtMs >= state.patienceMs)
    return { ...state, bits: Math.min(mostBits, Math.round(state.bits * UP)), losses: [], changedAtMs: nowMs };
  return { ...state, losses };
}
