/**
 * The two generations of InfluxDB as the target needs them: take lines, delete by tags and time, say where a position stands.
 *
 * Sources. 2: v2 API reference, `POST /api/v2/write`, `/api/v2/delete` (start, stop, predicate: `=` and AND over the measurement's name and
 * tags, no fields) and `/api/v2/query` (Flux in, CSV out). 1 (Debian's 1.6 among them): InfluxDB 1.x API reference, `POST /write?db=` and
 * `/query` (InfluxQL: SELECT, and DELETE by tags and time; failures also come as 200 with an `error`); `GET /ping` names the version.
 */
import { gzipSync } from 'node:zlib';
import { answerError, createHttpClient } from '../http.ts';
import { TargetError } from '../target.ts';

export interface InfluxAddress {
  readonly url: URL;
  readonly org: string;
  /** Of 1: the database. */
  readonly bucket: string;
  /** Of 1: `user:password`. */
  readonly token: () => string;
}

export interface Placed {
  readonly quantity: string;
  readonly device: string;
  /** RFC 3339 in UTC, as the server writes it. */
  readonly time: string;
}

/** What is deleted: of which measurement and tags, those that are named. */
export type Where = Readonly<Partial<Record<'measurement' | 'device' | 'subject', string>>>;
export interface TimeSpan {
  readonly start: string;
  readonly stop: string;
}

export interface InfluxApi extends Disposable {
  /** Points in line protocol, milliseconds. Resolves with the bytes sent. Rejects with {@link TargetError}. */
  write(lines: readonly string[], signal: AbortSignal): Promise<number>;
  /** Rejects with {@link CannotError} where the server has no such function, or the token not the right. */
  remove(span: TimeSpan, where: Where, signal: AbortSignal): Promise<void>;
  /** Where a position of a subject stands. Rejects as {@link InfluxApi.remove}. */
  find(subject: string, seq: number, signal: AbortSignal): Promise<Placed[]>;
}

/** The server has no such function, or the token not the right. */
export class CannotError extends TargetError {
  constructor(message: string) {
    super('refused', message);
  }
}

/** Within the range of its clock (nanoseconds of 64 bits end in 2262). */
export const ALL_TIME: TimeSpan = { start: '1970-01-01T00:00:00Z', stop: '2200-01-01T00:00:00Z' };
/** Statuses of a server that has no such function, or of a token without the right (one that is wrong altogether is 401). */
const cannot = [403, 404, 405, 410, 501];
const LINES = { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' } as const;

type Post = (path: string, query: Readonly<Record<string, string>>, headers: Record<string, string>, body: Buffer) => Promise<Buffer>;

export function openInfluxApi({ url, org, bucket, token }: InfluxAddress): InfluxApi {
  const http = createHttpClient();
  const at = (path: string, query: Readonly<Record<string, string>>): URL => {
    const to = new URL(path, url.href.endsWith('/') ? url : `${url}/`);
    for (const [key, value] of Object.entries(query)) to.searchParams.set(key, value);
    return to;
  };
  let isOne: boolean | undefined;
  /** Which generation answers: asked once, and again after a server that was away. */
  const generationOne = async (signal: AbortSignal): Promise<boolean> => {
    if (isOne !== undefined) return isOne;
    const { status, headers } = await http.send('GET', at('ping', {}), {}, undefined, signal);
    const found = String(headers['x-influxdb-version'] ?? '').startsWith('1.');
    if (status < 500) isOne = found;
    return found;
  };
  const poster =
    (isFirst: boolean, signal: AbortSignal): Post =>
    async (path, query, headers, body) => {
      const basic = Buffer.from(token()).toString('base64');
      const authorization = isFirst ? `Basic ${basic}` : `Token ${token()}`;
      const to = at(path, isFirst ? query : { org, ...query });
      const answer = await http.send('POST', to, { authorization, ...headers }, body, signal);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      const failure = answerError('InfluxDB', answer);
      throw cannot.includes(answer.status) ? new CannotError(failure.message) : failure;
    };
  const generation = async (signal: AbortSignal) => {
    const isFirst = await generationOne(signal);
    return (isFirst ? first : second)(bucket, poster(isFirst, signal));
  };
  return {
    write: async (lines, signal) => (await generation(signal)).write(gzipSync(lines.join('\n'))),
    remove: async (span, where, signal) => (await generation(signal)).remove(span, where),
    find: async (subject, seq, signal) => (await generation(signal)).find(subject, seq),
    [Symbol.dispose]: () => http[Symbol.dispose](),
  };
}

interface Generation {
  write(gzipped: Buffer): Promise<number>;
  remove(span: TimeSpan, where: Where): Promise<void>;
  find(subject: string, seq: number): Promise<Placed[]>;
}

function second(bucket: string, post: Post): Generation {
  return {
    async write(body) {
      await post('api/v2/write', { bucket, precision: 'ms' }, LINES, body);
      return body.length;
    },
    async remove(span, where) {
      const predicate = Object.entries(where)
        .map(([name, value]) => `${name === 'measurement' ? '_measurement' : name}=${quoted(value)}`)
        .join(' AND ');
      await post('api/v2/delete', { bucket }, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify({ ...span, predicate })));
    },
    async find(subject, seq) {
      const flux = [
        `from(bucket: ${quoted(bucket)})`,
        `range(start: ${ALL_TIME.start}, stop: ${ALL_TIME.stop})`,
        `filter(fn: (r) => r.subject == ${quoted(subject)} and r._field == "seq" and r._value == ${seq})`,
        'keep(columns: ["_time", "_measurement", "device"])',
      ].join(' |> ');
      const headers = { 'content-type': 'application/vnd.flux', accept: 'application/csv' };
      return placedIn((await post('api/v2/query', {}, headers, Buffer.from(flux))).toString('utf8'));
    },
  };
}

