/** Who asks: the operator by token, a hub by its certificate. */
import { timingSafeEqual } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { issuedAt } from './certificates.ts';

export type Caller =
  | { readonly kind: 'operator' }
  /** `issuedMs`: when its certificate was given out, to the second. */
  | { readonly kind: 'hub'; readonly hub: string; readonly issuedMs: number }
  | { readonly kind: 'nobody'; readonly why: string };

export function callerOf(request: FastifyRequest, token: string): Caller {
  const { authorization } = request.headers;
  if (authorization !== undefined)
    return isSame(authorization, `Bearer ${token}`)
      ? { kind: 'operator' }
      : { kind: 'nobody', why: 'this bearer token is not of this edge' };
  const { socket } = request.raw;
  if (!(socket instanceof TLSSocket)) return { kind: 'nobody', why: 'a bearer token of this edge is needed' };
  const { subject, valid_from, valid_to } = socket.getPeerCertificate() ?? {};
  if (subject === undefined)
    return { kind: 'nobody', why: "a certificate of this edge is needed: enrol the hub with a code of the edge's operator" };
  if (String(socket.authorizationError) === 'CERT_HAS_EXPIRED')
    return { kind: 'nobody', why: `the hub's certificate ended ${valid_to}: ask the edge's operator for a new code and enrol again` };
  if (!socket.authorized) return { kind: 'nobody', why: `the hub's certificate is not taken here: ${socket.authorizationError}` };
  return { kind: 'hub', hub: String(subject.CN), issuedMs: issuedAt(valid_from ?? '') };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
