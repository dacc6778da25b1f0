/**
 * SDP between Janus and this edge, as far as a viewer's leg needs it: which payload types the viewer takes pictures and sound by, and the
 * answer of a plain RTP peer to what Janus' NoSIP plugin makes of the viewer's offer.
 */
import type { Codec } from '../video-engine.ts';

export interface OfferedMedia {
  readonly payloadType: number;
  /** Value of its `a=fmtp`, empty where it has none. */
  readonly parameters: string;
}

interface Media {
  readonly kind: string;
  readonly port: number;
  readonly lines: readonly string[];
}

const mediasOf = (sdp: string): Media[] =>
  sdp
    .split(/\r?\n(?=m=)/)
    .slice(1)
    .map((section) => {
      const lines = section.split(/\r?\n/);
      const [kind = '', port = '0'] = lines[0]!.slice('m='.length).split(' ');
      return { kind, port: Number(port), lines };
    });

const valuesOf = ({ lines }: Media, name: string): string[] =>
  lines.flatMap((line) => (line.startsWith(`a=${name}:`) ? [line.slice(name.length + 3).trim()] : []));

const offered = (media: Media, encoding: string): OfferedMedia[] => {
  const parameters = new Map(valuesOf(media, 'fmtp').map((value) => [value.split(' ')[0]!, value.slice(value.indexOf(' ') + 1)] as const));
  return valuesOf(media, 'rtpmap').flatMap((value) => {
    const [number = '', name = ''] = value.split(' ');
    return name.toUpperCase() === encoding ? [{ payloadType: Number(number), parameters: parameters.get(number) ?? '' }] : [];
  });
};
const takenIn = (sdp: string, kind: string): Media | undefined => mediasOf(sdp).find((media) => media.kind === kind && media.port !== 0);

/** Undefined when the offer does not take the codec. Of H.264 the constrained baseline in mode 1 (RFC 6184, 8.1), which cameras send. */
export function offeredVideo(offer: string, codec: Codec): OfferedMedia | undefined {
  const media = takenIn(offer, 'video');
  if (media === undefined) return undefined;
  const all = offered(media, codec === 'video/H264' ? 'H264/90000' : 'VP8/90000');
  if (codec === 'video/VP8') return all[0];
  const inMode1 = all.filter((one) => one.parameters.includes('packetization-mode=1'));
  const baseline = (pattern: RegExp): OfferedMedia | undefined => inMode1.find((one) => pattern.test(one.parameters));
  return baseline(/profile-level-id=42e0/i) ?? baseline(/profile-level-id=42/i) ?? inMode1[0] ?? all[0];
}

/** Undefined when the offer takes no Opus. */
export function offeredSound(offer: string): OfferedMedia | undefined {
  const media = takenIn(offer, 'audio');
  return media === undefined ? undefined : offered(media, 'OPUS/48000/2')[0];
}

/** Port at which Janus takes plain RTP of pictures or sound. Undefined when it takes none. */
export const portOf = (sdp: string, kind: 'audio' | 'video'): number | undefined => takenIn(sdp, kind)?.port;

/** Name of the media that pictures or sound are in. Undefined when there are none. */
export const midOf = (sdp: string, kind: 'audio' | 'video'): string | undefined => {
  const media = takenIn(sdp, kind);
  return media === undefined ? undefined : valuesOf(media, 'mid')[0];
};

export const ufragOf = (sdp: string): string | undefined => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];

export interface BareAnswer {
  readonly codec: Codec;
  readonly video: OfferedMedia;
  /** Undefined where none is sent. */
  readonly sound: OfferedMedia | undefined;
  /** The port that packets come from: Janus hears no other. The one above it gets what the viewer reports. */
  readonly fromPort: number;
}

/** What a sender of plain RTP on this machine answers. */
export function bareAnswer(bareOffer: string, { codec, video, sound, fromPort }: BareAnswer): string {
  const answers = new Map([
    ['video', [video, codec === 'video/H264' ? 'H264/90000' : 'VP8/90000', ['nack', 'nack pli', 'ccm fir']] as const],
    ...(sound === undefined ? [] : [['audio', [sound, 'opus/48000/2', []] as const] as const]),
  ]);
  const sections = mediasOf(bareOffer).map(({ kind, port, lines }) => {
    const answer = port === 0 ? undefined : answers.get(kind);
    // The first of each kind alone.
    answers.delete(kind);
    if (answer === undefined) return [`${lines[0]!.split(' ')[0]} 0 ${lines[0]!.split(' ').slice(2).join(' ')}`, 'a=inactive'];
    const [{ payloadType, parameters }, encoding, feedback] = answer;
    return [
      `m=${kind} ${fromPort} RTP/AVP ${payloadType}`,
      'c=IN IP4 127.0.0.1',
      `a=rtpmap:${payloadType} ${encoding}`,
      ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
      ...feedback.map((each) => `a=rtcp-fb:${payloadType} ${each}`),
      'a=sendonly',
    ];
  });
  return [...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'], ...sections.flat(), ''].join('\r\n');
}
