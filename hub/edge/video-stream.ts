/** One camera at the edge: its publisher's connection and those of its viewers. RTP goes through as it came, never transcoded. */
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCRtpTransceiver,
  useAbsSendTime,
  useSdesMid,
  useTransportWideCC,
} from 'werift';
import { beginsH264KeyFrame, beginsVp8KeyFrame } from './key-frame.ts';

/** Browsers report each second or so what they received (RFC 3550): one that is silent for so long has vanished. */
export const VANISHED_MS = 10_000;
/** Encoders leave out a key frame that is asked for too soon after another (libwebrtc: 300 ms): a viewer that waits asks again. */
export const ASK_AGAIN_MS = 500;
/**
 * The edge is where its hub and viewers reach it: it asks nobody for its address. Left out, the engine asks a server of its own choice on
 * the internet, and holds each answer back for seconds where there is none.
 */
const iceServers: never[] = [];
/** ICE and DTLS take well under a second within a house, seconds through a relay. */
export const CONNECT_WITHIN_MS = 15_000;

const feedback = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] as const;
/** What a camera may send. H.264 is the constrained baseline profile, which every browser decodes and every camera can make. */
const codecs = {
  'video/VP8': () =>
    new RTCRtpCodecParameters({
      mimeType: 'video/VP8',
      clockRate: 90_000,
      // Without transport-cc the sender's estimate of the network stays low, and with it the picture.
      rtcpFeedback: [...feedback, { type: 'goog-remb' }, { type: 'transport-cc' }],
    }),
  'video/H264': () =>
    new RTCRtpCodecParameters({
      mimeType: 'video/H264',
      clockRate: 90_000,
      parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
      rtcpFeedback: [...feedback],
    }),
} as const;
export type Codec = keyof typeof codecs;

export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly sinceUtcMs: number;
  readonly connection: RTCPeerConnection;
  readonly track: MediaStreamTrack;
  /** Last word from it. */
  heardUtcMs: number;
  isConnected: boolean;
  /** Until a whole picture began it can show nothing of what it gets. */
  needsKeyFrame: boolean;
  packets: number;
  /** RTP payload that went to it. */
  bytes: number;
}

export interface Publisher {
  readonly id: string;
  readonly sinceUtcMs: number;
  readonly connection: RTCPeerConnection;
  readonly viewers: Map<string, Viewer>;
  packets: number;
  bytes: number;
  /** Set when the camera's track has come. */
  source?: { readonly transceiver: RTCRtpTransceiver; readonly track: MediaStreamTrack; readonly codec: Codec };
}

export function newPublisher(id: string, nowUtcMs: number): Publisher {
  const connection = new RTCPeerConnection({
    iceServers,
    codecs: { video: [codecs['video/VP8'](), codecs['video/H264']()] },
    headerExtensions: { video: [useSdesMid(), useTransportWideCC(), useAbsSendTime()] },
  });
  const publisher: Publisher = { id, sinceUtcMs: nowUtcMs, connection, viewers: new Map(), packets: 0, bytes: 0 };
  connection.onRemoteTransceiverAdded.subscribe((transceiver) => {
    transceiver.onTrack.subscribe((track) => {
      const mimeType = transceiver.codecs[0]?.mimeType.toLowerCase();
      const codec = mimeType === 'video/h264' ? 'video/H264' : 'video/VP8';
      const beginsKeyFrame = codec === 'video/H264' ? beginsH264KeyFrame : beginsVp8KeyFrame;
      publisher.source = { transceiver, track, codec };
      track.onReceiveRtp.subscribe((packet) => {
        publisher.packets++;
        publisher.bytes += packet.payload.length;
        for (const viewer of publisher.viewers.values()) {
          if (!viewer.isConnected) continue;
          viewer.packets++;
          viewer.bytes += packet.payload.length;
          if (viewer.needsKeyFrame && beginsKeyFrame(packet.payload)) viewer.needsKeyFrame = false;
          viewer.track.writeRtp(packet.clone());
        }
      });
    });
  });
  return publisher;
}

/** A viewer of what the publisher sends now. It is not in the publisher's list yet. */
export function newViewer(
  source: NonNullable<Publisher['source']>,
  { id, name, now }: { readonly id: string; readonly name: string; readonly now: () => number },
): Viewer {
  const connection = new RTCPeerConnection({ iceServers, codecs: { video: [codecs[source.codec]()] } });
  const track = new MediaStreamTrack({ kind: 'video' });
  const { sender } = connection.addTransceiver(track, { direction: 'sendonly' });
  const viewer: Viewer = {
    id,
    name,
    sinceUtcMs: now(),
    connection,
    track,
    heardUtcMs: now(),
    isConnected: false,
    needsKeyFrame: true,
    packets: 0,
    bytes: 0,
  };
  sender.onPictureLossIndication.subscribe(() => {
    viewer.needsKeyFrame = true;
    askKeyFrame(source);
  });
  sender.onRtcp.subscribe(() => {
    viewer.heardUtcMs = now();
  });
  connection.connectionStateChange.subscribe((state) => {
    if (state !== 'connected') return;
    viewer.isConnected = true;
    viewer.heardUtcMs = now();
    askKeyFrame(source);
  });
  return viewer;
}

/** Asks for a key frame while a viewer waits for one; to be called each {@link ASK_AGAIN_MS}. */
export function askForWaiting({ source, viewers }: Publisher): void {
  if (source !== undefined && [...viewers.values()].some((viewer) => viewer.isConnected && viewer.needsKeyFrame)) askKeyFrame(source);
}

function askKeyFrame({ transceiver, track }: NonNullable<Publisher['source']>): void {
  void transceiver.receiver.sendRtcpPLI(track.ssrc ?? 0);
}

/** Why a viewer is to be let go now; undefined while it is well. */
export function whyOver(viewer: Viewer, sessionMs: number, nowUtcMs: number): 'not-connected' | 'vanished' | 'time' | undefined {
  if (nowUtcMs - viewer.sinceUtcMs > sessionMs) return 'time';
  if (!viewer.isConnected) return nowUtcMs - viewer.sinceUtcMs > CONNECT_WITHIN_MS ? 'not-connected' : undefined;
  return nowUtcMs - viewer.heardUtcMs > VANISHED_MS ? 'vanished' : undefined;
}

/** Undefined when the offer cannot be answered; the connection is closed then. */
export async function answerTo(connection: RTCPeerConnection, offer: string): Promise<string | undefined> {
  try {
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await connection.setLocalDescription(await connection.createAnswer());
    return connection.localDescription?.sdp;
  } catch {
    await connection.close();
    return undefined;
  }
}
