/** A camera at Janus: a publisher of the edge's video room, and what its viewers must know of it. */
import { createSocket, type Socket } from 'node:dgram';
import { wantsKeyFrame } from '../../video/rtcp.ts';
import { fragmentOf, withIce } from '../../video/sdp-fragment.ts';
import { type Codec, countPacket, type EdgePeer, type Publisher } from '../video-engine.ts';
import { ufragOf, videoMidOf } from './bare-sdp.ts';
import { payloadOf } from './rtp.ts';
import { JanusError, type JanusHandle, type JanusSession } from './session.ts';

export const ROOM_PLUGIN = 'janus.plugin.videoroom';
const HERE = '127.0.0.1';
/** Janus' numbers for what it calls the codecs. */
const codecNames: Readonly<Record<string, Codec>> = { vp8: 'video/VP8', h264: 'video/H264' };

/** What of a publisher at Janus its viewers need. */
export interface Source {
  readonly handle: JanusHandle;
  readonly feed: number;
  readonly mid: string;
  /** Where the room's plain RTP comes from. */
  fromPort: number | undefined;
  /** Viewers by the port that their reports come from. */
  readonly reporters: Map<number, () => void>;
  readonly wishes: Map<number, () => void>;
}

/** The edge's room: whose publishers are its cameras. */
export interface Room {
  readonly room: number;
  readonly secret: string;
  readonly pin: string;
}

export function janusPublisher(
  janus: JanusSession,
  room: Room,
  sources: WeakMap<Publisher, Source>,
  id: string,
  nowUtcMs: number,
): Publisher {
  let handle: JanusHandle | undefined;
  let tap: Socket | undefined;
  let feedback: Socket | undefined;
  let offered = '';
  const close = async (): Promise<void> => {
    for (const socket of [tap, feedback]) socket?.close();
    tap = undefined;
    feedback = undefined;
    handle?.detach();
  };
  /** What the room forwards to us is counted, and says where its packets come from. */
  const listen = async (source: Source, codec: Codec): Promise<void> => {
    tap = await boundTo(0);
    const { port } = tap.address();
    tap.on('message', (packet, from) => {
      const payload = payloadOf(packet);
      if (payload === undefined) return;
      if (source.fromPort === undefined) {
        source.fromPort = from.port;
        boundTo(from.port + 1).then(
          (socket) => {
            if (tap === undefined) return void socket.close();
            feedback = socket;
            socket.on('message', (report, reporter) => {
              source.reporters.get(reporter.port)?.();
              if (wantsKeyFrame(report)) source.wishes.get(reporter.port)?.();
            });
          },
          (error: Error) => console.error(`viewers of a camera are not heard when they lose the picture: ${error.message}`),
        );
      }
      publisher.codec = codec;
      countPacket(publisher, payload);
    });
    await source.handle.ask({ request: 'rtp_forward', ...room, publisher_id: source.feed, ...toHere([{ mid: source.mid, port }]) });
  };
  const peer: EdgePeer = {
    async answer(offer) {
      try {
        const own = await janus.attach(ROOM_PLUGIN);
        handle = own;
        own.onDown = () => peer.onLost();
        offered = offer;
        const { data, jsep } = await own.ask(
          { request: 'joinandconfigure', ptype: 'publisher', room: room.room, pin: room.pin, video: true },
          { type: 'offer', sdp: offer },
        );
        const codec = codecOf(data);
        if (jsep === undefined || codec === undefined || typeof data.id !== 'number') throw new JanusError(0, 'no video was taken');
        const source: Source = {
          ...{ handle: own, feed: data.id, mid: videoMidOf(jsep.sdp), fromPort: undefined },
          ...{ reporters: new Map(), wishes: new Map() },
        };
        sources.set(publisher, source);
        own.onUp = () =>
          void listen(source, codec).catch((error: Error) => console.error(`a camera cannot be forwarded: ${error.message}`));
        return jsep.sdp;
      } catch (error) {
        return refused(error, close);
      }
    },
    async restart(ice) {
      try {
        const offer = withIce(offered, ice);
        const { jsep } = await handle!.ask({ request: 'configure' }, { type: 'offer', sdp: offer });
        if (jsep === undefined) return undefined;
        offered = offer;
        return fragmentOf(jsep.sdp);
      } catch (error) {
        return refused(error, async () => undefined);
      }
    },
    get remoteUfrag() {
      return ufragOf(offered);
    },
    addCandidate: async (candidate, mid) => handle?.trickle(candidate, mid),
    onLost: () => undefined,
    close,
  };
  const publisher: Publisher = {
    ...{ id, sinceUtcMs: nowUtcMs, peer, viewers: new Map(), packets: 0, bytes: 0, codec: undefined },
    askKeyFrame() {
      const source = sources.get(publisher);
      if (source === undefined) return;
      const streams = [{ mid: source.mid, keyframe: true }];
      // A publisher that is gone needs no asking; its viewers are told otherwise.
      source.handle.ask({ request: 'configure', streams }).catch(() => undefined);
    },
  };
  return publisher;
}

export const toHere = (streams: readonly object[]): object => ({ host: HERE, host_family: 'ipv4', streams });

/** Why an offer was not taken, for the operator; the peer is told that it was not. */
export async function refused(error: unknown, close: () => Promise<void>): Promise<undefined> {
  console.error(`the media server did not take an offer: ${error instanceof Error ? error.message : error}`);
  await close();
  return undefined;
}

function codecOf({ streams, video_codec }: Readonly<Record<string, unknown>>): Codec | undefined {
  const named = Array.isArray(streams)
    ? (streams as { codec?: unknown; type?: unknown }[]).find(({ type }) => type === 'video')?.codec
    : undefined;
  return codecNames[String(named ?? video_codec)];
}

/** A UDP socket of this machine alone. */
function boundTo(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, HERE, () => {
      socket.off('error', reject);
      socket.on('error', (error) => console.error(`a socket of a camera: ${error.message}`));
      resolve(socket);
    });
  });
}
