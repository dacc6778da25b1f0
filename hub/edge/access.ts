/** Who asks: the operator by token, a hub by its certificate. */
import { timingSafeEqual } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';

export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'hub'; readonly hub: string }
  | { readonly kind: 'nobody'; readonly why: string };

export function callerOf(request: FastifyRequest, token: string): Caller {
  const { authorization } = request.headers;
  if (authorization !== undefined)
    return isSame(authorization, `Bearer ${token}`)
      ? { kind: 'operator' }
      : { kind: 'nobody', why: 'this bearer token is not of this edge' };
  const { socket } = request.raw;
  if (!(socket instanceof TLSSocket)) return { kind: 'nobody', why: 'a bearer token of this edge is needed' };
  const { subject } = socket.getPeerCertificate() ?? {};
  if (subject === undefined)
    return { kind: 'nobody', why: "a certificate of this edge is needed: enrol the hub with a code of the edge's operator" };
  if (!socket.authorized) return { kind: 'nobody', why: `the hub's certificate is not taken here: ${socket.authorizationError}` };
  return { kind: 'hub', hub: String(subject.CN) };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
