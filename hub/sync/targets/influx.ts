/**
 * InfluxDB, 1 and 2, and whatever else takes its line protocol as they do, as a target. A point is named by measurement (the quantity),
 * tags (device, subject) and time, so a delivery sent again writes the same points, and a correction takes the place of the old value.
 *
 * What was removed here is looked for by its position, which each point carries, and deleted there; what got another time is deleted
 * where it stood and written where it belongs. A server that cannot delete (InfluxDB 3, VictoriaMetrics), or a token that may not, is
 * said entry by entry.
 *
 * Source: line protocol reference for escaping; statuses 400: malformed line, 413: too large, 422: outside retention, 429, 503.
 */
import type { LogEntry, StoredMeasurement } from '../../store/log-entry.ts';
import { type Delivery, type Target, TargetError } from '../target.ts';
import { ALL_TIME, CannotError, type InfluxAddress, openInfluxApi, tagText } from './influx-api.ts';

export interface InfluxOptions extends InfluxAddress {
  readonly name: string;
  readonly region: string;
}

/** InfluxData's own advice for a batch. */
const MOST_ENTRIES = 5000;
export function influxTarget({ name, region, url, bucket, ...more }: InfluxOptions): Target {
  const influx = openInfluxApi({ url, bucket, ...more });
  const write = async (lines: readonly string[], signal: AbortSignal): Promise<number> => {
    let bytes = 0;
    for (let from = 0; from < lines.length; from += MOST_ENTRIES)
      bytes += await influx.write(lines.slice(from, from + MOST_ENTRIES), signal);
    return bytes;
  };
  const removeEntry = async (
    subject: string,
    { of, id, seq }: Extract<LogEntry, { kind: 'removed' }>,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      for (const { quantity, device, time } of await influx.find(subject, of, signal))
        await influx.remove({ start: time, stop: endOfMs(time) }, { measurement: quantity, device, subject }, signal);
    } catch (error) {
      throw perEntry(error, `${id} was removed here and could not be deleted there`, seq);
    }
  };
  /** Everything of the span in which moved measurements stood is deleted, and what belongs in it is written again, with what moved. */
  const moveEntry = async (
    { subject, measurementAt, between }: Delivery,
    { fromSeq, toSeq, shiftMs, seq }: Extract<LogEntry, { kind: 'redated' }>,
    signal: AbortSignal,
  ): Promise<number> => {
    const moved: StoredMeasurement[] = [];
    for (let one = fromSeq; one <= toSeq; one++) {
      const measurement = measurementAt(one);
      if (measurement !== undefined) moved.push(measurement);
    }
    if (moved.length === 0) return 0;
    const [firstMs, lastMs] = moved.reduce(
      ([first, last], { end }) => [Math.min(first, end - shiftMs), Math.max(last, end - shiftMs)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
    try {
      const span = { start: new Date(firstMs).toISOString(), stop: endOfMs(new Date(lastMs).toISOString()) };
      await influx.remove(span, { subject }, signal);
      const all = new Map([...between(firstMs, lastMs), ...moved].map((one) => [one.seq, one]));
      return await write(
        [...all.values()].filter(({ value }) => Number.isFinite(value)).map((one) => lineOf(one, seq)),
        signal,
      );
    } catch (error) {
      throw perEntry(error, `measurements ${fromSeq} to ${toSeq} got another time and could not be moved there`, seq);
    }
  };
  return {
    name,
    kind: 'influx',
    region,
    mostEntries: MOST_ENTRIES,
    countsPositions: false,
    capabilities: {
      keepsTime: true,
      amends: true,
      removes: true,
      fillsIn: true,
      says: 'Writes each measurement with its own time; a correction takes the place of the old value, a removal deletes the point. The token must be allowed to read and write the bucket for that; where deleting is not possible it is said entry by entry.',
    },
    async send(delivery, signal) {
      const lines = delivery.entries.flatMap((entry) => linesOf(entry, delivery));
      let bytes = lines.length === 0 ? 0 : await write(lines, signal);
      for (const entry of delivery.entries) {
        if (entry.kind === 'removed') await removeEntry(delivery.subject, entry, signal);
        else if (entry.kind === 'redated') bytes += await moveEntry(delivery, entry, signal);
      }
      return { bytes };
    },
    async erase(subject, signal) {
      await influx.remove(ALL_TIME, { subject }, signal);
    },
    async test(signal) {
      const line = `hearth_test,source=hub value=1i`;
      await write([line], signal);
      try {
        await influx.remove(ALL_TIME, { measurement: 'hearth_test' }, signal);
        return `${url.host} took a test point into the bucket '${bucket}' and deleted it again.`;
      } catch (error) {
        if (!(error instanceof TargetError) || error.kind === 'away') throw error;
        return `${url.host} took a test point into the bucket '${bucket}', but does not delete (${error.message}): removals will be set aside here.`;
      }
    },
    async close() {
      influx[Symbol.dispose]();
    },
  };
}

/** What this server, or this token, never does is one entry's trouble and blocks no other. */
function perEntry(error: unknown, what: string, seq: number): unknown {
  if (!(error instanceof CannotError || (error instanceof TargetError && error.kind === 'poisoned'))) return error;
  return new TargetError('poisoned', `${what} (${error.message}): delete it there by hand, or give the token the right and try again`, seq);
}

function linesOf(entry: LogEntry, { measurementAt }: Delivery): string[] {
  switch (entry.kind) {
    case 'measured':
      return [lineOf(entry.measurement, entry.seq)];
    case 'amended': {
      const of = measurementAt(entry.of);
      return of === undefined ? [] : [lineOf(of, entry.seq)];
    }
    default:
      return [];
  }
}

/** One point in line protocol, milliseconds. Throws TargetError for a value that it cannot hold. */
export function lineOf({ quantity, subject, device, value, end, seq, flag }: StoredMeasurement, at: number): string {
  if (!Number.isFinite(value)) throw new TargetError('poisoned', 'its value is no number, which InfluxDB does not take', at);
  return `${quantity},device=${tag(device)},subject=${tag(subject)} value=${value},seq=${seq}i,flag="${flag}" ${Math.round(end)}`;
}

/** Comma, equals sign and space are escaped in a tag. */
const tag = (text: string): string => tagText(text).replace(/[ ,=]/g, '\\$&');
/** The last nanosecond of a time's millisecond: whether the server counts `stop` itself or not, no other point lies in between. */
const endOfMs = (time: string): string => `${new Date(time).toISOString().slice(0, -1)}999999Z`;
