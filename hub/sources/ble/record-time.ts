/**
 * When a record of a Bluetooth device was measured. Devices tell the time of a record by a clock of their own, without a zone, which
 * nobody may ever have set: it stands at 1970 or 2000, or at another zone's time. Where that clock was read beside the record, what it is
 * off by is taken away; where it was not, it is believed within reason. What the device wrote is kept beside the time that was chosen.
 */
import { ANCIENT_MS, type DatedReading } from '../dating.ts';

export type RecordTime = Pick<DatedReading, 'endUtcMs' | 'timeQuality'> & {
  readonly deviceEndUtcMs: number | null;
  readonly timeDoubt: NonNullable<DatedReading['timeDoubt']>;
};

export interface RecordClock {
  /** `2026-05-12T18:53:54` by the device's own clock. */
  readonly deviceTime?: string | undefined;
  /** How long ago the device says that it was. */
  readonly agoMs?: number | undefined;
  /** How far the device's clock was ahead of the hub's when it was read; undefined where it was not. */
  readonly leadMs?: number | undefined;
  /** It was seen to come about: it is of now, whatever the device's clock says. */
  readonly isLive?: boolean | undefined;
}

/** Clocks that nobody set to each other differ by so much at least. */
const NOBODYS_FAULT_MS = 120_000;

/** A wall clock without a zone as UTC, in the zone of the home (minutes ahead of UTC at a time); undefined for what is no time. */
export function utcOfCivil(civil: string, zoneMinutes: (atUtcMs: number) => number): number | undefined {
  const asUtcMs = Date.parse(`${civil}Z`);
  if (Number.isNaN(asUtcMs)) return undefined;
  // Twice, because the zone's distance is asked for by the time that is looked for.
  const nearMs = asUtcMs - zoneMinutes(asUtcMs) * 60_000;
  return asUtcMs - zoneMinutes(nearMs) * 60_000;
}

/** The time of a record that arrived at `hubUtcMs`. Pure; never gives a time after the arrival. */
export function dateRecord(
  { deviceTime, agoMs, leadMs, isLive = false }: RecordClock,
  hubUtcMs: number,
  zoneMinutes: (atUtcMs: number) => number,
): RecordTime {
  const arrived = (timeDoubt: RecordTime['timeDoubt'], deviceEndUtcMs: number | null): RecordTime => ({
    endUtcMs: Math.round(hubUtcMs),
    timeQuality: 'estimated',
    deviceEndUtcMs,
    timeDoubt,
  });
  const deviceUtcMs = deviceTime === undefined ? undefined : utcOfCivil(deviceTime, zoneMinutes);
  if (deviceUtcMs === undefined) {
    if (agoMs === undefined) return { ...arrived('none', null), timeQuality: 'synced' };
    const endUtcMs = Math.round(hubUtcMs - Math.max(0, agoMs));
    return endUtcMs < ANCIENT_MS ? arrived('ancient', null) : { endUtcMs, timeQuality: 'synced', deviceEndUtcMs: null, timeDoubt: 'none' };
  }
  const timeDoubt = deviceUtcMs < ANCIENT_MS ? 'ancient' : deviceUtcMs > hubUtcMs + NOBODYS_FAULT_MS ? 'future' : 'none';
  if (isLive) return { ...arrived(timeDoubt, deviceUtcMs), timeQuality: 'synced' };
  if (leadMs === undefined && timeDoubt !== 'none') return arrived(timeDoubt, deviceUtcMs);
  const endUtcMs = Math.round(deviceUtcMs - (leadMs ?? 0));
  if (endUtcMs < ANCIENT_MS) return arrived('ancient', deviceUtcMs);
  if (endUtcMs > hubUtcMs + NOBODYS_FAULT_MS) return arrived('future', deviceUtcMs);
  return { endUtcMs: Math.min(endUtcMs, Math.round(hubUtcMs)), timeQuality: 'device', deviceEndUtcMs: deviceUtcMs, timeDoubt };
}
