/** A measurement as a vault keeps it, and as the rest of the house sees it. */
import type { Flag } from '../../firmware/protocol/measurement.ts';
import { isPlausible, quantities, quantityOfCode } from '../../firmware/protocol/quantities.ts';
import { type TimeQuality, utcMs } from '../../firmware/protocol/time.ts';
import type { LogEntry, StoredMeasurement } from './log-entry.ts';

export interface Row {
  readonly seq: number;
  /** UTC milliseconds of the commit; whole seconds once the row lies in a block. */
  readonly atMs: number;
  /** Number of the device within the vault. */
  readonly device: number;
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  /** NaN where the value is no number. */
  value: number;
  endMs: number;
  readonly spanMs: number;
  quality: number;
  /** Which start of the hub took it; 0 where that was not kept. */
  readonly hubBoot: number;
  /** Minutes by which the home's clock was ahead of UTC; null where that was not known. */
  readonly zoneMin: number | null;
  /** The device's own idea of the end, less `endMs`; null when it has no clock. */
  readonly deviceLeadMs: number | null;
  readonly doubt: number;
}

/**
 * How the time is known, by number at rest. The last two await a hub that knows the time: until then both are `estimated`; then
 * the first becomes `synced`, and the second stays what it is, because only its arrival was ever known.
 */
const kept = ['synced', 'estimated', 'device', 'estimated', 'estimated'] as const satisfies readonly TimeQuality[];
export const UNSET = 3;
export const UNSET_ARRIVAL = 4;

/** What is odd about the time that the device gave, by number at rest. */
export const doubts = ['none', 'future', 'ancient'] as const;
export type TimeDoubt = (typeof doubts)[number];

export const qualityNumber = (quality: TimeQuality, isUnset: boolean): number => {
  if (quality === 'device') return 2;
  if (isUnset) return quality === 'synced' ? UNSET : UNSET_ARRIVAL;
  return quality === 'synced' ? 0 : 1;
};

/** Whether the value counts in charts. */
export function isSound(code: number, value: number): boolean {
  const quantity = quantityOfCode(code);
  return quantity !== undefined && isPlausible(quantity.id, value);
}

export const identityOf = (device: string, boot: number, sequence: number): string => `${device}/${boot}/${sequence}`;

/** The parts of an identity. Throws RangeError when it is none. */
export function identityIn(id: string): { readonly device: string; readonly boot: number; readonly sequence: number } {
  const parts = /^(.+)\/(\d+)\/(\d+)$/.exec(id);
  if (parts === null) throw new RangeError(`'${id}' names no measurement: device/boot/sequence`);
  return { device: parts[1]!, boot: Number(parts[2]), sequence: Number(parts[3]) };
}

/** The row of an entry that was exported. What waited for the time to become known waits no more. */
export function rowOfEntry(entry: LogEntry & { readonly kind: 'measured' | 'uncoded' }, device: number): Row {
  const { seq, atMs } = entry;
  const common = { seq, atMs, device, hubBoot: 0 };
  if (entry.kind === 'uncoded') {
    const { boot, sequence, code, value, endUtcMs, spanMs } = entry.measurement;
    return { ...common, boot, sequence, code, value, endMs: endUtcMs, spanMs, quality: 1, zoneMin: null, deviceLeadMs: null, doubt: 0 };
  }
  const { boot, sequence, quantity, value, start, end, timeQuality, timeDoubt, zoneMin, deviceEnd } = entry.measurement;
  return {
    ...common,
    boot,
    sequence,
    code: quantities[quantity].code,
    value,
    endMs: end,
    spanMs: end - start,
    quality: qualityNumber(timeQuality, false),
    zoneMin,
    deviceLeadMs: deviceEnd === null ? null : deviceEnd - end,
    doubt: doubts.indexOf(timeDoubt),
  };
}

/** A row of a quantity that this hub knows; undefined for another's code, which waits for a newer hub. */
export function measurementOf(row: Row, device: string, subject: string): StoredMeasurement | undefined {
  const quantity = quantityOfCode(row.code);
  if (quantity === undefined) return undefined;
  const flag: Flag = isPlausible(quantity.id, row.value) ? 'ok' : 'implausible';
  const measurement = {
    seq: row.seq,
    subject,
    device,
    boot: row.boot,
    sequence: row.sequence,
    quantity: quantity.id,
    value: row.value,
    start: utcMs(row.endMs - row.spanMs),
    end: utcMs(row.endMs),
    timeQuality: kept[row.quality] ?? 'estimated',
    flag,
    timeDoubt: doubts[row.doubt] ?? 'none',
    zoneMin: row.zoneMin,
    deviceEnd: row.deviceLeadMs === null ? null : utcMs(row.endMs + row.deviceLeadMs),
  };
  return row.quality >= UNSET ? { ...measurement, ...unsetOf(row) } : measurement;
}

const unsetOf = ({ quality }: Row): { unset?: 'dated' | 'arrived' } =>
  quality === UNSET ? { unset: 'dated' } : quality === UNSET_ARRIVAL ? { unset: 'arrived' } : {};

export function entryOfRow(row: Row, device: string, subject: string): LogEntry {
  const common = { seq: row.seq, atMs: row.atMs, by: `device:${device}` };
  const measurement = measurementOf(row, device, subject);
  if (measurement !== undefined) return { ...common, kind: 'measured', measurement };
  const { seq, boot, sequence, code, value, endMs, spanMs } = row;
  return {
    ...common,
    kind: 'uncoded',
    measurement: { seq, device, boot, sequence, code, value, endUtcMs: endMs, spanMs, ...unsetOf(row) },
  };
}
