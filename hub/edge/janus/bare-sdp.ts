/**
 * SDP between Janus and this edge, as far as a viewer's leg needs it: which payload type the viewer shows a codec by, and the answer of a
 * plain RTP peer to what Janus' NoSIP plugin makes of the viewer's offer.
 */
import type { Codec } from '../video-engine.ts';

export interface OfferedVideo {
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

/** Undefined when the offer does not take the codec. Of H.264 the constrained baseline in mode 1 (RFC 6184, 8.1), which cameras send. */
export function offeredVideo(offer: string, codec: Codec): OfferedVideo | undefined {
  const media = mediasOf(offer).find(({ kind, port }) => kind === 'video' && port !== 0);
  if (media === undefined) return undefined;
  const encoding = codec === 'video/H264' ? 'H264/90000' : 'VP8/90000';
  const parameters = new Map(valuesOf(media, 'fmtp').map((value) => [value.split(' ')[0]!, value.slice(value.indexOf(' ') + 1)] as const));
  const all = valuesOf(media, 'rtpmap').flatMap((value) => {
    const [number = '', name = ''] = value.split(' ');
    return name.toUpperCase() === encoding ? [{ payloadType: Number(number), parameters: parameters.get(number) ?? '' }] : [];
  });
  if (codec === 'video/VP8') return all[0];
  const inMode1 = all.filter((one) => one.parameters.includes('packetization-mode=1'));
  const baseline = (pattern: RegExp): OfferedVideo | undefined => inMode1.find((one) => pattern.test(one.parameters));
  return baseline(/profile-level-id=42e0/i) ?? baseline(/profile-level-id=42/i) ?? inMode1[0] ?? all[0];
}

/** Port at which Janus takes plain RTP of the video. Undefined when it takes none. */
export const videoPortOf = (sdp: string): number | undefined =>
  mediasOf(sdp).find(({ kind, port }) => kind === 'video' && port !== 0)?.port;

/** Name of the offer's media that the camera's pictures are in. */
export const videoMidOf = (sdp: string): string => {
  const media = mediasOf(sdp).find(({ kind }) => kind === 'video');
  return (media === undefined ? undefined : valuesOf(media, 'mid')[0]) ?? '0';
};

export const ufragOf = (sdp: string): string | undefined => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];

/**
 * What a sender of plain RTP on this machine answers.
 * @param fromPort the port that its packets come from: Janus hears no other. The one above it gets what the viewer reports.
 */
export function bareAnswer(bareOffer: string, { payloadType, parameters }: OfferedVideo, codec: Codec, fromPort: number): string {
  const name = codec === 'video/H264' ? 'H264' : 'VP8';
  let isAnswered = false;
  const sections = mediasOf(bareOffer).map(({ kind, port, lines }) => {
    if (kind !== 'video' || port === 0 || isAnswered)
      return [`${lines[0]!.split(' ')[0]} 0 ${lines[0]!.split(' ').slice(2).join(' ')}`, 'a=inactive'];
    isAnswered = true;
    return [
      `m=video ${fromPort} RTP/AVP ${payloadType}`,
      'c=IN IP4 127.0.0.1',
      `a=rtpmap:${payloadType} ${name}/90000`,
      ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
      ...['nack', 'nack pli', 'ccm fir'].map((feedback) => `a=rtcp-fb:${payloadType} ${feedback}`),
      'a=sendonly',
    ];
  });
  return [...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'], ...sections.flat(), ''].join('\r\n');
}
