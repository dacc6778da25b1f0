/** Raw pictures, encoded as VP8 by libwebrtc, which follows what the network carries. */
import wrtc, { type Connection, type VideoTrack } from 'wrtc';
import type { Clock } from '../../firmware/protocol/time.ts';
import { GATHER_WITHIN_MS, type OpenPeer, type Peer, type PeerState } from './peer.ts';

const states: Readonly<Record<Connection['connectionState'], PeerState>> = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
  disconnected: 'lost',
  failed: 'lost',
  closed: 'lost',
};

export function rawPeers(track: VideoTrack, clock: Clock): OpenPeer {
  return (iceServers) => {
    const servers = iceServers.map(({ url, ...secret }) => ({ urls: url, ...secret }));
    const connection = new wrtc.RTCPeerConnection({ iceServers: servers });
    connection.addTrack(track);
    let isOffered = false;
    const peer: Peer = {
      async offer() {
        await connection.setLocalDescription(await connection.createOffer());
        const complete = new Promise<void>((resolve) => {
          connection.onicegatheringstatechange = () => {
            if (connection.iceGatheringState === 'complete') resolve();
          };
        });
        const enough = new AbortController();
        if (connection.iceGatheringState !== 'complete')
          await Promise.race([complete, clock.sleep(GATHER_WITHIN_MS, enough.signal).catch(() => undefined)]);
        enough.abort();
        isOffered = true;
        return connection.localDescription?.sdp ?? '';
      },
      answer: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
      get state() {
        return states[connection.connectionState];
      },
      onState: () => undefined,
      onCandidate: () => undefined,
      close: () => connection.close(),
    };
    connection.onconnectionstatechange = () => peer.onState(peer.state);
    connection.onicecandidate = ({ candidate }) => {
      if (isOffered && candidate !== null && candidate.candidate !== '') peer.onCandidate(candidate.candidate);
    };
    return peer;
  };
}
