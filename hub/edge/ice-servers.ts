/**
 * The STUN and TURN servers that an edge names to hubs and viewers who cannot reach it by UDP. A TURN server shares a secret with the edge;
 * each session gets a user name that says when it ends, and a password made of both (coturn: `use-auth-secret`; draft-uberti-behave-turn-rest-00).
 */
import { createHmac } from 'node:crypto';
import type { IceServer } from '../video/ice-links.ts';

/** A view lasts an hour; the clock of the machine that TURN runs on may be some minutes off. */
const CREDENTIAL_S = 2 * 3600;
/** Each costs whoever connects a gathering. */
const MOST_SERVERS = 4;
const URL_OF_SERVER = /^(stun|turn)s?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?$/;

/** The servers as one session is told them. `name` says nothing of who it is. */
export type IceServersFor = (name: string) => readonly IceServer[];

/**
 * Reads `stun:host:port` and `turn:host:port?transport=udp`, by commas. Throws where one is none, or a TURN server is named without the secret.
 * @param nowUtcMs the edge's clock
 */
export function iceServersOf(urls: string, secret: string | undefined, nowUtcMs: () => number): IceServersFor {
  const all = urls.split(',').flatMap((url) => (url.trim() === '' ? [] : [url.trim()]));
  const wrong = all.find((url) => !URL_OF_SERVER.test(url));
  if (wrong !== undefined) throw new Error(`the ICE server '${wrong}' is none: write stun:host:3478, or turn:host:3478?transport=udp`);
  if (all.length > MOST_SERVERS) throw new Error(`${all.length} ICE servers are named: ${MOST_SERVERS} at most`);
  const needsSecret = all.find((url) => url.startsWith('turn'));
  if (needsSecret !== undefined && (secret ?? '') === '')
    throw new Error(`'${needsSecret}' needs the secret that it shares with this edge (coturn: static-auth-secret): --turn-secret-file`);
  return (name) => {
    const username = `${Math.floor(nowUtcMs() / 1000) + CREDENTIAL_S}:${name}`;
    return all.map((url) => {
      if (!url.startsWith('turn')) return { url };
      return { url, username, credential: createHmac('sha1', secret!).update(username).digest('base64') };
    });
  };
}
