/** When a copy is due: once in each day, week or month of the home's calendar, from two in the morning on; what was missed is made when the hub is back. Pure. */
import { zoneOffsetMin } from '../../ops/clock/zone.ts';

export const spans = ['day', 'week', 'month'] as const;
export type Span = (typeof spans)[number];

const DAY_MS = 86_400_000;
/** At night nobody waits for the hub. */
const HOUR_MS = 3_600_000;
const FROM_HOUR = 2;
/** 1 January 1970 was a Thursday; weeks begin on Mondays. */
const MONDAY_SHIFT = 3;

/** The period that a time lies in: a number that grows by one with each. */
export function periodOf(utcMs: number, zone: string, span: Span): number {
  const localMs = utcMs + (zoneOffsetMin(zone, utcMs) ?? 0) * 60_000 - FROM_HOUR * HOUR_MS;
  const day = Math.floor(localMs / DAY_MS);
  switch (span) {
    case 'day':
      return day;
    case 'week':
      return Math.floor((day + MONDAY_SHIFT) / 7);
    case 'month': {
      const date = new Date(day * DAY_MS);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    }
  }
}

export const isDue = (lastUtcMs: number | undefined, nowUtcMs: number, zone: string, span: Span): boolean =>
  lastUtcMs === undefined || periodOf(nowUtcMs, zone, span) > periodOf(lastUtcMs, zone, span);
