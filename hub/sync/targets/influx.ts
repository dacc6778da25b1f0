/**
 * InfluxDB 2 and 3, VictoriaMetrics and whatever else takes its line protocol at `/api/v2/write`, as a target. A point is named by
 * measurement (the quantity), tags and time, so a delivery sent again writes the same points.
 *
 * Source: InfluxDB v2 API reference, `POST /api/v2/write` (400: malformed line, 413: too large, 422: outside retention, 429, 503) and
 * `POST /api/v2/delete`; line protocol reference for escaping.
 */
import { gzipSync } from 'node:zlib';
import type { LogEntry, StoredMeasurement } from '../../store/log-entry.ts';
import { answerError, createHttpClient } from '../http.ts';
import { type Delivery, type Target, TargetError } from '../target.ts';

export interface InfluxOptions {
  readonly name: string;
  readonly url: URL;
  readonly org: string;
  readonly bucket: string;
  readonly token: () => string;
}

/** InfluxData's own advice for a batch. */
const MOST_ENTRIES = 5000;

export function influxTarget({ name, url, org, bucket, token }: InfluxOptions): Target {
  const http = createHttpClient();
  const at = (path: string, query: Readonly<Record<string, string>>): URL => {
    const to = new URL(path, url.href.endsWith('/') ? url : `${url}/`);
    for (const [key, value] of Object.entries({ org, bucket, ...query })) to.searchParams.set(key, value);
    return to;
  };
  const post = async (to: URL, headers: Record<string, string>, body: Buffer, signal: AbortSignal): Promise<void> => {
    const answer = await http.send('POST', to, { authorization: `Token ${token()}`, ...headers }, body, signal);
    if (answer.status < 200 || answer.status >= 300) throw answerError('InfluxDB', answer);
  };
  return {
    name,
    kind: 'influx',
    region: undefined,
    mostEntries: MOST_ENTRIES,
    countsPositions: false,
    capabilities: {
      keepsTime: true,
      amends: true,
      removes: false,
      says: 'Writes each measurement with its own time; a correction takes the place of the old value. It cannot remove one point: a removed measurement is set aside here until you delete it there.',
    },
    async send(delivery, signal) {
      const lines = delivery.entries.flatMap((entry) => linesOf(entry, delivery));
      if (lines.length === 0) return { bytes: 0 };
      const body = gzipSync(lines.join('\n'));
      await post(
        at('api/v2/write', { precision: 'ms' }),
        { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' },
        body,
        signal,
      );
      return { bytes: body.length };
    },
    async erase(subject, signal) {
      const all = { start: '1970-01-01T00:00:00Z', stop: '2200-01-01T00:00:00Z', predicate: `subject="${subject}"` };
      await post(at('api/v2/delete', {}), { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(all)), signal);
    },
    async close() {
      http[Symbol.dispose]();
    },
  };
}

function linesOf(entry: LogEntry, { measurementAt }: Delivery): string[] {
  switch (entry.kind) {
    case 'measured':
      return [lineOf(entry.measurement, entry.seq)];
    case 'amended': {
      const of = measurementAt(entry.of);
      return of === undefined ? [] : [lineOf(of, entry.seq)];
    }
    case 'removed':
      throw new TargetError('poisoned', `${entry.id} was removed here and must be deleted in InfluxDB by hand`, entry.seq);
    case 'redated':
      throw new TargetError(
        'poisoned',
        `measurements ${entry.fromSeq} to ${entry.toSeq} got another time: where they were sent before, they stand in InfluxDB at the old one`,
        entry.seq,
      );
    default:
      return [];
  }
}

/** One point in line protocol, milliseconds. Throws TargetError for a value that it cannot hold. */
export function lineOf({ quantity, subject, device, value, end, seq, flag }: StoredMeasurement, at: number): string {
  if (!Number.isFinite(value)) throw new TargetError('poisoned', 'its value is no number, which InfluxDB does not take', at);
  return `${quantity},device=${tag(device)},flag=${flag},subject=${tag(subject)} value=${value},seq=${seq}i ${Math.round(end)}`;
}

/** Comma, equals sign and space are escaped in a tag; a line break cannot be, and a backslash at the end would eat what follows. */
const tag = (text: string): string =>
  text
    .replace(/[\r\n]/g, ' ')
    .replace(/\\+$/, '')
    .replace(/[ ,=]/g, '\\$&') || '-';
