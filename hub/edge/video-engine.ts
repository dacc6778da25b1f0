/**
 * What carries the pictures of cameras through the edge, as the forwarder sees it: one publisher for each camera, some viewers of each.
 * RTP goes through as it came, never transcoded. Tokens, times, lists and receipts are the forwarder's, whichever engine it is.
 */
import type { IceCredentials, IceOfFragment, SdpFragment } from '../video/sdp-fragment.ts';
import { beginsH264KeyFrame, beginsVp8KeyFrame } from './key-frame.ts';

/** Browsers report each second or so what they received (RFC 3550): one that is silent for so long has vanished. */
export const VANISHED_MS = 10_000;
/** Encoders leave out a key frame that is asked for too soon after another (libwebrtc: 300 ms): a viewer that waits asks again. */
export const ASK_AGAIN_MS = 500;
/** ICE and DTLS take well under a second within a house, seconds through a relay. */
export const CONNECT_WITHIN_MS = 15_000;

export type Codec = 'video/VP8' | 'video/H264';

/** The edge's end of one WebRTC connection. */
export interface EdgePeer {
  /** To be called once. Undefined when the offer cannot be answered; the connection is closed then. */
  answer(offer: string): Promise<string | undefined>;
  /** Begins ICE anew with what the other side says now; what this side says. Undefined when it cannot: the session goes on as it was. */
  restart(ice: IceOfFragment & IceCredentials): Promise<SdpFragment | undefined>;
  /** ICE user fragment of the other side, as it is now. */
  readonly remoteUfrag: string | undefined;
  /** A candidate that the other side found later; one that cannot be used is left out. */
  addCandidate(candidate: string, mid: string): Promise<void>;
  /** The connection is over, by whichever side; told once at least. */
  onLost: () => void;
  close(): Promise<void>;
}

export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly sinceUtcMs: number;
  readonly peer: EdgePeer;
  /** Last word from it. */
  heardUtcMs: number;
  isConnected: boolean;
  /** Until a whole picture began it can show nothing of what it gets. */
  needsKeyFrame: boolean;
  packets: number;
  /** RTP payload of pictures that went to it. */
  bytes: number;
  /** RTP payload of sound that went to it. */
  soundBytes: number;
}

export interface Publisher {
  readonly id: string;
  readonly sinceUtcMs: number;
  readonly peer: EdgePeer;
  readonly viewers: Map<string, Viewer>;
  packets: number;
  /** RTP payload of pictures that came from it. */
  bytes: number;
  /** Of the microphone beside the camera: none where it sends no sound. */
  soundPackets: number;
  /** RTP payload of sound that came from it. */
  soundBytes: number;
  /** Set when the camera's track has come. */
  codec: Codec | undefined;
  askKeyFrame(): void;
}

/** Who comes to watch. */
export interface Watcher {
  readonly id: string;
  readonly name: string;
  /** The edge's clock, UTC milliseconds. */
  readonly now: () => number;
}

export interface VideoEngine {
  newPublisher(id: string, nowUtcMs: number): Publisher;
  /** A viewer of what the publisher sends now. It is not in the publisher's list yet. */
  newViewer(publisher: Publisher, watcher: Watcher): Viewer;
  /** Why nobody can be taken now; undefined while all is well. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

export const newViewerOf = (peer: EdgePeer, { id, name, now }: Watcher): Viewer => ({
  ...{ id, name, sinceUtcMs: now(), peer, heardUtcMs: now() },
  ...{ isConnected: false, needsKeyFrame: true, packets: 0, bytes: 0, soundBytes: 0 },
});

/** What has come from a publisher before it is connected. */
export const NOTHING_YET = { packets: 0, bytes: 0, soundPackets: 0, soundBytes: 0, codec: undefined };

/** Whether an SDP offer has sound in it that the other side would send or take. */
export const offersSound = (offer: string): boolean => /^m=audio [1-9]/m.test(offer);

/** Counts a packet of a camera's sound. */
export function countSound(publisher: Publisher, payload: Uint8Array, viewers: Iterable<Viewer>): void {
  publisher.soundPackets++;
  publisher.soundBytes += payload.length;
  for (const viewer of viewers) if (viewer.isConnected) viewer.soundBytes += payload.length;
}

/** Counts a packet of a camera's pictures, and to whom it goes. */
export function countPacket(publisher: Publisher, payload: Uint8Array): void {
  publisher.packets++;
  publisher.bytes += payload.length;
  for (const viewer of publisher.viewers.values()) if (viewer.isConnected) countPacketTo(publisher, viewer, payload);
}

/** Counts a packet that goes to a viewer. */
export function countPacketTo(publisher: Publisher, viewer: Viewer, payload: Uint8Array): void {
  viewer.packets++;
  viewer.bytes += payload.length;
  if (viewer.needsKeyFrame && (publisher.codec === 'video/H264' ? beginsH264KeyFrame : beginsVp8KeyFrame)(payload))
    viewer.needsKeyFrame = false;
}

/** A viewer came through, or lost its picture. */
export function needKeyFrame(publisher: Publisher, viewer: Viewer): void {
  viewer.needsKeyFrame = true;
  publisher.askKeyFrame();
}

/** Asks for a key frame while a viewer waits for one; to be called each {@link ASK_AGAIN_MS}. */
export function askForWaiting(publisher: Publisher): void {
  if (publisher.codec !== undefined && [...publisher.viewers.values()].some((viewer) => viewer.isConnected && viewer.needsKeyFrame))
    publisher.askKeyFrame();
}

/** Why a viewer is to be let go now; undefined while it is well. */
export function whyOver(viewer: Viewer, sessionMs: number, nowUtcMs: number): 'not-connected' | 'vanished' | 'time' | undefined {
  if (nowUtcMs - viewer.sinceUtcMs > sessionMs) return 'time';
  if (!viewer.isConnected) return nowUtcMs - viewer.sinceUtcMs > CONNECT_WITHIN_MS ? 'not-connected' : undefined;
  return nowUtcMs - viewer.heardUtcMs > VANISHED_MS ? 'vanished' : undefined;
}
