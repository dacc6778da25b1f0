/** H.264 as the camera made it, and Opus, cut into RTP packets and sent: nothing is encoded here. */
import { randomInt } from 'node:crypto';
import ndc from 'node-datachannel';
import type { Clock } from '../../firmware/protocol/time.ts';
import { MICROPHONE_HZ } from '../sources/microphone.ts';
import type { AccessUnit } from './access-unit.ts';
import { createEar } from './ear.ts';
import type { IceServer } from './ice-links.ts';
import { OPUS_PACKET_SAMPLES } from './opus.ts';
import { GATHER_WITHIN_MS, type OpenPeer, type Peer, type PeerState } from './peer.ts';
import { createLossCount, wantsKeyFrame } from './rtcp.ts';

const PAYLOAD_TYPE = 96;
/** RFC 6184, section 5: H.264 counts in 90 kHz. */
const TICKS_PER_MS = 90;
const CLOCK_RATE = 90_000;
const SOUND_PAYLOAD_TYPE = 111;
/** Packets kept to be sent again: a second of a sharp picture. */
const MOST_RESENT = 512;
/** RTP payload that stays under 1200 bytes with all headers, as WebRTC engines keep it. */
const FRAGMENT_BYTES = 1100;

/** A camera that gave a picture within this is sending. */
const SENDING_MS = 1000;

export interface PassThrough {
  readonly open: OpenPeer;
  /** Sends a picture to whoever is connected; a picture without a connection is gone. */
  send(unit: AccessUnit): void;
  /** Sends a packet of Opus, where the connection has sound. */
  sendSound(packet: Buffer): void;
}

/**
 * @param onKeyFrameWanted a viewer came or lost its picture
 * @param seal makes of a picture's bytes what goes out
 * @param onLost told each second or so what part of the packets did not come through
 */
export function passThrough(
  onKeyFrameWanted: () => void,
  clock: Clock,
  seal = (bytes: Buffer): Buffer => bytes,
  onLost: (part: number) => void = () => undefined,
): PassThrough {
  let current: { readonly picture: (unit: AccessUnit) => void; readonly sound: (packet: Buffer) => void } | undefined;
  const open: OpenPeer = (iceServers, hasSound) => {
    const connection = new ndc.PeerConnection('camera', { iceServers: iceServers.flatMap(serverOf), disableAutoNegotiation: true });
    const ssrc = randomInt(1, 2 ** 32 - 1);
    const video = new ndc.Video('0', 'SendOnly');
    video.addH264Codec(PAYLOAD_TYPE, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
    video.addSSRC(ssrc, 'camera', 'home', 'camera');
    const track = connection.addTrack(video);
    const config = new ndc.RtpPacketizationConfig(ssrc, 'camera', PAYLOAD_TYPE, CLOCK_RATE);
    // Cameras mix start codes of three and four bytes: 'StartSequence' takes both.
    const packetizer = new ndc.H264RtpPacketizer('StartSequence', config, FRAGMENT_BYTES);
    packetizer.addToChain(new ndc.RtcpSrReporter(config));
    packetizer.addToChain(new ndc.RtcpNackResponder(MOST_RESENT));
    track.setMediaHandler(packetizer);
    const sound = hasSound ? addSound(connection) : () => undefined;
    const ear = createEar(clock);
    const losses = createLossCount();
    track.onMessage((message) => {
      ear.hear();
      const lost = losses.hear(message);
      if (lost !== undefined) onLost(lost);
      if (wantsKeyFrame(message)) onKeyFrameWanted();
    });
    const firstTick = randomInt(0, 2 ** 31);
    /** A viewer can begin at a key frame alone. */
    let isBegun = false;
    let sentAtMs = Number.NEGATIVE_INFINITY;
    const picture = ({ bytes, atMs, isKey }: AccessUnit): void => {
      if (!track.isOpen()) return;
      if (!isBegun && !isKey) return onKeyFrameWanted();
      isBegun = true;
      sentAtMs = clock.monotonic();
      config.timestamp = (firstTick + Math.round(atMs * TICKS_PER_MS)) % 2 ** 32;
      track.sendMessageBinary(seal(bytes));
    };
    const sending = { picture, sound };
    const gathered = Promise.withResolvers<void>();
    let isOffered = false;
    let isClosed = false;
    const peer: Peer = {
      async offer() {
        connection.setLocalDescription('offer');
        const enough = new AbortController();
        await Promise.race([gathered.promise, clock.sleep(GATHER_WITHIN_MS, enough.signal).catch(() => undefined)]);
        enough.abort();
        isOffered = true;
        return connection.localDescription()?.sdp ?? '';
      },
      async answer(sdp) {
        connection.setRemoteDescription(sdp, 'answer');
        current = sending;
      },
      get state() {
        return isClosed ? 'lost' : stateOf(connection.state());
      },
      // A camera without pictures sends nothing that could be reported on.
      isSilent: () => clock.monotonic() - sentAtMs < SENDING_MS && ear.isSilent(),
      onState: () => undefined,
      onCandidate: () => undefined,
      close() {
        if (isClosed) return;
        isClosed = true;
        if (current === sending) current = undefined;
        connection.close();
      },
    };
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') gathered.resolve();
    });
    connection.onLocalCandidate((candidate) => {
      if (isOffered) peer.onCandidate(candidate);
    });
    connection.onStateChange(() => {
      if (!isClosed) peer.onState(peer.state);
    });
    return peer;
  };
  return { open, send: (unit) => current?.picture(unit), sendSound: (packet) => current?.sound(packet) };
}

/** A track of the connection for Opus; gives what sends a packet by it. Sender reports tie its clock to that of the pictures. */
function addSound(connection: ndc.PeerConnection): (packet: Buffer) => void {
  const ssrc = randomInt(1, 2 ** 32 - 1);
  const audio = new ndc.Audio('1', 'SendOnly');
  audio.addOpusCodec(SOUND_PAYLOAD_TYPE);
  audio.addSSRC(ssrc, 'camera', 'home', 'microphone');
  const track = connection.addTrack(audio);
  const config = new ndc.RtpPacketizationConfig(ssrc, 'camera', SOUND_PAYLOAD_TYPE, MICROPHONE_HZ);
  const packetizer = new ndc.RtpPacketizer(config);
  packetizer.addToChain(new ndc.RtcpSrReporter(config));
  track.setMediaHandler(packetizer);
  let tick = randomInt(0, 2 ** 31);
  return (packet) => {
    // Also of a packet that nobody gets: it took its time.
    tick = (tick + OPUS_PACKET_SAMPLES) % 2 ** 32;
    if (!track.isOpen()) return;
    config.timestamp = tick;
    track.sendMessageBinary(packet);
  };
}

function stateOf(state: string): PeerState {
  if (state === 'connected') return 'connected';
  return state === 'new' || state === 'connecting' ? 'connecting' : 'lost';
}

/** `turn:host:port?transport=tcp` as this engine takes it (RFC 7064, RFC 7065). */
function serverOf({ url, username, credential }: IceServer): (string | ndc.IceServer)[] {
  const [, scheme, host, port, transport] = /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(url) ?? [];
  if (scheme === undefined || host === undefined) return [];
  const number = Number(port ?? (scheme.endsWith('s') ? 5349 : 3478));
  if (scheme.startsWith('stun')) return [`stun:${host}:${number}`];
  const relayType = scheme === 'turns' ? 'TurnTls' : transport === 'tcp' ? 'TurnTcp' : 'TurnUdp';
  return [
    {
      hostname: host,
      port: number,
      relayType,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { password: credential }),
    },
  ];
}
