/**
 * Video through a Janus server on the edge's machine: many viewers for little CPU of ours. A camera is a publisher of a video room. A viewer
 * is a session of the NoSIP plugin that the room forwards plain RTP to within the machine, because Janus' rooms send offers to those who
 * watch and take none, and WHEP begins with the viewer's. Who is let in, for how long and what is written of it stays with the edge:
 * nobody but it reaches Janus' API.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { wantsKeyFrame } from '../../video/rtcp.ts';
import {
  type Codec,
  countPacket,
  type EdgePeer,
  needKeyFrame,
  newViewerOf,
  type Publisher,
  type VideoEngine,
  type Viewer,
  type Watcher,
} from '../video-engine.ts';
import { bareAnswer, offeredVideo, ufragOf, videoMidOf, videoPortOf } from './bare-sdp.ts';
import { payloadOf } from './rtp.ts';
import { type JanusAddress, JanusError, type JanusHandle, openJanus } from './session.ts';

const ROOM_PLUGIN = 'janus.plugin.videoroom';
const LEG_PLUGIN = 'janus.plugin.nosip';
const HERE = '127.0.0.1';
/** Of one edge; a camera that comes again is there twice for a moment. */
const MOST_PUBLISHERS = 32;
/** Janus' number for a room that is there already. */
const ROOM_EXISTS = 427;
/** Janus' numbers for what it calls the codecs. */
const codecNames: Readonly<Record<string, Codec>> = { vp8: 'video/VP8', h264: 'video/H264' };

/** What of a publisher at Janus its viewers need. */
interface Source {
  readonly handle: JanusHandle;
  readonly feed: number;
  readonly mid: string;
  /** Where the room's plain RTP comes from. */
  fromPort: number | undefined;
  /** Viewers by the port that their reports come from. */
  readonly reporters: Map<number, () => void>;
  readonly wishes: Map<number, () => void>;
}

export function janusEngine(address: JanusAddress): VideoEngine {
  const room = { room: randomInt(1, 2 ** 47), secret: randomBytes(18).toString('base64url'), pin: randomBytes(18).toString('base64url') };
  const sources = new WeakMap<Publisher, Source>();
  const janus = openJanus(address, async ({ attach }) => {
    const handle = await attach(ROOM_PLUGIN);
    const made = { ...room, is_private: true, permanent: false, publishers: MOST_PUBLISHERS, notify_joining: false };
    // No cap: what the network carries is the sender's to find out.
    const carries = { videocodec: 'vp8,h264', h264_profile: '42e01f', bitrate: 0, fir_freq: 0, transport_wide_cc_ext: true };
    await handle.ask({ request: 'create', ...made, ...carries }).catch((error: JanusError) => {
      if (error.code !== ROOM_EXISTS) throw error;
    });
    handle.detach();
  });

  const newPublisher = (id: string, nowUtcMs: number): Publisher => {
    let handle: JanusHandle | undefined;
    let tap: Socket | undefined;
    let feedback: Socket | undefined;
    let ufrag: string | undefined;
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
          ufrag = ufragOf(offer);
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
      get remoteUfrag() {
        return ufrag;
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
  };

  const newViewer = (publisher: Publisher, watcher: Watcher): Viewer => {
    let handle: JanusHandle | undefined;
    let ufrag: string | undefined;
    let end = (): void => undefined;
    const close = async (): Promise<void> => {
      end();
      end = () => undefined;
      handle?.detach();
    };
    const peer: EdgePeer = {
      async answer(offer) {
        try {
          const source = sources.get(publisher);
          const video = publisher.codec === undefined ? undefined : offeredVideo(offer, publisher.codec);
          if (source?.fromPort === undefined || publisher.codec === undefined || video === undefined) return undefined;
          const own = await janus.attach(LEG_PLUGIN);
          handle = own;
          own.onDown = () => peer.onLost();
          ufrag = ufragOf(offer);
          const { data } = await own.ask({ request: 'generate' }, { type: 'offer', sdp: offer });
          const bare = String((data.result as { sdp?: unknown } | undefined)?.sdp ?? '');
          const port = videoPortOf(bare);
          if (port === undefined) throw new JanusError(0, 'no video was taken');
          own.onUp = () => up(source, port, video.payloadType);
          const sdp = bareAnswer(bare, video, publisher.codec, source.fromPort);
          const { jsep } = await own.ask({ request: 'process', type: 'answer', sdp });
          return jsep?.sdp;
        } catch (error) {
          return refused(error, close);
        }
      },
      get remoteUfrag() {
        return ufrag;
      },
      addCandidate: async (candidate, mid) => handle?.trickle(candidate, mid),
      onLost: () => undefined,
      close,
    };
    const up = (source: Source, port: number, pt: number): void => {
      viewer.isConnected = true;
      viewer.heardUtcMs = watcher.now();
      // Reports come from the port above the pictures'.
      source.reporters.set(port + 1, () => {
        viewer.heardUtcMs = watcher.now();
      });
      source.wishes.set(port + 1, () => needKeyFrame(publisher, viewer));
      const forward = { request: 'rtp_forward', ...room, publisher_id: source.feed };
      const begun = source.handle.ask({ ...forward, ...toHere([{ mid: source.mid, port, pt }]) });
      begun.then(
        () => needKeyFrame(publisher, viewer),
        () => peer.onLost(),
      );
      end = () => {
        source.reporters.delete(port + 1);
        source.wishes.delete(port + 1);
        const stop = async (): Promise<void> => {
          const stream_id = forwardOf((await begun).data);
          if (stream_id !== undefined)
            await source.handle.ask({ request: 'stop_rtp_forward', ...room, publisher_id: source.feed, stream_id });
        };
        // Where the camera has left there is nothing more to stop.
        stop().catch(() => undefined);
      };
    };
    const viewer = newViewerOf(peer, watcher);
    return viewer;
  };

  return {
    newPublisher,
    newViewer,
    trouble: () => janus.trouble(),
    async close() {
      const destroy = async (): Promise<void> => {
        const handle = await janus.attach(ROOM_PLUGIN);
        await handle.ask({ request: 'destroy', room: room.room, secret: room.secret });
      };
      if (janus.trouble() === undefined) await destroy().catch(() => undefined);
      janus.close();
    },
  };
}

const toHere = (streams: readonly object[]): object => ({ host: HERE, host_family: 'ipv4', streams });

/** Why an offer was not taken, for the operator; the peer is told that it was not. */
async function refused(error: unknown, close: () => Promise<void>): Promise<undefined> {
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

function forwardOf({ forwarders }: Readonly<Record<string, unknown>>): number | undefined {
  const [first] = Array.isArray(forwarders) ? (forwarders as { stream_id?: unknown }[]) : [];
  return typeof first?.stream_id === 'number' ? first.stream_id : undefined;
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
