/** Which requests come from outside the home (G1). One that came through a proxy does: the proxy is a way in that the hub does not see. */
import type { FastifyRequest } from 'fastify';
import { isAtHome } from '../ops/home-network.ts';
import { HOTSPOT_ADDRESS } from '../ops/wifi/wifi.ts';

export const isFromOutside = ({ socket, headers }: FastifyRequest): boolean =>
  headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined || !isAtHome(socket.remoteAddress ?? '127.0.0.1');

/** Whether a request came by the hub's loopback, or by the set-up hotspot whose password is on its label. */
export function isAtHub({ socket }: FastifyRequest): boolean {
  const local = (socket.localAddress ?? '').replace(/^::ffff:/, '');
  return local === '127.0.0.1' || local === '::1' || local === HOTSPOT_ADDRESS;
}
