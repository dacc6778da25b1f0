/** Video within the edge's own process, for a household and its few screens: `werift` forwards each packet to each viewer. */
import type { Socket } from 'node:dgram';
import {
  MediaStream,
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  type RtpPacket,
  useAbsSendTime,
  useSdesMid,
  useTransportWideCC,
} from 'werift';
import { fragmentOf, withIce } from '../video/sdp-fragment.ts';
import { beginsH264KeyFrame } from './key-frame.ts';
import { createNewestPictures, type NewestPictures } from './newest-pictures.ts';
import { ownFeedback } from './uplink/own-feedback.ts';
import { type WeriftUplink, weriftUplink } from './uplink/werift-uplink.ts';
import {
  CONNECT_WITHIN_MS,
  type Codec,
  countPacket,
  countPacketTo,
  countSound,
  type EdgePeer,
  NOTHING_YET,
  needKeyFrame,
  newViewerOf,
  offersSound,
  type Publisher,
  type VideoEngine,
  type Viewer,
  type Watcher,
} from './video-engine.ts';
import { sendWholeFlights } from './whole-flights.ts';

/**
 * The edge is where its hub and viewers reach it: it asks nobody for its address. Left out, the engine asks a server of its own choice on
 * the internet, and holds each answer back for seconds where there is none.
 */
export const newConnection = (config: ConstructorParameters<typeof RTCPeerConnection>[0]): RTCPeerConnection =>
  // One transport from the start: the engine opens sockets for each, and closes those that it shares after all too late.
  new RTCPeerConnection({ ...config, iceServers: [], bundlePolicy: 'max-bundle' });

/** What a camera may send. H.264 is the constrained baseline profile, which every browser decodes and every camera can make. */
const codecs: Readonly<Record<Codec, { mimeType: Codec; clockRate: number; parameters?: string }>> = {
  'video/VP8': { mimeType: 'video/VP8', clockRate: 90_000 },
  'video/H264': {
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  },
};
/** From a camera: what the engine would do by itself is done by the uplink. */
const fromCamera = (codec: Codec): RTCRtpCodecParameters => new RTCRtpCodecParameters(codecs[codec]);
const toViewer = (codec: Codec): RTCRtpCodecParameters =>
  new RTCRtpCodecParameters({ ...codecs[codec], rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] });

/** RFC 7587: always 48 kHz and two channels by name, whatever is in it. */
const opus = (): RTCRtpCodecParameters =>
  new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: 'minptime=10;useinbandfec=1' });

/** Two seconds of the sharpest camera: the kernel's own choice overflows when a busy machine lets the edge wait for half a second. */
const RECEIVE_BYTES = 2 ** 20;

/** The engine makes its sockets itself and has no setting for them; where it names them otherwise, they stay as they are. */
function widenSockets(connection: RTCPeerConnection): void {
  for (const { connection: ice } of connection.iceTransports) {
    const { protocols = [] } = ice as unknown as { protocols?: readonly { transport?: { socket?: Partial<Socket> } }[] };
    for (const { transport } of protocols) transport?.socket?.setRecvBufferSize?.(RECEIVE_BYTES);
  }
}

/** A viewer and what it is fed by. */
interface Fed {
  readonly viewer: Viewer;
  readonly pictures: MediaStreamTrack;
  /** Undefined until it asked for sound that the camera has. */
  sound?: MediaStreamTrack;
}

/** What the viewers of a publisher are fed with, and those who are. */
interface Feed {
  readonly newest: NewestPictures<RtpPacket>;
  /** It sends sound too. */
  hasSound: boolean;
  readonly viewers: Set<Fed>;
}

