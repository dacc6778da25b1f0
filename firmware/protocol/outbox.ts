/**
 * The device's side of acknowledge-after-commit: readings wait here, in order, until the hub says they are on disk.
 *
 * Pure state: no timers. The owner calls {@link Outbox.due} when it has offered readings, had an acknowledgement or waited
 * for `nextDueMs`, and writes what comes back. Re-sending is go-back-N with a small window, as in HDLC (ISO/IEC 13239):
 * the hub recognises what it already has, so sending too much costs time and never correctness. How long to wait for an answer is learnt
 * from the answers, as TCP does (RFC 6298; of what was sent twice nothing is learnt, Karn 1987): a hub that gathers a slow trickle for
 * some seconds is not asked again each time.
 */
import type { DeviceClock, Frame, WireReading } from './frame.ts';
import { MAX_READINGS_PER_FRAME } from './frame.ts';

/** Frames under way without acknowledgement: hides the commit's flush (some 10 ms on an SD card) without flooding a slow line. */
const WINDOW_FRAMES = 8;
const FIRST_RETRY_MS = 250;
/** An answer may take this many times as long as the last one did. */
const PATIENCE = 2;
/** A hub that is away for a week is asked every 10 s: soon enough when it is back, nothing on the line. */
const LONGEST_RETRY_MS = 10_000;
/** 100,000 readings of 40 bytes: some days of a scale and an air sensor, within 4 MB. */
export const DEFAULT_OUTBOX_LIMIT = 100_000;

export interface OutboxOptions {
  readonly boot: number;
  readonly channel: number;
  readonly limit?: number;
  /** What an earlier run of the boot left unacknowledged, in order of its numbers. */
  readonly left?: readonly NumberedReading[];
}

export interface NumberedReading {
  readonly sequence: number;
  readonly reading: WireReading;
}

export interface Outbox {
  /** Queues readings in order. Returns how many of the oldest were dropped because the limit was reached. */
  offer(readings: readonly WireReading[]): number;
  /** Frames to write now, oldest first. */
  due(nowMs: number, clock: DeviceClock): Extract<Frame, { type: 'readings' }>[];
  /** The hub has committed the frame that starts at this sequence. Returns how many readings it held; 0 for an unknown one. */
  acknowledge(boot: number, sequence: number): number;
  /** The link is new (reconnected, or the hub restarted): send at once, from the oldest. */
  reset(): void;
  /** When to call {@link due} again though nothing happened; Infinity when nothing waits. */
  nextDueMs(): number;
  /** Number that the next reading offered will get. */
  readonly nextSequence: number;
  /** Readings not yet acknowledged. */
  readonly waiting: number;
  /** Readings lost for ever because the outbox was full. */
  readonly dropped: number;
}

interface Batch {
  readonly sequence: number;
  readonly readings: WireReading[];
  sentAtMs: number | undefined;
  /** How often it was sent since the link is the one it is. */
  sends: number;
}

export function createOutbox({ boot, channel, limit = DEFAULT_OUTBOX_LIMIT, left = [] }: OutboxOptions): Outbox {
  let batches: Batch[] = [];
  let nextSequence = 1;
  let waiting = 0;
  let dropped = 0;
  let retryMs = FIRST_RETRY_MS;
  /** When {@link Outbox.due} was last asked. */
  let lastMs = 0;

  const add = (reading: WireReading): void => {
    const last = batches.at(-1);
    // A batch once sent keeps its content: its acknowledgement names only its first sequence.
    if (last !== undefined && last.sentAtMs === undefined && last.readings.length < MAX_READINGS_PER_FRAME) last.readings.push(reading);
    else batches.push({ sequence: nextSequence, readings: [reading], sentAtMs: undefined, sends: 0 });
    nextSequence++;
    waiting++;
  };
  for (const { sequence, reading } of left) {
    const last = batches.at(-1);
    const follows =
      last !== undefined && sequence === last.sequence + last.readings.length && last.readings.length < MAX_READINGS_PER_FRAME;
    if (follows) last.readings.push(reading);
    else batches.push({ sequence, readings: [reading], sentAtMs: undefined, sends: 0 });
    nextSequence = sequence + 1;
    waiting++;
  }

  const dropOldest = (): number => {
    const oldest = batches.shift();
    if (oldest === undefined) return 0;
    waiting -= oldest.readings.length;
    dropped += oldest.readings.length;
    return oldest.readings.length;
  };

  return {
    offer(readings) {
      for (const reading of readings) add(reading);
      let lost = 0;
      while (waiting > limit) lost += dropOldest();
      return lost;
    },
    due(nowMs, clock) {
      lastMs = nowMs;
      const oldest = batches[0];
      if (oldest === undefined) return [];
      const late = oldest.sentAtMs !== undefined && nowMs - oldest.sentAtMs >= retryMs;
      if (late) {
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
        for (const batch of batches.slice(0, WINDOW_FRAMES)) batch.sentAtMs = undefined;
      }
      const frames: Extract<Frame, { type: 'readings' }>[] = [];
      for (const batch of batches.slice(0, WINDOW_FRAMES)) {
        if (batch.sentAtMs !== undefined) continue;
        batch.sentAtMs = nowMs;
        batch.sends++;
        frames.push({ type: 'readings', channel, boot, sequence: batch.sequence, clock, readings: batch.readings });
      }
      return frames;
    },
    acknowledge(ackBoot, sequence) {
      if (ackBoot !== boot) return 0;
      const acknowledged = batches.find((batch) => batch.sequence === sequence && batch.sentAtMs !== undefined);
      if (acknowledged === undefined) return 0;
      batches = batches.filter((batch) => batch !== acknowledged);
      waiting -= acknowledged.readings.length;
      if (acknowledged.sends === 1) {
        const answeredMs = lastMs - (acknowledged.sentAtMs ?? lastMs);
        retryMs = Math.min(LONGEST_RETRY_MS, Math.max(FIRST_RETRY_MS, PATIENCE * answeredMs));
      }
      return acknowledged.readings.length;
    },
    reset() {
      retryMs = FIRST_RETRY_MS;
      for (const batch of batches) {
        batch.sentAtMs = undefined;
        batch.sends = 0;
      }
    },
    nextDueMs() {
      const oldest = batches[0];
      if (oldest === undefined) return Number.POSITIVE_INFINITY;
      return oldest.sentAtMs === undefined ? 0 : oldest.sentAtMs + retryMs;
    },
    get nextSequence() {
      return nextSequence;
    },
    get waiting() {
      return waiting;
    },
    get dropped() {
      return dropped;
    },
  };
}
