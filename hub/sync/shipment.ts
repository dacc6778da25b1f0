/** A vault's log in the words of an edge. */
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { Entry } from '../edge/entry.ts';
import type { LogEntry } from '../store/log-entry.ts';

const numberOrNull = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

/** What an edge is told of an entry. */
export function edgeEntryOf(entry: LogEntry): Entry {
  const { seq } = entry;
  switch (entry.kind) {
    case 'measured': {
      const { device, boot, sequence, quantity, value, start, end, timeQuality, unset } = entry.measurement;
      const endUtcMs = Math.round(end);
      return {
        kind: 'measured',
        seq,
        device,
        boot,
        sequence,
        code: quantities[quantity].code,
        value: numberOrNull(value),
        endUtcMs,
        spanMs: Math.max(0, Math.round(end - start)),
        timeQuality,
        unset,
      };
    }
    case 'uncoded': {
      const { device, boot, sequence, code, value, endUtcMs, spanMs } = entry.measurement;
      return {
        kind: 'measured',
        seq,
        device,
        boot,
        sequence,
        code,
        value: numberOrNull(value),
        endUtcMs: Math.round(endUtcMs),
        spanMs: Math.max(0, Math.round(spanMs)),
        timeQuality: 'estimated',
        unset: entry.measurement.unset,
      };
    }
    case 'amended':
      return { kind: 'amended', seq, of: entry.of, value: entry.value };
    case 'removed':
      return { kind: 'removed', seq, of: entry.of };
    case 'redated':
      return { kind: 'redated', seq, fromSeq: entry.fromSeq, toSeq: entry.toSeq, shiftMs: entry.shiftMs };
    case 'unknown':
      return { kind: 'note', seq, name: entry.name, body: entry.body };
    case 'conflict':
    case 'gap':
    case 'calibration':
    case 'restored':
    case 'clip':
    case 'segment': {
      const { kind, seq: _seq, atMs, by, ...body } = entry;
      return { kind: 'note', seq, name: kind, body: JSON.stringify({ ...body, atMs, by }) };
    }
  }
}
