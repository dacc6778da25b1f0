/**
 * What is done over a session of WHIP or WHEP once it is open (RFC 9725, 4.3): candidates and ICE restarts by PATCH, each for the ICE session
 * that its entity tag names, and the end by DELETE; and what is said before one is opened, by OPTIONS.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { writeIceLink } from '../video/ice-links.ts';
import { iceOf, parseSdpFragment, writeSdpFragment } from '../video/sdp-fragment.ts';
import type { IceServersFor } from './ice-servers.ts';
import type { EdgePeer } from './video-engine.ts';
import { hashOfToken } from './video-tokens.ts';

export const FRAGMENT = 'application/trickle-ice-sdpfrag';

export type Way = 'whip' | 'whep';

export interface WhipSessionsOptions {
  /** Undefined when the session is over. */
  readonly peerOf: (way: Way, camera: string, id: string) => EdgePeer | undefined;
  readonly end: (way: Way, camera: string, id: string) => void;
  /** Whether a token waits to open a session of that kind. */
  readonly mayOpen: (token: string, way: Way, camera: string) => boolean;
  readonly iceServers: IceServersFor;
}

export interface WhipSessions {
  /** Says that a session is open, to whom it belongs from now on: the answer, where it is, what it is called. */
  opened(request: FastifyRequest, reply: FastifyReply, way: Way, camera: string, id: string, answer: string): FastifyReply;
  forget(id: string): void;
}

type SessionRequest = { Params: { camera: string; id: string } };

export const refuse = (reply: FastifyReply, status: number, code: string, message: string): FastifyReply =>
  reply.code(status).send({ error: { code, message } });
export const unauthorised = (reply: FastifyReply, code: string, message: string): FastifyReply =>
  refuse(reply.header('www-authenticate', 'Bearer'), 401, code, message);
export const bearerOf = ({ headers: { authorization = '' } }: FastifyRequest): string => /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';

export function registerWhipSessions(edge: FastifyInstance, { peerOf, end, mayOpen, iceServers }: WhipSessionsOptions): WhipSessions {
  /** Hash of the token that opened each, and how often its ICE began. */
  const sessions = new Map<string, { readonly owner: string; ices: number }>();
  const owns = (request: FastifyRequest, id: string): boolean => sessions.get(id)?.owner === hashOfToken(bearerOf(request));
  const tagOf = (id: string): string => `"${id}.${sessions.get(id)?.ices ?? 0}"`;
  const withServers = (reply: FastifyReply, name: string): FastifyReply => {
    const servers = iceServers(name);
    return servers.length === 0 ? reply : reply.header('link', servers.map(writeIceLink).join(', '));
  };

  for (const way of ['whip', 'whep'] as const) {
    edge.patch<SessionRequest>(`/v1/${way}/:camera/:id`, async (request, reply) => {
      const { camera, id } = request.params;
      const peer = peerOf(way, camera, id);
      if (peer === undefined) return refuse(reply, 404, 'session', 'the session is over: open another');
      if (!owns(request, id)) return unauthorised(reply, 'session', 'another token opened that session');
      if (!request.headers['content-type']?.startsWith(FRAGMENT)) return refuse(reply, 415, 'type', `the body must be ${FRAGMENT}`);
      const fragment = parseSdpFragment(typeof request.body === 'string' ? request.body : '');
      if (fragment === undefined) return refuse(reply, 400, 'fragment', 'the body is no SDP fragment (RFC 8840)');
      const match = request.headers['if-match'];
      if (match === undefined)
        return refuse(reply, 428, 'match', 'If-Match must say which ICE session this is of: its ETag, or "*" to begin another');
      // RFC 9725 writes the star between quotes, RFC 9110 without.
      if (match !== '*' && match !== '"*"' && match !== tagOf(id))
        return refuse(reply, 412, 'match', 'ICE has begun anew since, or it is another session');
      const { ufrag, pwd, candidates } = iceOf(fragment);
      if (ufrag === undefined || ufrag === peer.remoteUfrag) {
        for (const { candidate, mid } of candidates) await peer.addCandidate(candidate, mid);
        return reply.code(204).send();
      }
      if (pwd === undefined) return refuse(reply, 400, 'fragment', 'ICE begins anew with ice-ufrag and ice-pwd');
      const own = await peer.restart({ ufrag, pwd, candidates });
      const session = sessions.get(id);
      if (own === undefined || session === undefined)
        return refuse(reply, 422, 'restart', 'ICE could not be begun anew: the session goes on as it was, or another is opened');
      session.ices++;
      return reply.code(200).type(FRAGMENT).header('etag', tagOf(id)).send(writeSdpFragment(own));
    });

    edge.delete<SessionRequest>(`/v1/${way}/:camera/:id`, async (request, reply) => {
      const { camera, id } = request.params;
      if (peerOf(way, camera, id) === undefined) return reply.code(200).send();
      if (!owns(request, id)) return unauthorised(reply, 'session', 'another token opened that session');
      end(way, camera, id);
      return reply.code(200).send();
    });

    // RFC 9725, 4.2 and 4.6: what a browser asks before it posts from another origin, and what an engine must know before it gathers.
    edge.options<{ Params: { camera: string } }>(`/v1/${way}/:camera`, async (request, reply) => {
      const token = bearerOf(request);
      reply.header('accept-post', 'application/sdp').code(204);
      if (mayOpen(token, way, request.params.camera)) withServers(reply, hashOfToken(token).slice(0, 12));
      return reply.send();
    });
  }

  return {
    opened(request, reply, way, camera, id, answer) {
      sessions.set(id, { owner: hashOfToken(bearerOf(request)), ices: 0 });
      const at = `/v1/${way}/${camera}/${id}`;
      return withServers(reply, id).code(201).type('application/sdp').header('etag', tagOf(id)).header('location', at).send(answer);
    },
    forget: (id) => void sessions.delete(id),
  };
}
