/** Raw pictures and sound, encoded as VP8 and Opus by libwebrtc, which follows what the network carries. */
import wrtc, { type Connection, type MediaTrack } from 'wrtc';
import type { Clock } from '../../firmware/protocol/time.ts';
import { createEar } from './ear.ts';
import { GATHER_WITHIN_MS, type OpenPeer, type Peer, type PeerState } from './peer.ts';

const states: Readonly<Record<Connection['connectionState'], PeerState>> = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
  disconnected: 'lost',
  failed: 'lost',
  closed: 'lost',
};

/** What came in is asked for so often: reports come each second at least. */
const LISTEN_EACH_MS = 500;

export function rawPeers(pictures: MediaTrack, sound: MediaTrack, clock: Clock): OpenPeer {
  return (iceServers, hasSound) => {
    const servers = iceServers.map(({ url, ...secret }) => ({ urls: url, ...secret }));
    const connection = new wrtc.RTCPeerConnection({ iceServers: servers });
    connection.addTrack(pictures);
    if (hasSound) connection.addTrack(sound);
    let isOffered = false;
    const offer = async (options?: { iceRestart: boolean }): Promise<string> => {
      isOffered = false;
      await connection.setLocalDescription(await connection.createOffer(options));
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
    };
    const peer: Peer = {
      offer,
      restart: () => offer({ iceRestart: true }),
      answer: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
      get state() {
        return states[connection.connectionState];
      },
      isSilent: () => ear.isSilent(),
      onState: () => undefined,
      onCandidate: () => undefined,
      close() {
        clearInterval(listening);
        connection.close();
      },
    };
    const ear = createEar(clock);
    let receivedBytes = 0;
    const listening = setInterval(() => {
      if (connection.connectionState !== 'connected') return;
      connection.getStats().then(
        (stats) => {
          let bytes = 0;
          stats.forEach((row) => {
            if (row.type === 'transport') bytes += row.bytesReceived ?? 0;
          });
          if (bytes > receivedBytes) ear.hear();
          receivedBytes = bytes;
        },
        // It is being closed.
        () => undefined,
      );
    }, LISTEN_EACH_MS);
    connection.onconnectionstatechange = () => peer.onState(peer.state);
    connection.onicecandidate = ({ candidate }) => {
      if (isOffered && candidate !== null && candidate.candidate !== '') peer.onCandidate(candidate.candidate);
    };
    return peer;
  };
}
