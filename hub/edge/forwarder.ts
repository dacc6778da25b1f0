/**
 * Video through the edge: one publisher for each camera by WHIP (RFC 9725), a few viewers by WHEP. RTP is forwarded as it came, never
 * transcoded.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  useAbsSendTime,
  useSdesMid,
  useTransportWideCC,
} from 'werift';

/** A household's screens; each costs the Pi a copy of every packet. */
const MOST_VIEWERS = 8;
const MOST_CAMERAS = 8;
const vp8 = (): RTCRtpCodecParameters =>
  new RTCRtpCodecParameters({
    mimeType: 'video/VP8',
    clockRate: 90_000,
    // Without transport-cc the sender's estimate of the network stays low, and with it the picture.
    rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'goog-remb' }, { type: 'transport-cc' }],
  });

interface Viewer {
  readonly connection: RTCPeerConnection;
  readonly track: MediaStreamTrack;
}
interface Publisher {
  readonly id: string;
  readonly connection: RTCPeerConnection;
  readonly viewers: Map<string, Viewer>;
  /** Set when the camera's track has come. */
  source?: { readonly transceiver: RTCRtpTransceiver; readonly track: MediaStreamTrack };
}

/** Adds POST/DELETE /v1/whip/:camera and /v1/whep/:camera. The token is checked by the server that this is added to. */
export function registerVideo(edge: FastifyInstance): { close(): Promise<void> } {
  const cameras = new Map<string, Publisher>();
  edge.addContentTypeParser('application/sdp', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  const endViewer = (publisher: Publisher, id: string): void => {
    const viewer = publisher.viewers.get(id);
    publisher.viewers.delete(id);
    void viewer?.connection.close();
  };
  const endPublisher = (camera: string, id: string): void => {
    const publisher = cameras.get(camera);
    if (publisher?.id !== id) return;
    cameras.delete(camera);
    for (const viewer of [...publisher.viewers.keys()]) endViewer(publisher, viewer);
    void publisher.connection.close();
  };
  const refuse = (reply: FastifyReply, status: number, code: string, message: string): FastifyReply =>
    reply.code(status).send({ error: { code, message } });
  const isSdp = (body: unknown): body is string => typeof body === 'string' && body.startsWith('v=0') && body.includes('m=video');

  edge.post<{ Params: { camera: string } }>('/v1/whip/:camera', async ({ params: { camera }, body }, reply) => {
    if (!isSdp(body)) return refuse(reply, 400, 'sdp', 'the body must be an SDP offer with video');
    const before = cameras.get(camera);
    if (before === undefined && cameras.size >= MOST_CAMERAS)
      return refuse(reply, 503, 'busy', `${MOST_CAMERAS} cameras are published already`);
    const id = randomBytes(9).toString('base64url');
    const connection = new RTCPeerConnection({
      codecs: { video: [vp8()] },
      headerExtensions: { video: [useSdesMid(), useTransportWideCC(), useAbsSendTime()] },
    });
    const publisher: Publisher = { id, connection, viewers: new Map() };
    connection.onRemoteTransceiverAdded.subscribe((transceiver) => {
      transceiver.onTrack.subscribe((track) => {
        publisher.source = { transceiver, track };
        track.onReceiveRtp.subscribe((packet) => {
          for (const viewer of publisher.viewers.values()) viewer.track.writeRtp(packet.clone());
        });
      });
    });
    const answer = await answerTo(connection, body);
    if (answer === undefined) return refuse(reply, 400, 'sdp', 'this offer cannot be answered: it must send VP8');
    // A camera that comes again takes the place of its lost connection.
    if (before !== undefined) endPublisher(camera, before.id);
    cameras.set(camera, publisher);
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'closed' || state === 'failed' || state === 'disconnected') endPublisher(camera, id);
    });
    return reply.code(201).type('application/sdp').header('location', `/v1/whip/${camera}/${id}`).send(answer);
  });

  edge.delete<{ Params: { camera: string; id: string } }>('/v1/whip/:camera/:id', async ({ params: { camera, id } }, reply) => {
    endPublisher(camera, id);
    return reply.code(200).send();
  });

  edge.post<{ Params: { camera: string } }>('/v1/whep/:camera', async ({ params: { camera }, body }, reply) => {
    if (!isSdp(body)) return refuse(reply, 400, 'sdp', 'the body must be an SDP offer with video');
    const publisher = cameras.get(camera);
    if (publisher?.source === undefined) return refuse(reply, 404, 'dark', `the camera '${camera}' sends no picture now`);
    if (publisher.viewers.size >= MOST_VIEWERS) return refuse(reply, 503, 'busy', `${MOST_VIEWERS} are watching already`);
    const { source } = publisher;
    const id = randomBytes(9).toString('base64url');
    const connection = new RTCPeerConnection({ codecs: { video: [vp8()] } });
    const track = new MediaStreamTrack({ kind: 'video' });
    const transceiver = connection.addTransceiver(track, { direction: 'sendonly' });
    const askKeyFrame = (): void => void source.transceiver.receiver.sendRtcpPLI(source.track.ssrc ?? 0);
    transceiver.sender.onPictureLossIndication.subscribe(askKeyFrame);
    connection.connectionStateChange.subscribe((state) => {
      // A viewer sees nothing until the next whole picture.
      if (state === 'connected') askKeyFrame();
      if (state === 'closed' || state === 'failed' || state === 'disconnected') endViewer(publisher, id);
    });
    const answer = await answerTo(connection, body);
    if (answer === undefined) return refuse(reply, 400, 'sdp', 'this offer cannot be answered: it must receive VP8');
    publisher.viewers.set(id, { connection, track });
    return reply.code(201).type('application/sdp').header('location', `/v1/whep/${camera}/${id}`).send(answer);
  });

  edge.delete<{ Params: { camera: string; id: string } }>('/v1/whep/:camera/:id', async ({ params: { camera, id } }, reply) => {
    const publisher = cameras.get(camera);
    if (publisher !== undefined) endViewer(publisher, id);
    return reply.code(200).send();
  });

  return {
    async close() {
      for (const [camera, { id }] of [...cameras]) endPublisher(camera, id);
    },
  };
}

/** Undefined when the offer cannot be answered; the connection is closed then. */
async function answerTo(connection: RTCPeerConnection, offer: string): Promise<string | undefined> {
  try {
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await connection.setLocalDescription(await connection.createAnswer());
    return connection.localDescription?.sdp;
  } catch {
    await connection.close();
    return undefined;
  }
}
