/** Puts what came over a network back into its order: what overtook another waits for it, for a time. */

export interface InOrder<P> {
  /** Takes one that came, and gives those whose turn it is now. Undefined for one that came before, or that was given up. */
  take(sequence: number, item: P, nowMs: number): P[] | undefined;
  /** Gives those whose turn it is because what they waited for did not come within the time. */
  giveUp(nowMs: number): P[];
  /** Numbers that are missing, by the time when that was noticed; numbers are counted on past 65535. */
  readonly missing: ReadonlyMap<number, number>;
  /** A sequence number as it is counted on. */
  count(sequence: number): number;
}

/** More than a second of a sharp camera's packets: a sender that jumps by more has begun anew. */
const MOST_JUMP = 512;
const WRAP = 2 ** 16;

/** @param waitMs how long one is waited for, asked for each time anew */
export function createInOrder<P>(waitMs: () => number): InOrder<P> {
  let next: number | undefined;
  let highest = 0;
  const held = new Map<number, P>();
  const missing = new Map<number, number>();
  // RFC 3550, appendix A.1: a number is the nearest one that is so modulo 65536.
  const count = (sequence: number): number => (next === undefined ? sequence + WRAP : highest + ((((sequence - highest) << 16) | 0) >> 16));
  const begin = (at: number): void => {
    held.clear();
    missing.clear();
    next = at;
    highest = at - 1;
  };
  const release = (): P[] => {
    const out: P[] = [];
    for (; next! <= highest && !missing.has(next!); next!++) {
      const item = held.get(next!);
      // One that was given up.
      if (item === undefined) continue;
      held.delete(next!);
      out.push(item);
    }
    return out;
  };
  return {
    missing,
    count,
    take(sequence, item, nowMs) {
      const at = count(sequence);
      if (next === undefined || Math.abs(at - highest) > MOST_JUMP) begin(at);
      if (at < next! || held.has(at)) return undefined;
      for (let gone = highest + 1; gone < at; gone++) missing.set(gone, nowMs);
      highest = Math.max(highest, at);
      missing.delete(at);
      held.set(at, item);
      return release();
    },
    giveUp(nowMs) {
      for (const [at, sinceMs] of missing) if (nowMs - sinceMs >= waitMs()) missing.delete(at);
      return release();
    },
  };
}
