/** How long to wait before each next try, without end: doubling to a ceiling, each wait spread so that many hubs do not come at once. */
export interface RetrySchedule {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Share of each wait that is drawn: 0.5 gives from half to one and a half of it. */
  readonly jitter: number;
}

/** A home's network comes back in seconds; a target that was away for a week is found again within half a minute. */
export const homeRetries: RetrySchedule = { firstMs: 500, longestMs: 30_000, jitter: 0.5 };
/** What a person must mend (a wrong key, an unknown bucket): looked at again each quarter of an hour, should it have been mended there. */
export const refusedRetries: RetrySchedule = { firstMs: 60_000, longestMs: 900_000, jitter: 0.2 };

/** @param random uniform in [0, 1) */
export function* waitsOf({ firstMs, longestMs, jitter }: RetrySchedule, random: () => number): Generator<number, never> {
  for (let waitMs = firstMs; ; waitMs = Math.min(longestMs, waitMs * 2)) yield waitMs * (1 - jitter + 2 * jitter * random());
}
