/**
 * A network between a hub and an edge that is as bad as they come, by a seed: connections are refused, cut before the request, cut
 * in the middle of it, or cut after it so that the answer is lost; requests are sent twice; answers are 503.
 */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault = 'none' | 'refuse' | 'half' | 'lose-answer' | 'twice' | 'busy';
const faults: readonly Fault[] = ['none', 'none', 'none', 'refuse', 'half', 'lose-answer', 'twice', 'busy'];

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** How often each happened. */
  readonly happened: Readonly<Record<Fault, number>>;
  /** From now on everything passes. */
  heal(): void;
}

export async function startFaultProxy(target: URL, random: () => number): Promise<FaultProxy> {
  const happened: Record<Fault, number> = { none: 0, refuse: 0, half: 0, 'lose-answer': 0, twice: 0, busy: 0 };
  let healed = false;
  const forward = (
    incoming: IncomingMessage,
    body: Buffer,
    bytes: number,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        { host: target.hostname, port: target.port, path: incoming.url, method: incoming.method, headers: incoming.headers },
        async (answer) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
        },
      );
      sent.on('error', reject);
      if (bytes === body.length) sent.end(body);
      else sent.write(body.subarray(0, bytes), () => sent.destroy(new Error('cut')));
    });
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const fault = healed ? 'none' : faults[Math.floor(random() * faults.length)]!;
    happened[fault]++;
    try {
      if (fault === 'refuse') return void incoming.socket.destroy();
      if (fault === 'busy') return void outgoing.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"message":"busy"}}');
      if (fault === 'half' && body.length > 1) {
        await forward(incoming, body, Math.floor(body.length / 2));
        return;
      }
      if (fault === 'twice') await forward(incoming, body, body.length);
      const answer = await forward(incoming, body, body.length);
      if (fault === 'lose-answer') return void incoming.socket.destroy();
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      incoming.socket.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    happened,
    heal() {
      healed = true;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
