/**
 * When a packet that is missing is asked for (RFC 4585, 6.2.1): not before it had the time to come late by itself, then once a round
 * trip, and never so often that what is asked for fills a line that is full already.
 */

export interface Asking {
  /** A packet came for the first time: `lateMs` after it was missed, 0 when it was not. */
  came(number: number, lateMs: number, nowMs: number): void;
  /** A packet came that had come before: it was asked for while it was on its way. */
  cameAgain(number: number, nowMs: number): void;
  /** Which of those that are missing are to be asked for now. */
  due(missing: ReadonlyMap<number, number>, nowMs: number): number[];
  /** A packet was overtaken by others that came so long before it. */
  overtaken(lateMs: number, nowMs: number): void;
  /** By how much packets overtake each other here. */
  lateMs(nowMs: number): number;
  /** From an ask to what it asks for, most of the time. */
  answerMs(nowMs: number): number;
}

/** Until one has been measured: across a country and back. */
const FIRST_ROUND_TRIP_MS = 100;
const LEAST_ROUND_TRIP_MS = 20;
const MOST_ROUND_TRIP_MS = 500;
/** RFC 6298, section 2. */
const ROUND_TRIP_SHARE = 1 / 8;
/** Of a round trip: the next ask is for what must have been lost, though answers are late by different times. */
const PATIENCE = 1.5;
/** A network changes, but of few packets few overtake each other. */
const REMEMBERED_MS = 60_000;
/** Longer than this one rather asks in vain. */
const MOST_LATE_MS = 250;
/** What is sent again takes at most this part of the line: a radio that loses one of ten can be mended, a full line cannot. */
const ASKS_A_PACKET = 0.25;
/** All of a large picture. */
const MOST_SAVED_ASKS = 64;
/** Those that came after they were asked for, until they come again or long enough have not. */
const MOST_ANSWERED = 256;

interface Ask {
  lastMs: number;
  times: number;
}

export function createAsking(): Asking {
  const asks = new Map<number, Ask>();
  /** How late those were that came after they had been asked for. */
  const answered = new Map<number, number>();
  let roundTripMs = FIRST_ROUND_TRIP_MS;
  let savedAsks = MOST_SAVED_ASKS;
  let lateness: readonly { readonly lateMs: number; readonly atMs: number }[] = [];
  const overtaken = (lateMs: number, nowMs: number): void => {
    // What is older and was less late tells nothing more.
    lateness = [...lateness.filter((one) => one.lateMs > lateMs), { lateMs, atMs: nowMs }];
  };
  const lateMs = (nowMs: number): number => {
    lateness = lateness.filter(({ atMs }) => nowMs - atMs < REMEMBERED_MS);
    return Math.min(MOST_LATE_MS, lateness[0]?.lateMs ?? 0);
  };
  return {
    overtaken,
    lateMs,
    answerMs: (nowMs) => roundTripMs * PATIENCE + lateMs(nowMs),
    came(number, wasLateMs, nowMs) {
      savedAsks = Math.min(MOST_SAVED_ASKS, savedAsks + ASKS_A_PACKET);
      if (wasLateMs === 0) return;
      const ask = asks.get(number);
      asks.delete(number);
      if (ask === undefined) return overtaken(wasLateMs, nowMs);
      answered.set(number, wasLateMs);
      if (answered.size > MOST_ANSWERED) answered.delete(answered.keys().next().value!);
      // Of what was asked for twice nobody knows which ask it answers (Karn's rule).
      if (ask.times > 1) return;
      const sampleMs = Math.min(MOST_ROUND_TRIP_MS, Math.max(LEAST_ROUND_TRIP_MS, nowMs - ask.lastMs));
      roundTripMs += (sampleMs - roundTripMs) * ROUND_TRIP_SHARE;
    },
    cameAgain(number, nowMs) {
      const wasLateMs = answered.get(number);
      if (wasLateMs === undefined) return;
      answered.delete(number);
      overtaken(wasLateMs, nowMs);
    },
    due(missing, nowMs) {
      const patienceMs = lateMs(nowMs);
      for (const number of asks.keys()) if (!missing.has(number)) asks.delete(number);
      const now: number[] = [];
      for (const [number, sinceMs] of missing) {
        const ask = asks.get(number);
        const isDue = ask === undefined ? nowMs - sinceMs >= patienceMs : nowMs - ask.lastMs >= roundTripMs * PATIENCE;
        if (!isDue || savedAsks < 1) continue;
        savedAsks--;
        now.push(number);
        if (ask === undefined) asks.set(number, { lastMs: nowMs, times: 1 });
        else [ask.lastMs, ask.times] = [nowMs, ask.times + 1];
      }
      return now.sort((one, other) => one - other);
    },
  };
}
