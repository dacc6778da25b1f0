/**
 * `application/trickle-ice-sdpfrag` (RFC 8840, section 9): what a WHIP or WHEP PATCH carries. Attributes of the session, then
 * media sections with their own.
 */

/** Name and value of an `a=` line; the value is empty for a flag such as `end-of-candidates`. */
export type Attribute = readonly [name: string, value: string];

export interface FragmentMedia {
  readonly media: string;
  readonly port: number;
  readonly protos: readonly string[];
  readonly formats: readonly string[];
  readonly attributes: readonly Attribute[];
}

export interface SdpFragment {
  readonly attributes: readonly Attribute[];
  readonly medias: readonly FragmentMedia[];
}

/** A whole gathering of a machine with many networks takes a few hundred lines. */
const MOST_LINES = 1000;

/** Undefined when the text is no fragment; the reason is not told apart, the peer gets 400 either way. */
export function parseSdpFragment(text: string): SdpFragment | undefined {
  const attributes: Attribute[] = [];
  const medias: (FragmentMedia & { attributes: Attribute[] })[] = [];
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length === 0 || lines.length > MOST_LINES) return undefined;
  for (const line of lines) {
    if (line.startsWith('a=')) {
      const colon = line.indexOf(':');
      const attribute: Attribute = colon < 0 ? [line.slice(2), ''] : [line.slice(2, colon), line.slice(colon + 1)];
      if (attribute[0] === '') return undefined;
      (medias.at(-1)?.attributes ?? attributes).push(attribute);
      continue;
    }
    // RFC 8840 lets an m= line stand with port and protocol as placeholders; other lines have no place here.
    const [, media, port, protos, formats] = /^m=(\S+) (\d{1,5}) (\S+)((?: \S+)*) *$/.exec(line) ?? [];
    if (media === undefined || Number(port) > 65_535) return undefined;
    const words = (formats ?? '').split(' ').filter((word) => word !== '');
    medias.push({ media, port: Number(port), protos: protos!.split('/'), formats: words, attributes: [] });
  }
  return { attributes, medias };
}

export function writeSdpFragment({ attributes, medias }: SdpFragment): string {
  const write = (rows: readonly Attribute[]): string =>
    rows.map(([name, value]) => `a=${name}${value === '' ? '' : `:${value}`}\r\n`).join('');
  const sections = medias.map(
    ({ media, port, protos, formats, attributes: own }) => `m=${[media, port, protos.join('/'), ...formats].join(' ')}\r\n${write(own)}`,
  );
  return write(attributes) + sections.join('');
}

const attributeOf = (attributes: readonly Attribute[], name: string): string | undefined => attributes.find(([key]) => key === name)?.[1];

export interface IceOfFragment {
  readonly ufrag: string | undefined;
  readonly pwd: string | undefined;
  /** `candidate:…` as addIceCandidate takes it, with the media it is of. */
  readonly candidates: readonly { readonly candidate: string; readonly mid: string }[];
}

export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

/** What a fragment says of ICE: credentials of the session or of its first media that has some, and all candidates. */
export function iceOf({ attributes, medias }: SdpFragment): IceOfFragment {
  const all = [attributes, ...medias.map((media) => media.attributes)];
  const first = (name: string): string | undefined => all.map((rows) => attributeOf(rows, name)).find((value) => value !== undefined);
  const candidates = medias.flatMap(({ attributes: own }) => {
    const mid = attributeOf(own, 'mid') ?? '0';
    return own.flatMap(([name, value]) => (name === 'candidate' ? [{ candidate: `candidate:${value}`, mid }] : []));
  });
  return { ufrag: first('ice-ufrag'), pwd: first('ice-pwd'), candidates };
}

/** The ICE of a whole SDP as a fragment: its credentials, and its own candidates or those given (`candidate:…`), of its first media. */
export function fragmentOf(sdp: string, candidates = linesOf(sdp, 'candidate')): SdpFragment {
  const [, media = 'video'] = /^m=(\S+)/m.exec(sdp) ?? [];
  const credentials = ['ice-ufrag', 'ice-pwd'].map((name): Attribute => [name, linesOf(sdp, name)[0] ?? '']);
  const own = candidates.map((candidate): Attribute => ['candidate', candidate.replace(/^candidate:/, '')]);
  const mid: Attribute = ['mid', linesOf(sdp, 'mid')[0] ?? '0'];
  return {
    attributes: credentials,
    medias: [{ media, port: 9, protos: ['UDP', 'TLS', 'RTP', 'SAVPF'], formats: ['0'], attributes: [mid, ...own] }],
  };
}

/** An SDP whose ICE begins anew with what a fragment says: a version later (RFC 3264, 8), other credentials, other candidates. */
export function withIce(sdp: string, { ufrag, pwd, candidates }: IceOfFragment & IceCredentials): string {
  const sections = sdp.split(/\r?\n(?=m=)/).map((section) =>
    section
      .split(/\r?\n/)
      .filter((line) => line !== '' && !/^a=(candidate:|end-of-candidates)/.test(line))
      .map((line) => line.replace(/^(a=ice-ufrag:).*/, `$1${ufrag}`).replace(/^(a=ice-pwd:).*/, `$1${pwd}`))
      .map((line) => line.replace(/^(o=\S+ \S+ )(\d+)/, (_all, start: string, version: string) => `${start}${BigInt(version) + 1n}`)),
  );
  for (const { candidate, mid } of candidates)
    (sections.slice(1).find((lines) => lines.includes(`a=mid:${mid}`)) ?? sections[1])?.push(`a=${candidate}`);
  return `${sections.flat().join('\r\n')}\r\n`;
}

const linesOf = (sdp: string, name: string): string[] =>
  [...sdp.matchAll(new RegExp(`^a=${name}:(.*?)\\r?$`, 'gm'))].map(([, value]) => value!);
