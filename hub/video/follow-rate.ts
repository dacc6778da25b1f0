/**
 * What a camera's own encoder is to make, by what the network carried: pictures that are passed through cannot be made smaller on the way.
 * Receivers say each second what part of the packets was lost (RFC 3550, 6.4.1).
 */

export interface RateState {
  /** What the encoder is asked for now, bits a second. */
  readonly bits: number;
  /** Reports since the last change: what was lost, as a part of 1, what came through, bits a second, and when it was told. */
  readonly losses: readonly { readonly lost: number; readonly carried: number; readonly atMs: number }[];
  readonly changedAtMs: number;
  /** How long all must be well before more is tried. */
  readonly patienceMs: number;
}

/** A face is still known at this, at half the width. */
export const LEAST_BITS = 150_000;
/** A radio loses some of 100 at any rate, and what is sent again mends that: more is a line that is full (RFC 8698 and libwebrtc take 10 %). */
const FULL_LOSS = 0.1;
const FEW_LOSS = 0.07;
/** Reports that are looked at: a machine that is busy for a moment loses as much as a full line, for a report or two. */
const REPORTS = 4;
/** So many of them say of a full line that it is full: what is sent again hides what was lost from one or another. */
const FULL_REPORTS = 3;
/** Of how long they must tell: reports that were held up come in a heap. */
const AGREED_MS = 2000;
/** What of the rate that came through is asked for: the rest is headers, what is sent again, and a line that has just emptied. */
const SHARE = 0.7;
const UP = 1.5;
/** A change costs a moment of picture, so one that failed is tried again later and later. */
const FIRST_PATIENCE_MS = 20_000;
const LONGEST_PATIENCE_MS = 300_000;
/** Reports of what was sent before a change still come, and an encoder that starts on a busy machine sends in bursts. */
const SETTLE_MS = 3000;
/** The picture stands still for a moment at each change: so often at most. */
const CHANGE_EACH_MS = 10_000;

/** What an encoder makes unasked: its first change need wait for none before. */
export const rateAt = (bits: number, nowMs: number): RateState => ({
  ...{ bits, losses: [], changedAtMs: nowMs + SETTLE_MS - CHANGE_EACH_MS, patienceMs: FIRST_PATIENCE_MS },
});

/**
 * @param lost part of the packets that a report says were lost, 0 to 1
 * @param sentBits what was sent a second, about the time that the report is of
 * @param mostBits what the camera makes by itself
 * @returns the same state, or another `bits` to ask the encoder for
 */
export function followRate(state: RateState, lost: number, sentBits: number, mostBits: number, nowMs: number): RateState {
  const sinceMs = nowMs - state.changedAtMs;
  if (sinceMs < SETTLE_MS) return state;
  const losses = [...state.losses, { lost, carried: Math.min(sentBits, state.bits) * (1 - lost), atMs: nowMs }].slice(-REPORTS);
  const full = losses.filter((one) => one.lost > FULL_LOSS);
  const isFull = losses.length === REPORTS && full.length >= FULL_REPORTS;
  if (isFull && sinceMs >= CHANGE_EACH_MS && nowMs - losses[0]!.atMs >= AGREED_MS) {
    const carried = full.reduce((sum, one) => sum + one.carried, 0) / full.length;
    const bits = Math.max(LEAST_BITS, Math.round(Math.min(carried * SHARE, state.bits * SHARE)));
    // It was tried just before and failed: it is tried again later.
    const patienceMs = sinceMs < state.patienceMs ? Math.min(LONGEST_PATIENCE_MS, state.patienceMs * 2) : state.patienceMs;
    return bits < state.bits ? { bits, losses: [], changedAtMs: nowMs, patienceMs } : { ...state, losses };
  }
  const isWell = losses.length === REPORTS && losses.every((one) => one.lost < FEW_LOSS);
  if (isWell && state.bits < mostBits && sinceMs >= state.patienceMs)
    return { ...state, bits: Math.min(mostBits, Math.round(state.bits * UP)), losses: [], changedAtMs: nowMs };
  return { ...state, losses };
}
