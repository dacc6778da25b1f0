/**
 * A device's own wall clock: year to second in whatever zone it was set, without knowing which. It is kept beside a
 * measurement as a witness; the hub's own time is what dates it.
 *
 * Source: Date Time (0x2A08) and Exact Time 256 (0x2A0C) of the Bluetooth GATT Specification Supplement: 0 in year, month or
 * day means not known.
 */
import { le16, u8, u16le } from './bytes.ts';

export interface CivilTime {
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Length of a Date Time in bytes. */
export const DATE_TIME_LENGTH = 7;
const FIRST_YEAR = 1582;
const LAST_YEAR = 9999;

/** The Date Time at an offset; undefined where its bytes are not there or are no time of a day. */
export function civilTimeAt(bytes: Uint8Array, at: number): CivilTime | undefined {
  const [year, month, day, hour, minute, second] = [u16le(bytes, at), ...[2, 3, 4, 5, 6].map((offset) => u8(bytes, at + offset))] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return civilTime(year, month, day, hour, minute, second);
}

/** Checked parts of a time, 0 for an unknown year, month or day; undefined when they are no time. */
export function civilTime(year: number, month: number, day: number, hour: number, minute: number, second: number): CivilTime | undefined {
  const isYear = year === 0 || (year >= FIRST_YEAR && year <= LAST_YEAR);
  const isDay = month >= 0 && month <= 12 && day >= 0 && day <= 31;
  const isTime = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
  if (!isYear || !isDay || !isTime) return undefined;
  if (year > 0 && month > 0 && day > 0 && new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined;
  return { year: year || null, month: month || null, day: day || null, hour, minute, second };
}

/** `2026-05-12T18:53:54`, without a zone because the device does not tell it; undefined while the date is not whole. */
export function isoOf({ year, month, day, hour, minute, second }: CivilTime): string | undefined {
  if (year === null || month === null || day === null) return undefined;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/** Seven bytes of a Date Time. */
export const encodeCivilTime = (time: CivilTime): number[] => [
  ...le16(time.year ?? 0),
  time.month ?? 0,
  time.day ?? 0,
  time.hour,
  time.minute,
  time.second,
];

/** Wall clock of a point in time in a zone given by its minutes east of UTC. */
export function civilTimeOf(utcMs: number, zoneMinutes: number): CivilTime {
  const local = new Date(utcMs + zoneMinutes * 60_000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
  };
}

/** 1 for Monday to 7 for Sunday. */
export const weekdayOf = ({ year, month, day }: CivilTime): number =>
  year === null || month === null || day === null ? 0 : ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7) + 1;
