/**
 * Aranet4: current readings, and the history that it keeps for a week or more.
 *
 * Source: github.com/Anrijs/Aranet4-Python, what it reads and writes. A value whose highest bit is set was not measured, as while
 * the sensor calibrates.
 */
import type { QuantityId } from '../../../../../firmware/protocol/quantities.ts';
import type { BleValue } from '../../advertisement.ts';
import { le16, u8, u16le } from '../bytes.ts';
import { read } from './reading.ts';

const aranet = (start: string): string => `${start}-95da-4f4b-9ac8-aa55d312af0c`;

export const CURRENT = aranet('f0cd1503');
/** As the current readings, then the interval and the age of the reading. */
export const CURRENT_DETAILED = aranet('f0cd3001');
export const TOTAL_READINGS = aranet('f0cd2001');
/** Seconds between readings. */
export const INTERVAL = aranet('f0cd2002');
/** Seconds since the last reading. */
export const SINCE_LAST = aranet('f0cd2004');
/** Commands, with a response. */
export const COMMAND = aranet('f0cd1402');
/** History of firmware before 1.2, by notifications. */
export const HISTORY_NOTIFY = aranet('f0cd2003');
/** History since, by reads until all is there. */
export const HISTORY_READ = aranet('f0cd2005');

interface Logged {
  readonly number: number;
  readonly quantity: QuantityId;
  readonly width: 1 | 2;
  readonly divisor: number;
  /** The bit that says that nothing was measured. */
  readonly invalid: number;
}

const logged = {
  temperature: { number: 1, quantity: 'temperature', width: 2, divisor: 20, invalid: 0x4000 },
  humidity: { number: 2, quantity: 'humidity', width: 1, divisor: 1, invalid: 0x100 },
  pressure: { number: 3, quantity: 'pressure', width: 2, divisor: 10, invalid: 0x8000 },
  co2: { number: 4, quantity: 'co2', width: 2, divisor: 1, invalid: 0x8000 },
} as const satisfies Record<string, Logged>;

export type LoggedQuantity = keyof typeof logged;

/** The value in the quantity's unit; undefined where nothing was measured. */
function measuredBy({ divisor, invalid }: Logged, raw: number): number | undefined {
  return (raw & invalid) === 0 ? raw / divisor : undefined;
}

export interface AranetReading {
  readonly values: readonly BleValue[];
  /** Seconds between readings and since this one; absent in the short form. */
  readonly intervalS?: number;
  readonly agoS?: number;
}

/** Current readings, 9 bytes, or 13 with the interval and age; undefined for another length. */
export function aranetCurrent(bytes: Uint8Array): AranetReading | undefined {
  if (bytes.length !== 9 && bytes.length !== 13) return undefined;
  const values = read({
    co2: measuredBy(logged.co2, u16le(bytes, 0)),
    temperature: measuredBy(logged.temperature, u16le(bytes, 2)),
    pressure: measuredBy(logged.pressure, u16le(bytes, 4)),
    humidity: u8(bytes, 6),
    battery: u8(bytes, 7),
  });
  return bytes.length === 13 ? { values, intervalS: u16le(bytes, 9), agoS: u16le(bytes, 11) } : { values };
}

/** The command after which {@link HISTORY_READ} gives one quantity's history from `start`, counted from 1. */
export const askHistory = (quantity: LoggedQuantity, start: number): Uint8Array =>
  Uint8Array.of(0x61, logged[quantity].number, ...le16(Math.max(1, start)));

/** The command after which {@link HISTORY_NOTIFY} tells one quantity's history from `start` to `end`, counted from 1. */
export const askHistoryByNotification = (quantity: LoggedQuantity, start: number, end: number): Uint8Array =>
  Uint8Array.of(0x82, logged[quantity].number, 0x00, 0x00, ...le16(Math.max(1, start)), ...le16(end));

export interface HistoryPiece {
  readonly quantity: LoggedQuantity;
  /** Number of the first value, from 1, the oldest. */
  readonly start: number;
  /** In the quantity's unit; undefined where nothing was measured. */
  readonly values: readonly (number | undefined)[];
  /** Seconds between readings, how many are kept, and the age of the last; absent in notifications. */
  readonly log?: { readonly intervalS: number; readonly total: number; readonly agoS: number };
}

function piece(bytes: Uint8Array, at: number, start: number, count: number): HistoryPiece | undefined {
  const found = (Object.entries(logged) as [LoggedQuantity, Logged][]).find(([, { number }]) => number === u8(bytes, 0));
  if (found === undefined || !(start >= 1) || !(count >= 1)) return undefined;
  const [quantity, row] = found;
  const there = Math.min(count, Math.floor((bytes.length - at) / row.width));
  const values = Array.from({ length: Math.max(0, there) }, (_, index) =>
    measuredBy(row, row.width === 1 ? u8(bytes, at + index) : u16le(bytes, at + 2 * index)),
  );
  return { quantity, start, values };
}

/** A read of {@link HISTORY_READ}; undefined while the device prepares it, or for another thing. */
export function historyRead(bytes: Uint8Array): HistoryPiece | undefined {
  const found = piece(bytes, 10, u16le(bytes, 7), u8(bytes, 9));
  return found && { ...found, log: { intervalS: u16le(bytes, 1), total: u16le(bytes, 3), agoS: u16le(bytes, 5) } };
}

/** A notification of {@link HISTORY_NOTIFY}; undefined at its end. */
export const historyNotified = (bytes: Uint8Array): HistoryPiece | undefined => piece(bytes, 4, u16le(bytes, 1), u8(bytes, 3));

/** How many ms before the read the value of that number was measured, by what the device says of its log. */
export function historyAgoMs({ intervalS, total, agoS }: NonNullable<HistoryPiece['log']>, number: number): number {
  return 1000 * (agoS + (total - number) * intervalS);
}
