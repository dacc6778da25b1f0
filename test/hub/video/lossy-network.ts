/**
 * A bad network between a camera and its edge, in this process, as kernels without netem have none: an HTTP proxy before the edge that
 * puts a UDP relay of its own into the edge's answers, so that all media goes through it, is lost, late, and no faster than the line.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Network {
  /** Part of the packets that never arrive, each way. */
  readonly loss: number;
  /** Each packet is late by up to this, so that they overtake each other. */
  readonly jitterMs: number;
  /** What the camera's line carries upwards, bits a second; left out: all. */
  readonly upBits?: number;
}

/** What a cheap router holds before it drops. */
const QUEUE_MS = 300;
/** IP and UDP headers, which a line carries too. */
const HEADERS_BYTES = 28;
const RECEIVE_BYTES = 2 ** 20;

export interface LossyNetwork {
  /** Instead of the edge's URL. */
  readonly url: string;
  /** Bits that came through upwards since the last time it was asked. */
  takeUpBits(): number;
  close(): void;
}

/** Numbers from 0 to 1, the same for each seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function openLossyNetwork(edgeUrl: string, network: Network, seed: number): Promise<LossyNetwork> {
  const random = seeded(seed);
  const sockets: Socket[] = [];
  let upBits = 0;
  let isClosed = false;

  /** Sends a packet on as the network lets it. */
  const way = (bits: number | undefined, send: (packet: Buffer) => void): ((packet: Buffer) => void) => {
    let freeAtMs = 0;
    return (packet) => {
      const nowMs = performance.now();
      if (random() < network.loss) return;
      let waitMs = random() * network.jitterMs;
      if (bits !== undefined) {
        const fromMs = Math.max(nowMs, freeAtMs);
        if (fromMs - nowMs > QUEUE_MS) return;
        freeAtMs = fromMs + ((packet.length + HEADERS_BYTES) * 8000) / bits;
        waitMs += freeAtMs - nowMs;
      }
      if (waitMs < 1) send(packet);
      else setTimeout(send, waitMs, packet);
    };
  };
  /** A port of ours that leads to an address of the edge. */
  const relayTo = async (address: string, port: number): Promise<number> => {
    const [front, back] = [createSocket('udp4'), createSocket('udp4')];
    sockets.push(front, back);
    let camera: RemoteInfo | undefined;
    const up = way(network.upBits, (packet) => {
      upBits += packet.length * 8;
      // A packet may be late for longer than its network is there.
      if (!isClosed) back.send(packet, port, address);
    });
    const down = way(undefined, (packet) => {
      if (camera !== undefined && !isClosed) front.send(packet, camera.port, camera.address);
    });
    front.on('message', (packet, from) => {
      camera = from;
      up(packet);
    });
    back.on('message', down);
    // Of a session that has ended.
    for (const socket of [front, back]) socket.on('error', () => undefined);
    await new Promise<void>((resolve) => front.bind(0, '0.0.0.0', resolve));
    // What is lost is to be lost by the network that was asked for, not because this process had to wait.
    front.setRecvBufferSize(RECEIVE_BYTES);
    return front.address().port;
  };

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const isOffer = request.method === 'POST' && request.url?.includes('/whip/') === true;
    let body = Buffer.concat(parts).toString();
    // The edge is not told where the camera is, else it would find the way around.
    if (isOffer) body = body.replaceAll(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '');
    const { host: _host, 'content-length': _length, connection: _connection, ...headers } = request.headers as Record<string, string>;
    const isBody = request.method !== 'GET' && request.method !== 'HEAD' && body !== '';
    const answered = await fetch(`${edgeUrl}${request.url}`, { method: request.method!, headers, ...(isBody ? { body } : {}) }).catch(
      () => undefined,
    );
    if (answered === undefined) return void response.writeHead(502).end();
    let text = await answered.text();
    if (isOffer && answered.status === 201) {
      const candidate = /^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*$/im.exec(text);
      const port = await relayTo(candidate![1]!, Number(candidate![2]));
      const own = candidate![0].replace(` ${candidate![2]} typ`, ` ${port} typ`);
      text = text.replaceAll(/^a=candidate:.*(\r?\n)/gm, '').replace(/^a=end-of-candidates\r?\n/m, '');
      text = `${text.trimEnd()}\r\n${own.trimEnd()}\r\n`;
    }
    const kept = ['content-type', 'location', 'etag', 'link', 'retry-after'].flatMap((name) => {
      const value = answered.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    response.writeHead(answered.status, Object.fromEntries(kept)).end(answered.status === 204 ? undefined : text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeUpBits() {
      const bits = upBits;
      upBits = 0;
      return bits;
    },
    close() {
      isClosed = true;
      server.closeAllConnections();
      server.close();
      for (const socket of sockets) socket.close();
    },
  };
}
