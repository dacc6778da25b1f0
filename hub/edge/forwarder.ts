/**
 * Video through the edge: one publisher for each camera by WHIP (RFC 9725), a few viewers by WHEP. Each session is opened by a token of
 * its own, made by the camera's hub or the edge's operator. RTP is forwarded as it came, never transcoded.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IceServersFor } from './ice-servers.ts';
import type { EdgeIdentity } from './identity.ts';
import { ASK_AGAIN_MS, askForWaiting, type Publisher, type VideoEngine, whyOver } from './video-engine.ts';
import { openSessionBook } from './video-sessions.ts';
import { createVideoTokens, type Grant } from './video-tokens.ts';
import { bearerOf, FRAGMENT, refuse, registerWhipSessions, unauthorised } from './whip-sessions.ts';

/** A household's screens; each costs the Pi a copy of every packet. */
const MOST_VIEWERS = 8;
const MOST_CAMERAS = 8;
/** Then the page asks again, and whether its person may still watch is looked at anew. */
const WATCH_MS = 3_600_000;
const SWEEP_MS = 2000;
/** A media server that ended is back within this. */
const AWAY_S = '1';
const NAME = /^[a-z0-9][a-z0-9.-]{0,127}$/;

export interface VideoOptions {
  /** Throws unless the caller may give out tokens of this camera and end it: the edge's operator, and the hub that it is of. */
  readonly needGranter: (request: FastifyRequest, camera: string) => void;
  /** Carries the pictures. */
  readonly engine: VideoEngine;
  /** Signs what each session was. */
  readonly identity: Pick<EdgeIdentity, 'region' | 'keyId' | 'videoReceipt'>;
  /** For who cannot reach this machine by UDP. */
  readonly iceServers: IceServersFor;
  /** UTC milliseconds by the edge's own clock. */
  readonly now: () => number;
}

type CameraRequest = { Params: { camera: string } };
type ViewerRequest = { Params: { camera: string; id: string } };

