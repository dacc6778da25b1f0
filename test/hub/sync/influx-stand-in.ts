/**
 * A small InfluxDB 2 at the level of its bytes: takes `/api/v2/write` strictly (one bad line and nothing of the batch is kept), keeps points
 * by measurement, tags and time, deletes by `/api/v2/delete`, and answers the Flux that asks where a position stands as InfluxDB does, in
 * CSV with CRLF and a table for each series.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly timeMs: number;
}

export interface InfluxStandIn extends AsyncDisposable {
  readonly url: string;
  points(): Point[];
  readonly deletes: string[];
  /** Answers that come before it works again. */
  readonly trouble: number[];
  /** Requests to paths that end so are answered with this status from now on. */
  lack(path: string, status: number): void;
}

const FIELD = String.raw`[a-z]+=(?:-?[\d.e+-]+i?|"(?:\\.|[^"\\])*")`;
const LINE = new RegExp(String.raw`^([a-z0-9_]+)((?:,[^ =]+=(?:\\.|[^\\ ,])+)*) (${FIELD}(?:,${FIELD})*)(?: (\d+))?$`);
const PREDICATE = /^[A-Za-z_]+="(?:\\.|[^"\\])*"(?: AND [A-Za-z_]+="(?:\\.|[^"\\])*")*$/;
const FLUX =
  /^from\(bucket: "((?:\\.|[^"\\])*)"\) \|> range\(start: (\S+), stop: (\S+)\) \|> filter\(fn: \(r\) => r\.subject == "((?:\\.|[^"\\])*)" and r\._field == "seq" and r\._value == (\d+)\) \|> keep\(columns: \["_time", "_measurement", "device"\]\)$/;

export async function startInflux(token: string): Promise<InfluxStandIn> {
  const points = new Map<string, Point>();
  const deletes: string[] = [];
  const trouble: number[] = [];
  const lacking = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const say = (status: number, message = ''): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(message === '' ? '' : JSON.stringify({ message }));
    const url = new URL(request.url ?? '', 'http://influx');
    if (url.pathname === '/ping') return void response.writeHead(204, { 'x-influxdb-version': 'v2.7.1' }).end();
    if (trouble.length > 0) return say(trouble.shift()!, 'not now');
    const lack = lacking.get(url.pathname);
    if (lack !== undefined) return say(lack, lack === 404 ? 'path not found' : 'insufficient permissions');
    if (request.headers.authorization !== `Token ${token}`) return say(401, 'unauthorized access');
    if (url.searchParams.get('org') !== 'home') return say(404, 'organization name "home" not found');
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks)).toString();
    if (url.pathname === '/api/v2/query') {
      const flux = FLUX.exec(body);
      if (flux === null || request.headers['content-type'] !== 'application/vnd.flux') return say(400, 'compilation failed');
      const [, bucket, , , subject, seq] = flux;
      if (unquoted(bucket!) !== 'health') return say(404, `failed to initialize execute state: could not find bucket "${bucket}"`);
      const found = [...points.values()].filter((one) => one.tags.subject === unquoted(subject!) && one.fields.seq === `${seq}i`);
      const tables = found.map(
        ({ measurement, tags, timeMs }, index) =>
          `,result,table,_measurement,_time,device\r\n,_result,${index},${measurement},${new Date(timeMs).toISOString()},${csv(tags.device!)}\r\n\r\n`,
      );
      return void response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end(tables.join(''));
    }
    if (url.searchParams.get('bucket') !== 'health') return say(404, 'bucket "health" not found');
    if (url.pathname === '/api/v2/delete') {
      deletes.push(body);
      const { start, stop, predicate } = JSON.parse(body) as { start: string; stop: string; predicate: string };
      if (!PREDICATE.test(predicate) || Number.isNaN(Date.parse(start)) || Number.isNaN(Date.parse(stop)))
        return say(400, 'invalid request; error parsing request json');
      const wanted = [...predicate.matchAll(/([A-Za-z_]+)="((?:\\.|[^"\\])*)"/g)].map(
        ([, key, value]) => [key!, unquoted(value!)] as const,
      );
      for (const [key, { measurement, tags, timeMs }] of points) {
        const isIn = timeMs >= Date.parse(start) && timeMs <= Date.parse(stop);
        if (isIn && wanted.every(([name, value]) => (name === '_measurement' ? measurement : tags[name]) === value)) points.delete(key);
      }
      return say(204);
    }
    const lines = body.split('\n').map((line) => LINE.exec(line));
    const bad = lines.indexOf(null);
    if (bad >= 0) return say(400, `unable to parse line ${bad + 1}`);
    for (const line of lines) {
      const [, measurement, tags, fields, time = String(Date.now())] = line!;
      points.set(`${measurement}${tags} ${time}`, {
        measurement: measurement!,
        tags: pairs(tags!.slice(1)),
        fields: pairs(fields!),
        timeMs: Number(time),
      });
    }
    say(204);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    points: () => [...points.values()],
    deletes,
    trouble,
    lack: (path, status) => void lacking.set(path, status),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const unquoted = (text: string): string => text.replace(/\\(.)/g, '$1');
const csv = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(/(?<!\\),/).map((pair) => pair.split(/(?<!\\)=/).map((part) => part.replace(/\\([ ,=])/g, '$1')) as [string, string]),
  );
