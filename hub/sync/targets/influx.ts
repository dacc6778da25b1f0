/**
 * InfluxDB 2, and whatever else takes its line protocol at `/api/v2/write`, as a target. A point is named by measurement (the quantity),
 * tags (device, subject) and time, so a delivery sent again writes the same points, and a correction takes the place of the old value.
 *
 * What was removed here is looked for by its position, which each point carries, and deleted there; what got another time is deleted
 * where it stood and written where it belongs. A server that cannot delete (InfluxDB 3, VictoriaMetrics), or a token that may not, is
 * said entry by entry.
 *
 * Source: InfluxDB v2 API reference, `POST /api/v2/write` (400: malformed line, 413: too large, 422: outside retention, 429, 503),
 * `POST /api/v2/delete` (start, stop, predicate: `=` and AND over the measurement's name and tags, no fields) and `POST /api/v2/query`
 * (Flux in, CSV out); line protocol reference for escaping.
 */
import { gzipSync } from 'node:zlib';
import type { LogEntry, StoredMeasurement } from '../../store/log-entry.ts';
import { answerError, createHttpClient } from '../http.ts';
import { type Delivery, type Target, TargetError } from '../target.ts';

export interface InfluxOptions {
  readonly name: string;
  readonly region: string;
  readonly url: URL;
  readonly org: string;
  readonly bucket: string;
  readonly token: () => string;
}

/** InfluxData's own advice for a batch. */
const MOST_ENTRIES = 5000;
/** Within the range of its clock (nanoseconds of 64 bits end in 2262). */
const ALL_TIME = { start: '1970-01-01T00:00:00Z', stop: '2200-01-01T00:00:00Z' } as const;
/** Statuses of a server that has no such function, or of a token without the right (one that is wrong altogether is 401). */
const cannot = [403, 404, 405, 410, 501];

interface Placed {
  readonly quantity: string;
  readonly device: string;
  /** RFC 3339 in UTC, as the server writes it. */
  readonly time: string;
}

export function influxTarget({ name, region, url, org, bucket, token }: InfluxOptions): Target {
  const http = createHttpClient();
  const at = (path: string, query: Readonly<Record<string, string>>): URL => {
    const to = new URL(path, url.href.endsWith('/') ? url : `${url}/`);
    for (const [key, value] of Object.entries({ org, ...query })) to.searchParams.set(key, value);
    return to;
  };
  const post = async (to: URL, headers: Record<string, string>, body: Buffer, signal: AbortSignal): Promise<Buffer> => {
    const answer = await http.send('POST', to, { authorization: `Token ${token()}`, ...headers }, body, signal);
    if (answer.status < 200 || answer.status >= 300) {
      const failure = answerError('InfluxDB', answer);
      throw cannot.includes(answer.status) ? new CannotError(failure.message) : failure;
    }
    return answer.body;
  };
  const write = async (lines: readonly string[], signal: AbortSignal): Promise<number> => {
    let bytes = 0;
    for (let from = 0; from < lines.length; from += MOST_ENTRIES) {
      const body = gzipSync(lines.slice(from, from + MOST_ENTRIES).join('\n'));
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' };
      await post(at('api/v2/write', { bucket, precision: 'ms' }), headers, body, signal);
      bytes += body.length;
    }
    return bytes;
  };
  const remove = async (span: { readonly start: string; readonly stop: string }, predicate: string, signal: AbortSignal): Promise<void> => {
    const body = Buffer.from(JSON.stringify({ ...span, predicate }));
    await post(at('api/v2/delete', { bucket }), { 'content-type': 'application/json' }, body, signal);
  };
  /** Where a position of a subject stands. */
  const find = async (subject: string, seq: number, signal: AbortSignal): Promise<Placed[]> => {
    const flux = [
      `from(bucket: ${quoted(bucket)})`,
      `range(start: ${ALL_TIME.start}, stop: ${ALL_TIME.stop})`,
      `filter(fn: (r) => r.subject == ${quoted(subject)} and r._field == "seq" and r._value == ${seq})`,
      'keep(columns: ["_time", "_measurement", "device"])',
    ].join(' |> ');
    const headers = { 'content-type': 'application/vnd.flux', accept: 'application/csv' };
    const answer = await post(at('api/v2/query', {}), headers, Buffer.from(flux), signal);
    return placedIn(answer.toString('utf8'));
  };
  const removeEntry = async (
    subject: string,
    { of, id, seq }: Extract<LogEntry, { kind: 'removed' }>,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      for (const { quantity, device, time } of await find(subject, of, signal))
        await remove(
          { start: time, stop: endOfMs(time) },
          `_measurement=${quoted(quantity)} AND device=${quoted(device)} AND subject=${quoted(subject)}`,
          signal,
        );
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
      await remove(span, `subject=${quoted(subject)}`, signal);
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
      await remove(ALL_TIME, `subject=${quoted(subject)}`, signal);
    },
    async test(signal) {
      const line = `hearth_test,source=hub value=1i`;
      await write([line], signal);
      try {
        await remove(ALL_TIME, '_measurement="hearth_test"', signal);
        return `${url.host} took a test point into the bucket '${bucket}' and deleted it again.`;
      } catch (error) {
        if (!(error instanceof TargetError) || error.kind === 'away') throw error;
        return `${url.host} took a test point into the bucket '${bucket}', but does not delete (${error.message}): removals will be set aside here.`;
      }
    },
    async close() {
      http[Symbol.dispose]();
    },
  };
}

/** The server has no such function, or the token not the right. */
class CannotError extends TargetError {
  constructor(message: string) {
    super('refused', message);
  }
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

/** What a tag can hold: a line break cannot be escaped, and a backslash at the end would eat what follows. */
const tagText = (text: string): string => text.replace(/[\r\n]/g, ' ').replace(/\\+$/, '') || '-';
/** Comma, equals sign and space are escaped in a tag. */
const tag = (text: string): string => tagText(text).replace(/[ ,=]/g, '\\$&');
/** A string of a predicate or of Flux, which would fill in what stands in `${}`. */
const quoted = (text: string): string => `"${tagText(text).replace(/["\\]/g, '\\$&').replaceAll('${', '\\${')}"`;
/** The last nanosecond of a time's millisecond: whether the server counts `stop` itself or not, no other point lies in between. */
const endOfMs = (time: string): string => `${new Date(time).toISOString().slice(0, -1)}999999Z`;

/** Rows of annotated or plain CSV: tables follow each other, each with its own header after an empty line. */
function placedIn(csv: string): Placed[] {
  const placed: Placed[] = [];
  let header: readonly string[] | undefined;
  for (const line of csv.split(/\r?\n/)) {
    if (line === '') header = undefined;
    else if (!line.startsWith('#')) {
      const fields = fieldsOf(line);
      if (header === undefined) header = fields;
      else {
        const field = (column: string): string => fields[header!.indexOf(column)] ?? '';
        placed.push({ quantity: field('_measurement'), device: field('device'), time: field('_time') });
      }
    }
  }
  return placed;
}

/** Fields of a line of CSV (RFC 4180). A device's name may hold commas and quotes, never a line break. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain ?? '');
