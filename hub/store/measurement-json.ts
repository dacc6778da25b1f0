/** A measurement in words: as the API, every export and every target say it. */
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from './log-entry.ts';

export interface MeasurementJson {
  readonly id: string;
  readonly seq: number;
  readonly subject: string;
  readonly device: string;
  readonly quantity: string;
  readonly label: string;
  readonly value: number | null;
  readonly unit: string;
  readonly category: string;
  readonly start: string;
  readonly end: string;
  readonly timeQuality: string;
  readonly flag: string;
  readonly timeDoubt: string;
  readonly zoneMin: number | null;
  readonly deviceEnd: string | null;
}

/** A value that is no number is null. */
export function measurementJson(measurement: StoredMeasurement): MeasurementJson {
  const { device, boot, sequence, quantity, value, start, end, seq, subject, timeQuality, flag, timeDoubt, zoneMin, deviceEnd } =
    measurement;
  const { label, unit, category } = quantities[quantity];
  return {
    id: `${device}/${boot}/${sequence}`,
    seq,
    subject,
    device,
    quantity,
    label,
    value: Number.isFinite(value) ? value : null,
    unit,
    category,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    timeQuality,
    flag,
    timeDoubt,
    zoneMin,
    deviceEnd: deviceEnd === null ? null : isoOf(deviceEnd),
  };
}

/** ISO 8601 of a time that a device claims, which may be no date at all. */
const isoOf = (ms: number): string | null => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null);
