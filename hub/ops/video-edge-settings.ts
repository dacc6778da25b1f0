/** Where the camera is shown outside the hub's own edge, as `videoEdges` in hearth.yaml names it. */
import { BlockList, isIP } from 'node:net';
import type { Static } from 'typebox';
import { Type } from '../../firmware/schema/type.ts';
import { AT_HOME, type RegionId, regionsFor } from '../sync/residency.ts';

const Address = Type.String({ pattern: '^https?://[^\\s]{1,300}$' });
const Secret = Type.String({ minLength: 1, maxLength: 2000 });
const File = Type.String({ minLength: 1, maxLength: 500 });
const regionIds = [AT_HOME, ...regionsFor('video')] as const;

const VideoEdgeSettings = Type.Object(
  {
    /** An edge of Hearth, with a code of its operator's. */
    url: Type.Optional(Address),
    code: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    codeFile: Type.Optional(File),
    /** Any server that takes WHIP, with a bearer token; `whep`: where this hub's page watches it. */
    whip: Type.Optional(Address),
    whep: Type.Optional(Address),
    token: Type.Optional(Secret),
    tokenFile: Type.Optional(File),
    watchToken: Type.Optional(Secret),
    region: Type.Unsafe<RegionId | typeof AT_HOME>(Type.Union(regionIds.map((region) => Type.Literal(region)))),
    /** Who names a server that proves nothing says that they know. */
    proof: Type.Optional(Type.Literal('none')),
  },
  { additionalProperties: false },
);
export type VideoEdgeSettings = Static<typeof VideoEdgeSettings>;
export const VideoEdgeList = Type.Array(VideoEdgeSettings, { maxItems: 7 });

type Key = keyof VideoEdgeSettings;
const ofEdge: readonly Key[] = ['url', 'code', 'codeFile', 'region'];
const ofServer: readonly Key[] = ['whip', 'whep', 'token', 'tokenFile', 'watchToken', 'region', 'proof'];

/** RFC 1918, RFC 3927, RFC 4193, RFC 4291; loopback. */
const home = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  home.addSubnet(network, bits);
for (const [network, bits] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const)
  home.addSubnet(network, bits, 'ipv6');

/** Whether an address can be of this home alone: RFC 6762 (.local), RFC 8375 (.home.arpa), RFC 6761 (localhost), or of a private network. */
function isAtHome(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(host);
  return kind === 0 ? /(^|\.)(local|home\.arpa|localhost)$/.test(host) : home.check(host, kind === 6 ? 'ipv6' : 'ipv4');
}

/** What the schema alone cannot say; undefined when all is right. */
export function mistakeInVideoEdges(
  list: readonly VideoEdgeSettings[],
): { readonly path: readonly (string | number)[]; readonly message: string } | undefined {
  for (const [index, one] of list.entries()) {
    const wrong = (key: Key, message: string) => ({ path: [index, key], message });
    const { url, whip, token, tokenFile, region, proof } = one;
    if ((url === undefined) === (whip === undefined))
      return { path: [index], message: "one of 'url' (an edge of Hearth) and 'whip' (any other server) is needed" };
    const may = url === undefined ? ofServer : ofEdge;
    const foreign = (Object.keys(one) as Key[]).find((key) => !may.includes(key));
    if (foreign !== undefined) return wrong(foreign, `beside '${may[0]}' there is no '${foreign}': it takes ${may.join(', ')}`);
    for (const key of ['url', 'whip', 'whep'] as const) {
      const address = one[key];
      if (address === undefined) continue;
      if (!URL.canParse(address)) return wrong(key, `'${address}' is no address`);
      if (region === AT_HOME && !isAtHome(address))
        return wrong(
          'region',
          `'${address}' need not be in this home: use its private address or a name that ends in .local, or say which region it is in`,
        );
      if (address.startsWith('http:') && (key === 'url' || !isAtHome(address)))
        return wrong(key, `'${address}' goes through the open: it must begin with https`);
    }
    if (url !== undefined && region === AT_HOME)
      return wrong('region', 'the edge of this home is the one that the hub runs itself: leave this out');
    if (whip !== undefined && token === undefined && tokenFile === undefined)
      return wrong('whip', "its bearer token is needed: 'token' or 'tokenFile'");
    if (whip !== undefined && region !== AT_HOME && proof === undefined)
      return wrong('whip', "such a server cannot prove where it stands: write 'proof: none' if you know that it is there");
  }
  return undefined;
}
