/** A camera at Janus: a publisher of the edge's video room, and what its viewers must know of it. */
import { fragmentOf, withIce } from '../../video/sdp-fragment.ts';
import { type Codec, type EdgePeer, NOTHING_YET, offersSound, type Publisher } from '../video-engine.ts';
import { midOf, ufragOf } from './bare-sdp.ts';
import { JanusError, type JanusHandle, type JanusSession } from './session.ts';
import { openSockets, type Source, tap, toHere } from './source.ts';

export const ROOM_PLUGIN = 'janus.plugin.videoroom';
/** Janus' numbers for what it calls the codecs. */
const codecNames: Readonly<Record<string, Codec>> = { vp8: 'video/VP8', h264: 'video/H264' };

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
  const sockets = openSockets();
  let offered = '';
  const close = async (): Promise<void> => {
    sockets.close();
    handle?.detach();
  };
  const listen = async (source: Source, codec: Codec): Promise<void> => {
    const streams = await tap(source, publisher, codec, sockets);
    await source.handle.ask({ request: 'rtp_forward', ...room, publisher_id: source.feed, ...toHere(streams) });
  };
  const peer: EdgePeer = {
    async answer(offer) {
      try {
        const own = await janus.attach(ROOM_PLUGIN);
        handle = own;
        own.onDown = () => peer.onLost();
        offered = offer;
        const { data, jsep } = await own.ask(
          { request: 'joinandconfigure', ptype: 'publisher', room: room.room, pin: room.pin, video: true, audio: offersSound(offer) },
          { type: 'offer', sdp: offer },
        );
        const codec = codecOf(data);
        if (jsep === undefined || codec === undefined || typeof data.id !== 'number') throw new JanusError(0, 'no video was taken');
        const source: Source = {
          ...{ handle: own, feed: data.id, mid: midOf(jsep.sdp, 'video') ?? '0', soundMid: midOf(jsep.sdp, 'audio') },
          ...{ fromPort: undefined, listening: new Set(), reporters: new Map(), wishes: new Map() },
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
    ...{ id, sinceUtcMs: nowUtcMs, peer, viewers: new Map(), ...NOTHING_YET },
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
