/**
 * Record Access Control Point (0x2A52): asks a device for its stored measurements, and reads its answers. The hub reports and
 * counts records; it deletes them only where it is told to, since other phones may not have read them yet.
 *
 * Source: Bluetooth GATT Specification Supplement, Record Access Control Point; Glucose, Pulse Oximeter and Blood Pressure
 * services. A filter by time is a Date Time, one by sequence a 16-bit number.
 */

import { le16, u8, u16le } from '../bytes.ts';
import { type CivilTime, encodeCivilTime } from '../civil-time.ts';

export const RECORD_ACCESS_CONTROL_POINT = '2a52';

export type RecordFilter = { readonly by: 'sequence'; readonly value: number } | { readonly by: 'time'; readonly value: CivilTime };

/** Which records. */
export type RecordSelection =
  | { readonly which: 'all' | 'first' | 'last' }
  | { readonly which: 'up to' | 'from'; readonly filter: RecordFilter }
  | { readonly which: 'between'; readonly filter: RecordFilter; readonly end: RecordFilter };

export type RecordRequest =
  | { readonly kind: 'report' | 'count' | 'delete'; readonly selection: RecordSelection }
  | { readonly kind: 'abort' };

export type RecordAnswer =
  | { readonly kind: 'count'; readonly records: number }
  | { readonly kind: 'done'; readonly request: number }
  /** Nothing stored that the request selects: an answer, not an error. */
  | { readonly kind: 'none'; readonly request: number }
  | { readonly kind: 'refused'; readonly request: number; readonly reason: string };

const REPORT = 1;
const DELETE = 2;
const ABORT = 3;
const COUNT = 4;
const COUNT_ANSWER = 5;
const ANSWER = 6;

const OPERATORS = { all: 1, 'up to': 2, from: 3, between: 4, first: 5, last: 6 } as const;
const FILTERS = { sequence: 1, time: 2 } as const;
const REASONS: Readonly<Record<number, string>> = {
  2: 'this operation is not supported',
  3: 'the operator is not valid',
  4: 'the operator is not supported',
  5: 'the operand is not valid',
  7: 'the abort did not succeed',
  8: 'the procedure did not complete',
  9: 'the operand is not supported',
};

/** Bytes to write to the control point. */
export function encodeRecordRequest(request: RecordRequest): Uint8Array {
  if (request.kind === 'abort') return Uint8Array.of(ABORT, 0);
  const { selection } = request;
  const opcode = { report: REPORT, count: COUNT, delete: DELETE }[request.kind];
  const operand = (filter: RecordFilter): number[] => (filter.by === 'time' ? encodeCivilTime(filter.value) : [...le16(filter.value)]);
  const filters =
    selection.which === 'between'
      ? [FILTERS[selection.filter.by], ...operand(selection.filter), ...operand(selection.end)]
      : 'filter' in selection
        ? [FILTERS[selection.filter.by], ...operand(selection.filter)]
        : [];
  return Uint8Array.from([opcode, OPERATORS[selection.which], ...filters]);
}

/** What the device answered; undefined for bytes that are no answer. */
export function decodeRecordAnswer(bytes: Uint8Array): RecordAnswer | undefined {
  if (bytes.length < 4) return undefined;
  if (u8(bytes, 0) === COUNT_ANSWER) return { kind: 'count', records: u16le(bytes, 2) };
  if (u8(bytes, 0) !== ANSWER) return undefined;
  const request = u8(bytes, 2);
  const result = u8(bytes, 3);
  if (result === 1) return { kind: 'done', request };
  if (result === 6) return { kind: 'none', request };
  return { kind: 'refused', request, reason: REASONS[result] ?? `result 0x${result.toString(16)}` };
}