interface Series {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: string, ...rest: unknown[]])[];
}

function first(db: string, post: Post): Generation {
  const query = async (q: string): Promise<Series[]> => {
    const body = Buffer.from(new URLSearchParams({ q }).toString());
    const answer = await post('query', { db }, { 'content-type': 'application/x-www-form-urlencoded' }, body);
    const { results = [] } = JSON.parse(answer.toString('utf8')) as { results?: { error?: string; series?: Series[] }[] };
    const error = results.find((one) => one.error !== undefined)?.error;
    if (error !== undefined) throw new CannotError(`InfluxDB answered: ${error}`);
    return results.flatMap(({ series = [] }) => series);
  };
  return {
    async write(body) {
      await post('write', { db, precision: 'ms' }, LINES, body);
      return body.length;
    },
    async remove({ start, stop }, { measurement, ...tags }) {
      const from = measurement === undefined ? '' : `FROM ${quoted(measurement)} `;
      const wanted = Object.entries(tags).map(([name, value]) => `"${name}" = ${literal(value)}`);
      await query(`DELETE ${from}WHERE ${[...wanted, `time >= '${start}'`, `time <= '${stop}'`].join(' AND ')}`);
    },
    async find(subject, seq) {
      const found = await query(`SELECT "seq" FROM /.*/ WHERE "subject" = ${literal(subject)} AND "seq" = ${seq} GROUP BY "device"`);
      return found.flatMap(({ name, tags, values }) => values.map(([time]) => ({ quantity: name, device: tags?.device ?? '', time })));
    },
  };
}

/** What a tag can hold: a line break cannot be escaped, and a backslash at the end would eat what follows. */
export const tagText = (text: string): string => text.replace(/[\r\n]/g, ' ').replace(/\\+$/, '') || '-';
/** A string of a predicate or of Flux, which would fill in what stands in `${}`. */
const quoted = (text: string): string => `"${tagText(text).replace(/["\\]/g, '\\$&').replaceAll('${', '\\${')}"`;
/** A string of InfluxQL. */
const literal = (text: string): string => `'${tagText(text).replace(/['\\]/g, '\\$&')}'`;

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