/** Adds /v1/video, /v1/whip and /v1/whep. */
export function registerVideo(
  edge: FastifyInstance,
  { needGranter, engine, identity, iceServers, now }: VideoOptions,
): { close(): Promise<void> } {
  const cameras = new Map<string, Publisher>();
  const tokens = createVideoTokens(now);
  const book = openSessionBook(identity, now);
  for (const type of ['application/sdp', FRAGMENT])
    edge.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => done(null, body));

  const endViewer = (publisher: Publisher, id: string): void => {
    const viewer = publisher.viewers.get(id);
    publisher.viewers.delete(id);
    open.forget(id);
    if (viewer === undefined) return;
    book.viewEnded(publisher, viewer);
    void viewer.peer.close();
  };
  const endPublisher = (camera: string, id: string): void => {
    const publisher = cameras.get(camera);
    if (publisher?.id !== id) return;
    cameras.delete(camera);
    open.forget(id);
    for (const viewer of [...publisher.viewers.keys()]) endViewer(publisher, viewer);
    book.sessionEnded(camera, publisher);
    void publisher.peer.close();
  };
  const open = registerWhipSessions(edge, {
    peerOf(way, camera, id) {
      const publisher = cameras.get(camera);
      if (way === 'whip') return publisher?.id === id ? publisher.peer : undefined;
      return publisher?.viewers.get(id)?.peer;
    },
    end(way, camera, id) {
      const publisher = cameras.get(camera);
      if (way === 'whip') endPublisher(camera, id);
      else if (publisher !== undefined) endViewer(publisher, id);
    },
    mayOpen: (token, way, camera) => tokens.isWaiting(token, camera, way === 'whip' ? 'publish' : 'watch'),
    iceServers,
  });
  const sweep = setInterval(() => {
    for (const publisher of cameras.values())
      for (const viewer of publisher.viewers.values()) if (whyOver(viewer, WATCH_MS, now()) !== undefined) endViewer(publisher, viewer.id);
  }, SWEEP_MS);
  const asking = setInterval(() => {
    for (const publisher of cameras.values()) askForWaiting(publisher);
  }, ASK_AGAIN_MS);

  /** Whether the engine is away; the reply was sent then. */
  const isAway = (reply: FastifyReply): boolean => {
    const trouble = engine.trouble();
    if (trouble !== undefined) refuse(reply.header('retry-after', AWAY_S), 503, 'engine', trouble);
    return trouble !== undefined;
  };
  const isSdp = (body: unknown): body is string => typeof body === 'string' && body.startsWith('v=0') && body.includes('m=video');

  /** The grant of the request's token; undefined when the reply was sent. */
  const grantOf = (request: FastifyRequest<CameraRequest>, reply: FastifyReply, task: Grant['task']): Grant | undefined => {
    const { camera } = request.params;
    const grant = tokens.redeem(bearerOf(request), camera, task);
    if (typeof grant === 'object') return grant;
    if (grant === 'other') refuse(reply, 403, 'other', `this token is not for ${task} of '${camera}'`);
    else if (grant === 'expired') unauthorised(reply, 'expired', 'this token was not used in time: ask for another');
    else unauthorised(reply, 'unknown', 'a token of a session of this edge is needed, which was not used yet');
    return undefined;
  };

  edge.post<CameraRequest & { Body: { task?: unknown; viewer?: unknown } | undefined }>(
    '/v1/video/:camera/tokens',
    async (request, reply) => {
      const { camera } = request.params;
      needGranter(request, camera);
      const { task, viewer = '' } = request.body ?? {};
      if (!NAME.test(camera)) return refuse(reply, 400, 'camera', `'${camera}' is no camera's name`);
      if (task !== 'publish' && task !== 'watch') return refuse(reply, 400, 'task', "task must be 'publish' or 'watch'");
      if (typeof viewer !== 'string' || viewer.length > 128)
        return refuse(reply, 400, 'viewer', 'viewer must be a text of 128 characters or less');
      const made = tokens.make({ camera, task, viewer });
      if (made === undefined) return refuse(reply, 503, 'busy', 'too many tokens wait to be used: try again in a minute');
      return reply.code(201).send({ token: made.token, ends: new Date(made.endsUtcMs).toISOString() });
    },
  );

  edge.get<CameraRequest>('/v1/video/:camera', async (request) => {
    const { camera } = request.params;
    needGranter(request, camera);
    const publisher = cameras.get(camera);
    return {
      isPublished: publisher?.codec !== undefined,
      codec: publisher?.codec ?? '',
      packets: publisher?.packets ?? 0,
      bytes: publisher?.bytes ?? 0,
      soundPackets: publisher?.soundPackets ?? 0,
      viewers: [...(publisher?.viewers.values() ?? [])].map(({ id, name, sinceUtcMs, isConnected, packets }) => ({
        id,
        name,
        since: new Date(sinceUtcMs).toISOString(),
        isConnected,
        packets,
      })),
    };
  });

  edge.get<CameraRequest>('/v1/video/:camera/sessions', async (request) => {
    const { camera } = request.params;
    needGranter(request, camera);
    return { region: identity.region, key: identity.keyId, sessions: await book.list(camera, cameras.get(camera)) };
  });

  edge.delete<CameraRequest>('/v1/video/:camera', async (request, reply) => {
    const { camera } = request.params;
    needGranter(request, camera);
    const publisher = cameras.get(camera);
    if (publisher !== undefined) endPublisher(camera, publisher.id);
    return reply.code(204).send();
  });

  edge.delete<ViewerRequest>('/v1/video/:camera/viewers/:id', async (request, reply) => {
    const { camera, id } = request.params;
    needGranter(request, camera);
    const publisher = cameras.get(camera);
    if (publisher !== undefined) endViewer(publisher, id);
    return reply.code(204).send();
  });

  edge.post<CameraRequest>('/v1/whip/:camera', async (request, reply) => {
    const { camera } = request.params;
    if (grantOf(request, reply, 'publish') === undefined) return reply;
    const { body } = request;
    if (!isSdp(body)) return refuse(reply, 400, 'sdp', 'the body must be an SDP offer with video');
    if (isAway(reply)) return reply;
    const before = cameras.get(camera);
    if (before === undefined && cameras.size >= MOST_CAMERAS)
      return refuse(reply, 503, 'busy', `${MOST_CAMERAS} cameras are published already`);
    const id = randomBytes(9).toString('base64url');
    const publisher = engine.newPublisher(id, now());
    const answer = await publisher.peer.answer(body);
    if (answer === undefined && isAway(reply)) return reply;
    if (answer === undefined) return refuse(reply, 400, 'sdp', 'this offer cannot be answered: it must send VP8 or H.264');
    // A camera that comes again takes the place of its lost connection.
    const lost = cameras.get(camera);
    if (lost !== undefined) endPublisher(camera, lost.id);
    cameras.set(camera, publisher);
    publisher.peer.onLost = () => endPublisher(camera, id);
    return open.opened(request, reply, 'whip', camera, id, answer);
  });

  edge.post<CameraRequest>('/v1/whep/:camera', async (request, reply) => {
    const grant = grantOf(request, reply, 'watch');
    if (grant === undefined) return reply;
    const { camera } = request.params;
    const { body } = request;
    if (!isSdp(body)) return refuse(reply, 400, 'sdp', 'the body must be an SDP offer with video');
    if (isAway(reply)) return reply;
    const publisher = cameras.get(camera);
    if (publisher?.codec === undefined) return refuse(reply, 404, 'dark', `the camera '${camera}' sends no picture now`);
    if (publisher.viewers.size >= MOST_VIEWERS) return refuse(reply, 503, 'busy', `${MOST_VIEWERS} are watching already`);
    const id = randomBytes(9).toString('base64url');
    const viewer = engine.newViewer(publisher, { id, name: grant.viewer, now });
    // Before the answer is ready, so that no more come in meanwhile than may.
    publisher.viewers.set(id, viewer);
    const answer = await viewer.peer.answer(body);
    if (answer === undefined) {
      endViewer(publisher, id);
      if (isAway(reply)) return reply;
      return refuse(reply, 400, 'sdp', `this offer cannot be answered: it must receive ${publisher.codec}`);
    }
    viewer.peer.onLost = () => endViewer(publisher, id);
    return open.opened(request, reply, 'whep', camera, id, answer);
  });

  return {
    async close() {
      clearInterval(sweep);
      clearInterval(asking);
      for (const [camera, { id }] of [...cameras]) endPublisher(camera, id);
      await engine.close();
    },
  };
}
