/**
 * Whether the other side of a connection is still there, by what it says while it receives pictures: RTCP reports, each second or so.
 * ICE itself notices after half a minute (RFC 7675, 5.1: consent lapses after 30 s), which nobody who watches waits for.
 */
import type { Clock } from '../../firmware/protocol/time.ts';

/** Receivers report each second; a network that drops one packet in twenty does not drop three reports. */
const SILENT_MS = 3000;
/** One that reports more seldom is given this many of its own gaps. */
const GAPS = 3;

export interface Ear {
  /** It said something. */
  hear(): void;
  /** It spoke before, and has fallen silent. */
  isSilent(): boolean;
}

export function createEar(clock: Pick<Clock, 'monotonic'>): Ear {
  let heardAtMs: number | undefined;
  let longestGapMs = 0;
  return {
    hear() {
      const nowMs = clock.monotonic();
      if (heardAtMs !== undefined) longestGapMs = Math.max(longestGapMs, nowMs - heardAtMs);
      heardAtMs = nowMs;
    },
    isSilent: () => heardAtMs !== undefined && clock.monotonic() - heardAtMs > Math.max(SILENT_MS, GAPS * longestGapMs),
  };
}
