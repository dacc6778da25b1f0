import type { DeviceClock, WireReading } from '../../firmware/protocol/frame.ts';
import type { TimeQuality } from '../../firmware/protocol/time.ts';

/** A reading with the number that names it and its place in UTC. */
export interface DatedReading {
  readonly sequence: number;
  readonly code: number;
  readonly value: number;
  readonly endUtcMs: number;
  readonly spanMs: number;
  readonly timeQuality: TimeQuality;
  /** The end by the device's own clock; null when it has none. */
  readonly deviceEndUtcMs?: number | null;
  /** The device gave a time that cannot be: the reading is dated by its arrival. */
  readonly timeDoubt?: 'none' | 'future' | 'ancient';
}

/** A device that says its reading is from the future is wrong about its clock: such a reading ends now. */
const LONGEST_LEAD_MS = 1000;
/** A device's own UTC may be ahead of ours by so much before it is not believed: two clocks that nobody set to each other. */
const LONGEST_UTC_LEAD_MS = 120_000;
/** Clocks that were never set start at 1970, 1980, 2000 or the year of their firmware. */
export const ANCIENT_MS = Date.UTC(2016, 0, 1);

/**
 * Places readings in UTC. The device's monotonic clock is trusted for how long ago a reading was, the hub's for what time it is now.
 * Only readings of an earlier boot, whose age nobody knows, fall back on the device's own idea of UTC, corrected by how far it was
 * seen to be ahead (`leadMs`), and believed within reason when the hub knows the time (`isKnown`). Whatever was chosen, the device's own time is kept beside it.
 */
export function dateReadings(
  frame: { readonly sequence: number; readonly clock: DeviceClock; readonly readings: readonly WireReading[] },
  hubUtcMs: number,
  { leadMs = 0, isKnown = true }: { readonly leadMs?: number; readonly isKnown?: boolean } = {},
): DatedReading[] {
  const { nowMs, zeroUtcMs } = frame.clock;
  return frame.readings.map(({ code, value, at, spanMs }, index) => {
    const isPlaced = Number.isFinite(at);
    const deviceEndUtcMs = zeroUtcMs === null || !isPlaced ? null : Math.round(zeroUtcMs + at);
    const reading = { sequence: frame.sequence + index, code, value, spanMs, deviceEndUtcMs };
    const arrived = { ...reading, endUtcMs: Math.round(hubUtcMs) };
    if (nowMs !== null && isPlaced) {
      const ageMs = nowMs - at;
      if (ageMs < -LONGEST_LEAD_MS) return { ...arrived, timeQuality: 'synced', timeDoubt: 'future' };
      const endUtcMs = Math.round(hubUtcMs - ageMs);
      if (endUtcMs < ANCIENT_MS) return { ...arrived, timeQuality: 'estimated', timeDoubt: 'ancient' };
      return { ...reading, endUtcMs, timeQuality: 'synced', timeDoubt: 'none' };
    }
    if (deviceEndUtcMs === null) return { ...arrived, timeQuality: 'estimated', timeDoubt: 'none' };
    if (deviceEndUtcMs < ANCIENT_MS) return { ...arrived, timeQuality: 'estimated', timeDoubt: 'ancient' };
    const endUtcMs = deviceEndUtcMs - Math.round(leadMs);
    if (!isKnown) return { ...reading, endUtcMs, timeQuality: 'device', timeDoubt: 'none' };
    if (endUtcMs > hubUtcMs + LONGEST_UTC_LEAD_MS) return { ...arrived, timeQuality: 'estimated', timeDoubt: 'future' };
    return { ...reading, endUtcMs: Math.min(endUtcMs, Math.round(hubUtcMs)), timeQuality: 'device', timeDoubt: 'none' };
  });
}

/** Frames over which a device's clock is compared: delays on the line come and go, the offset stays. */
const COMPARED_FRAMES = 15;

/** A device's clock as a witness: by how many milliseconds it is ahead of the hub's, from the frames of its present boot. */
export interface ClockWitness {
  readonly leadsMs: readonly number[];
  readonly leadMs: number;
}
export const noWitness: ClockWitness = { leadsMs: [], leadMs: 0 };

export function witnessed(witness: ClockWitness, clock: DeviceClock, hubUtcMs: number): ClockWitness {
  if (clock.nowMs === null || clock.zeroUtcMs === null) return witness;
  const leadsMs = [...witness.leadsMs, clock.zeroUtcMs + clock.nowMs - hubUtcMs].slice(-COMPARED_FRAMES);
  // The middle one: a frame that waited in a buffer makes the device look slow once.
  return { leadsMs, leadMs: [...leadsMs].sort((a, b) => a - b)[leadsMs.length >> 1]! };
}
