/**
 * How long a wrong guess makes the next one wait. By (address, account): guesses from one machine keep nobody else from signing
 * in, and there is no lock that somebody could turn against the account's own person.
 */

/** Wrong guesses in a row before each further one waits; then a minute at most, so that nobody is kept out for long. */
const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** Guesses that one address may have under way: more would only fill the queue that everybody waits in. */
const MOST_AT_ONCE = 3;
/** Remembered pairs; beyond, the oldest is forgotten. */
const MOST_REMEMBERED = 2000;
/** Wrong guesses are forgotten after a quiet while. */
const FORGOTTEN_AFTER_MS = 3_600_000;

export interface Attempts {
  /** Milliseconds to wait before this try; 0: try now, and call the given function with how it went. */
  begin(address: string, account: string, nowUtcMs: number): { waitMs: number; done: (isRight: boolean, nowUtcMs: number) => void };
}

export function createAttempts(): Attempts {
  const wrong = new Map<string, { count: number; atMs: number; untilMs: number }>();
  const underWay = new Map<string, number>();
  return {
    begin(address, account, nowUtcMs) {
      const key = `${address}|${account}`;
      const before = wrong.get(key);
      const waitMs = (before?.untilMs ?? 0) - nowUtcMs;
      if (waitMs > 0) return { waitMs, done: () => undefined };
      const busy = underWay.get(address) ?? 0;
      if (busy >= MOST_AT_ONCE) return { waitMs: FIRST_WAIT_MS, done: () => undefined };
      underWay.set(address, busy + 1);
      return {
        waitMs: 0,
        done(isRight, doneUtcMs) {
          const left = (underWay.get(address) ?? 1) - 1;
          if (left > 0) underWay.set(address, left);
          else underWay.delete(address);
          const past = wrong.get(key);
          wrong.delete(key);
          if (isRight) return;
          const count = (past === undefined || doneUtcMs - past.atMs > FORGOTTEN_AFTER_MS ? 0 : past.count) + 1;
          const pauseMs = count < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, count - FREE_TRIES));
          while (wrong.size >= MOST_REMEMBERED) wrong.delete(wrong.keys().next().value!);
          wrong.set(key, { count, atMs: doneUtcMs, untilMs: doneUtcMs + pauseMs });
        },
      };
    },
  };
}
