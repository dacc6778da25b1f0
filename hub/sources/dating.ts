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
}

/** A device that says its reading is from the future is wrong about its clock: such a reading ends now. */
const LONGEST_LEAD_MS = 1000;

/**
 * Places readings in UTC. The device's monotonic clock is trusted for how long ago a reading was, the hub's for what time
 * it is now. Only readings of an earlier boot, whose age nobody knows, fall back on the device's own idea of UTC.
 */
export function dateReadings(
  frame: { readonly sequence: number; readonly clock: DeviceClock; readonly readings: readonly WireReading[] },
  hubUtcMs: number,
): DatedReading[] {
  const { nowMs, zeroUtcMs } = frame.clock;
  return frame.readings.map(({ code, value, at, spanMs }, index) => {
    const dated = { sequence: frame.sequence + index, code, value, spanMs };
    if (nowMs !== null && Number.isFinite(at)) {
      const ageMs = nowMs - at;
      return { ...dated, endUtcMs: Math.round(hubUtcMs - (ageMs < -LONGEST_LEAD_MS ? 0 : ageMs)), timeQuality: 'synced' };
    }
    if (zeroUtcMs !== null && Number.isFinite(at)) return { ...dated, endUtcMs: Math.round(zeroUtcMs + at), timeQuality: 'device' };
    return { ...dated, endUtcMs: Math.round(hubUtcMs), timeQuality: 'estimated' };
  });
}
