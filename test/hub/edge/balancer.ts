/** What stands before the processes of a grown edge: each connection goes to the next of them that takes it, as bytes, so that TLS ends there. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface Balancer extends AsyncDisposable {
  readonly port: number;
  /** Connections that each port got. */
  readonly counts: ReadonlyMap<number, number>;
}

export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const counts = new Map(ports.map((port) => [port, 0]));
  const open = new Set<Socket>();
  let turn = 0;
  const join = (from: Socket, left: number): void => {
    if (left === 0) return void from.destroy();
    const port = ports[turn++ % ports.length]!;
    const to = connect(port, '127.0.0.1');
    let isThrough = false;
    to.once('connect', () => {
      isThrough = true;
      counts.set(port, counts.get(port)! + 1);
      from.pipe(to).pipe(from);
    });
    to.once('error', () => (isThrough ? from.destroy() : join(from, left - 1)));
    to.once('close', () => isThrough && from.destroy());
    from.once('close', () => to.destroy());
  };
  const server = createServer((from) => {
    open.add(from);
    from.once('close', () => open.delete(from));
    from.on('error', () => undefined);
    join(from, ports.length);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
