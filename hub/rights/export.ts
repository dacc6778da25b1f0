/** The right of access: everything the hub keeps, in forms that other programs read. */

import { type MeasurementJson, measurementJson } from '../store/measurement-json.ts';
import type { Store } from '../store/store.ts';

export const exportFormats = ['csv', 'json', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const contentTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

const columns = [
  'id',
  'subject',
  'device',
  'quantity',
  'value',
  'unit',
  'category',
  'start',
  'end',
  'timeQuality',
  'flag',
  'timeDoubt',
  'zoneMin',
  'deviceEnd',
] as const satisfies (keyof MeasurementJson)[];

/** Every measurement of the subjects' vaults, piece by piece, so that ten years fit through a small memory. */
export function* exportAll(store: Store, subjects: readonly string[], format: ExportFormat): Generator<string> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  if (format === 'json') yield '[';
  let isFirst = true;
  for (const subject of store.subjects().filter((one) => subjects.includes(one))) {
    for (const measurement of store.vault(subject).range({})) {
      const row = measurementJson(measurement);
      if (format === 'csv') yield `${columns.map((column) => csvField(row[column])).join(',')}\r\n`;
      else if (format === 'jsonl') yield `${JSON.stringify(row)}\n`;
      else yield `${isFirst ? '' : ','}\n${JSON.stringify(row)}`;
      isFirst = false;
    }
  }
  if (format === 'json') yield '\n]\n';
}

/** RFC 4180: quoted when it must be. A text that a spreadsheet would run as a formula gets an apostrophe. */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
