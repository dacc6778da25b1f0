/**
 * A small InfluxDB: takes `/api/v2/write` strictly (one bad line and nothing of the batch is kept) and keeps points as InfluxDB does,
 * by measurement, tags and time.
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
}

const LINE = /^([a-z0-9_]+)((?:,[^ =]+=(?:\\.|[^\\ ,])+)*) ([a-z]+=-?[\d.e+-]+i?(?:,[a-z]+=-?[\d.e+-]+i?)*) (\d+)$/;

export async function startInflux(token: string): Promise<InfluxStandIn> {
  const points = new Map<string, Point>();
  const deletes: string[] = [];
  const trouble: number[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const say = (status: number, message = ''): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(message === '' ? '' : JSON.stringify({ message }));
    const url = new URL(request.url ?? '', 'http://influx');
    if (trouble.length > 0) return say(trouble.shift()!, 'not now');
    if (request.headers.authorization !== `Token ${token}`) return say(401, 'unauthorized access');
    if (url.searchParams.get('bucket') !== 'health' || url.searchParams.get('org') !== 'home') return say(404, 'bucket not found');
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks);
    if (url.pathname === '/api/v2/delete') {
      deletes.push(body.toString());
      return say(204);
    }
    const lines = body
      .toString()
      .split('\n')
      .map((line) => LINE.exec(line));
    const bad = lines.indexOf(null);
    if (bad >= 0) return say(400, `unable to parse line ${bad + 1}`);
    for (const line of lines) {
      const [, measurement, tags, fields, time] = line!;
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(/(?<!\\),/).map((pair) => pair.split(/(?<!\\)=/) as [string, string]));
