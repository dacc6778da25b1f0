/** A WebRTC connection that sends the camera's picture, and sound where it may, whichever engine carries it. */
import type { IceServer } from './ice-links.ts';

export type PeerState = 'connecting' | 'connected' | 'lost';

export interface Peer {
  /** The offer, with what was gathered within a second; later candidates come through `onCandidate`. */
  offer(): Promise<string>;
  answer(sdp: string): Promise<void>;
  /** An offer of the same connection over another path (ICE restart), to be answered as the first one. Left out where the engine cannot. */
  restart?(): Promise<string>;
  readonly state: PeerState;
  /** The other side has fallen silent though it is connected, as far as the engine can tell. */
  isSilent(): boolean;
  onState: (state: PeerState) => void;
  /** `candidate:…` found after the offer was given. */
  onCandidate: (candidate: string) => void;
  close(): void;
}

/** `hasSound`: the connection has a track for sound; without, none can be sent by it. */
export type OpenPeer = (iceServers: readonly IceServer[], hasSound: boolean) => Peer;

/** Host candidates are there at once; a STUN server answers within this or trickles. */
export const GATHER_WITHIN_MS = 1000;
