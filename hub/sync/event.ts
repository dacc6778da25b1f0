/** An entry of a log as plain JSON for programs of others (webhook, file): what happened, and the measurement in the API's words. */
import { type MeasurementJson, measurementJson } from '../store/measurement-json.ts';
import type { Delivery } from './target.ts';

export interface SyncEvent {
  readonly kind: string;
  readonly subject: string;
  readonly seq: number;
  /** When the hub kept it. */
  readonly at: string;
  /** The measurement as it now stands. */
  readonly measurement?: MeasurementJson;
  readonly [more: string]: unknown;
}

/** Events of a delivery in order. A removal names the measurement and holds nothing of its value. */
export function eventsOf({ subject, entries, measurementAt }: Delivery): SyncEvent[] {
  return entries.map((entry) => {
    const { seq, atMs } = entry;
    const common = { kind: entry.kind, subject, seq, at: new Date(atMs).toISOString() };
    switch (entry.kind) {
      case 'measured':
        return { ...common, measurement: measurementJson(entry.measurement) };
      case 'amended': {
        const of = measurementAt(entry.of);
        return { ...common, of: entry.of, id: entry.id, ...(of === undefined ? {} : { measurement: measurementJson(of) }) };
      }
      case 'removed':
        return { ...common, of: entry.of, id: entry.id };
      case 'uncoded':
        return { ...common, uncoded: entry.measurement };
      default: {
        const { kind: _kind, seq: _seq, atMs: _atMs, by: _by, ...body } = entry;
        return { ...common, ...body };
      }
    }
  });
}
