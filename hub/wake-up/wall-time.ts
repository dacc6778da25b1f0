/** When a clock on the wall shows a time, in a zone with its changes of summer time. Pure. */
import type { Day } from '../people/age.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of the zone at a moment, as if it were UTC. */
function wallMs(zone: string, utcMs: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone: zone, hourCycle: 'h23', ...parts });
    formats.set(zone, format);
  }
  const of = Object.fromEntries(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(of.year!, of.month! - 1, of.day!, of.hour!, of.minute!, of.second!);
}

/**
 * The first moment (UTC milliseconds) of a day at which the wall clock shows this minute or a later one: of an hour that comes twice the first,
 * of one that is left out in spring the moment of the change, so that nobody is ever woken later than they set.
 */
export function momentOf(zone: string, { year, month, day }: Day, minuteOfDay: number): number {
  const wanted = Date.UTC(year, month - 1, day) + minuteOfDay * 60_000;
  const offsets = [-DAY_MS, DAY_MS].map((away) => wallMs(zone, wanted + away) - (wanted + away));
  const exact = offsets
    .map((offset) => wanted - offset)
    .filter((at) => wallMs(zone, at) === wanted)
    .sort((a, b) => a - b)[0];
  if (exact !== undefined) return exact;
  // Left out: the change lies between the two readings of it.
  let [before, after] = [wanted - Math.max(...offsets), wanted - Math.min(...offsets)];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallMs(zone, middle) >= wanted) after = middle;
    else before = middle;
  }
  return after;
}

/** Days since 1970 of a day, and back: to count days without a clock. */
export const dayBefore = ({ year, month, day }: Day, days: number): Day => {
  const at = new Date(Date.UTC(year, month - 1, day) - days * DAY_MS);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
};

/** 0 is Monday. */
export const weekdayOf = ({ year, month, day }: Day): number => (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