export function weriftEngine(): VideoEngine {
  const feeds = new WeakMap<Publisher, Feed>();

  const newPublisher = (id: string, nowUtcMs: number): Publisher => {
    const connection = newConnection({
      codecs: { audio: [opus()], video: [fromCamera('video/VP8'), fromCamera('video/H264')] },
      headerExtensions: { video: [useSdesMid(), useTransportWideCC(), useAbsSendTime()] },
    });
    let uplink: WeriftUplink | undefined;
    const publisher: Publisher = {
      ...{ id, sinceUtcMs: nowUtcMs, peer: peerOf(connection, { words: ownFeedback }), viewers: new Map(), ...NOTHING_YET },
      askKeyFrame() {
        uplink?.askKeyFrame();
      },
    };
    const feed: Feed = { newest: createNewestPictures(), hasSound: false, viewers: new Set() };
    feeds.set(publisher, feed);
    const forward = (packet: RtpPacket): void => {
      countPacket(publisher, packet.payload);
      // Encoders of VP8 make a key frame as soon as they are asked for one.
      if (publisher.codec === 'video/H264') feed.newest.take(packet, beginsH264KeyFrame(packet.payload));
      for (const { viewer, pictures } of feed.viewers) if (viewer.isConnected) pictures.writeRtp(packet.clone());
    };
    const forwardSound = (packet: RtpPacket): void => {
      const listening = [...feed.viewers].filter(({ viewer, sound }) => viewer.isConnected && sound !== undefined);
      countSound(
        publisher,
        packet.payload,
        listening.map(({ viewer }) => viewer),
      );
      for (const { sound } of listening) sound?.writeRtp(packet.clone());
    };
    const onGap = (): void => {
      for (const viewer of publisher.viewers.values()) needKeyFrame(publisher, viewer);
    };
    connection.onRemoteTransceiverAdded.subscribe((transceiver) => {
      transceiver.onTrack.subscribe((track) => {
        if (track.kind === 'audio') {
          feed.hasSound = true;
          track.onReceiveRtp.subscribe(forwardSound);
          return;
        }
        publisher.codec = transceiver.codecs[0]?.mimeType.toLowerCase() === 'video/h264' ? 'video/H264' : 'video/VP8';
        uplink = weriftUplink({ receiver: transceiver.receiver, track, forward, onGap });
        connection.connectionStateChange.subscribe((state) => {
          if (state === 'closed' || state === 'failed') uplink?.close();
        });
      });
    });
    return publisher;
  };

  const newViewer = (publisher: Publisher, watcher: Watcher): Viewer => {
    const feed = feeds.get(publisher);
    const hasSound = feed?.hasSound === true;
    const codecs = { audio: hasSound ? [opus()] : [], video: [toViewer(publisher.codec ?? 'video/VP8')] };
    const connection = newConnection({ codecs });
    // One stream: its sound is played in time with its pictures.
    const streams = [new MediaStream()];
    const add = (kind: 'audio' | 'video'): { readonly track: MediaStreamTrack; readonly transceiver: RTCRtpTransceiver } => {
      const track = new MediaStreamTrack({ kind });
      return { track, transceiver: connection.addTransceiver(track, { direction: 'sendonly', streams }) };
    };
    const { track: pictures, transceiver } = add('video');
    const { sender } = transceiver;
    const onOffer = (offer: string): void => {
      if (hasSound && entry.sound === undefined && offersSound(offer)) entry.sound = add('audio').track;
    };
    const viewer = newViewerOf(peerOf(connection, { onOffer }), watcher);
    const entry: Fed = { viewer, pictures };
    feed?.viewers.add(entry);
    sender.onPictureLossIndication.subscribe(() => needKeyFrame(publisher, viewer));
    sender.onRtcp.subscribe(() => {
      viewer.heardUtcMs = watcher.now();
    });
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'closed' || state === 'failed') feed?.viewers.delete(entry);
      // One that found another path has had its pictures.
      if (state !== 'connected' || viewer.isConnected) return;
      viewer.isConnected = true;
      viewer.heardUtcMs = watcher.now();
      for (const packet of feed?.newest.forViewer() ?? []) {
        countPacketTo(publisher, viewer, packet.payload);
        pictures.writeRtp(packet);
      }
      if (viewer.needsKeyFrame) publisher.askKeyFrame();
    });
    return viewer;
  };

  return { newPublisher, newViewer, trouble: () => undefined, close: async () => undefined };
}

/**
 * Looks for another path after ICE was restarted. The engine does not by itself once DTLS is up (werift 0.25): it would answer checks, and
 * say nothing over the path that they find.
 */
export function startIce(connection: RTCPeerConnection): void {
  // Told by the connection's state, which ends the session.
  for (const ice of connection.iceTransports) if (ice.state !== 'connected') ice.start().catch(() => undefined);
}

interface PeerOptions {
  /** What is changed of an offer before the engine sees it, and of its answer; left out: nothing. */
  readonly words?: typeof ownFeedback;
  /** Told each offer before it is answered. */
  readonly onOffer?: (offer: string) => void;
}

function peerOf(connection: RTCPeerConnection, { words, onOffer }: PeerOptions): EdgePeer {
  const answer = async (offer: string): Promise<string> => {
    onOffer?.(offer);
    await connection.setRemoteDescription({ type: 'offer', sdp: words?.inOffer(offer) ?? offer });
    if (connection.connectionState === 'new') sendWholeFlights(connection);
    await connection.setLocalDescription(await connection.createAnswer());
    widenSockets(connection);
    const own = connection.localDescription!.sdp;
    return words?.inAnswer(own, offer) ?? own;
  };
  const peer: EdgePeer = {
    async answer(offer) {
      try {
        return await answer(offer);
      } catch {
        await connection.close();
        return undefined;
      }
    },
    async restart(ice) {
      try {
        // While DTLS comes up another path would end it.
        if (connection.connectionState !== 'connected')
          await connection.connectionStateChange.watch((state) => state === 'connected', CONNECT_WITHIN_MS);
        const own = fragmentOf(await answer(withIce(connection.remoteDescription!.sdp, ice)));
        startIce(connection);
        return own;
      } catch (error) {
        console.error(`ICE was not restarted: ${error instanceof Error ? error.message : error}`);
        return undefined;
      }
    },
    get remoteUfrag() {
      return /a=ice-ufrag:(\S+)/.exec(connection.remoteDescription?.sdp ?? '')?.[1];
    },
    addCandidate: (candidate, sdpMid) => connection.addIceCandidate({ candidate, sdpMid }).catch(() => undefined),
    onLost: () => undefined,
    close: () => connection.close(),
  };
  connection.connectionStateChange.subscribe((state) => {
    if (state === 'closed' || state === 'failed' || state === 'disconnected') peer.onLost();
  });
  return peer;
}
