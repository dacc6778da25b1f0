/**
 * ICE servers as a WHIP server names them: `Link: <stun:…>; rel="ice-server"` (RFC 9725, section 4.6; Link by RFC 8288). A password may
 * contain commas and quotes, so the header is read character by character.
 */
export interface IceServer {
  /** `stun:host:port`, `turn:host:port?transport=udp`, `turns:…`. */
  readonly url: string;
  readonly username?: string;
  readonly credential?: string;
}

/** More than any server names; each costs a gathering. */
const MOST_SERVERS = 16;

/** Reads one header value, or several joined by commas. What is no ICE server is left out. */
export function parseIceLinks(header: string): IceServer[] {
  const servers: IceServer[] = [];
  for (const { target, parameters } of linksIn(header)) {
    if (!(parameters.get('rel') ?? '').split(/\s+/).includes('ice-server') || !/^(stun|turn)s?:\S+$/.test(target)) continue;
    const username = parameters.get('username');
    const credential = parameters.get('credential');
    // Without both a TURN server would refuse; RFC 9725 knows the credential type 'password' alone.
    const isTurn = target.startsWith('turn');
    if (isTurn && (username === undefined || credential === undefined)) continue;
    if ((parameters.get('credential-type') ?? 'password') !== 'password') continue;
    servers.push(username === undefined || credential === undefined ? { url: target } : { url: target, username, credential });
    if (servers.length >= MOST_SERVERS) break;
  }
  return servers;
}

export function writeIceLink({ url, username, credential }: IceServer): string {
  const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  const secret =
    username === undefined || credential === undefined
      ? ''
      : `; username=${quote(username)}; credential=${quote(credential)}; credential-type="password"`;
  return `<${url}>; rel="ice-server"${secret}`;
}

interface Link {
  readonly target: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function linksIn(header: string): Link[] {
  const links: Link[] = [];
  let at = 0;
  const skip = (pattern: RegExp): string => {
    const [found = ''] = pattern.exec(header.slice(at)) ?? [];
    at += found.length;
    return found;
  };
  while (at < header.length) {
    skip(/^[\s,]+/);
    const target = /^<([^>]*)>/.exec(header.slice(at));
    if (target === null) break;
    at += target[0].length;
    const parameters = new Map<string, string>();
    while (skip(/^\s*;\s*/) !== '') {
      const name = skip(/^[^\s=;,"<>]+/).toLowerCase();
      if (skip(/^\s*=\s*/) === '') {
        if (name !== '') parameters.set(name, '');
        continue;
      }
      const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(header.slice(at));
      if (quoted !== null) at += quoted[0].length;
      const value = quoted === null ? skip(/^[^\s;,]*/) : quoted[1]!.replaceAll(/\\(.)/gs, '$1');
      // RFC 8288, 3.3: the first occurrence of rel counts.
      if (!parameters.has(name)) parameters.set(name, value);
    }
    links.push({ target: target[1]!.trim(), parameters });
    if (skip(/^\s*,/) === '') break;
  }
  return links;
}
