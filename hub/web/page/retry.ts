/** Waits between tries: doubling from a second, so that a hub that restarts is found at once and one that is gone costs little. */
const FIRST_MS = 1000;
const LONGEST_MS = 15_000;

/** Milliseconds before try number `attempt` (0 is the first repetition). */
export const retryAfterMs = (attempt: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
