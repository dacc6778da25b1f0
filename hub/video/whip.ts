/** Publishing by WHIP (RFC 9725): an offer is posted, the answer comes back, candidates follow by PATCH, and the session is deleted at the end. */
import { type IceServer, parseIceLinks } from './ice-links.ts';
import { fragmentOf, iceOf, parseSdpFragment, withIce, writeSdpFragment } from './sdp-fragment.ts';

const ANSWER_WITHIN_MS = 5000;
/** Whoever waits for a lost path does not wait long: another session may be quicker. */
const RESTART_WITHIN_MS = 1000;
/** RFC 9110, 15.4: a client guards against loops. */
const MOST_REDIRECTS = 5;
/** A server that asks for a longer wait is not believed: the picture is to be back. */
const LONGEST_WAIT_MS = 60_000;

export interface WhipEndpoint {
  readonly url: string;
  /** Bearer token of the session. */
  readonly token: string;
}

export interface WhipSession {
  readonly answer: string;
  readonly iceServers: readonly IceServer[];
  /** Sends a candidate found later. A server without trickle is not asked again. */
  trickle(offer: string, candidate: string): Promise<void>;
  /**
   * Begins ICE anew (RFC 9725, 4.3.3): the answer to an offer with other credentials. Undefined when the server will not or cannot, which
   * leaves nothing but another session.
   */
  restart(offer: string): Promise<string | undefined>;
  /** Ends the session at the server; a server that is gone has ended it too. */
  remove(): Promise<void>;
}

/** `refused`: the server answered and will not; `unreachable`: it did not answer, or is not able to now. */
export class WhipError extends Error {
  override readonly name = 'WhipError';
  readonly kind: 'refused' | 'unauthorised' | 'unreachable';
  /** What the server asked for by Retry-After; 0 when it did not. */
  readonly waitMs: number;

  constructor(kind: WhipError['kind'], message: string, waitMs = 0) {
    super(message);
    this.kind = kind;
    this.waitMs = waitMs;
  }
}

/** Rejects with {@link WhipError}. */
export async function openSession({ url, token }: WhipEndpoint, offer: string, fetcher: typeof fetch = fetch): Promise<WhipSession> {
  const { response, at } = await post(url, token, offer, fetcher);
  const answer = await response.text().catch((error: unknown) => {
    throw unreachable(url, error);
  });
  if (response.status !== 201) throw refusal(response, answer);
  if (!answer.startsWith('v=0')) throw new WhipError('refused', 'the video server answered without an SDP: its URL must be that of WHIP');
  const location = response.headers.get('location');
  const resource = location === null || !URL.canParse(location, at) ? undefined : new URL(location, at);
  // Only where the token was sent may it go again.
  const authorization: Record<string, string> =
    resource !== undefined && resource.origin === new URL(url).origin ? { authorization: `Bearer ${token}` } : {};
  /** Names the ICE session that candidates are of; another with each restart. */
  let etag = response.headers.get('etag');
  let isTrickling = true;
  /** One after the other: a candidate belongs to the ICE session that its server knows by then. */
  let turn: Promise<unknown> = Promise.resolve();
  const patch = (match: string | null, body: string, withinMs: number): Promise<Response | undefined> => {
    if (resource === undefined) return Promise.resolve(undefined);
    const headers = {
      ...authorization,
      'content-type': 'application/trickle-ice-sdpfrag',
      ...(match === null ? {} : { 'if-match': match }),
    };
    return fetcher(resource, { method: 'PATCH', headers, body, signal: AbortSignal.timeout(withinMs) }).catch(() => undefined);
  };
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  };
  return {
    answer,
    iceServers: parseIceLinks(response.headers.get('link') ?? ''),
    trickle: (own, candidate) =>
      inTurn(async () => {
        if (!isTrickling) return;
        const answered = await patch(etag, writeSdpFragment(fragmentOf(own, [candidate])), ANSWER_WITHIN_MS);
        if (answered !== undefined && [404, 405, 422, 501].includes(answered.status)) isTrickling = false;
      }),
    restart: (own) =>
      inTurn(async () => {
        const body = writeSdpFragment(fragmentOf(own));
        // The connection that was kept for HTTP may be as lost as the path, which nothing tells: the second try is by a new one.
        const answered = (await patch('"*"', body, RESTART_WITHIN_MS)) ?? (await patch('"*"', body, RESTART_WITHIN_MS));
        if (answered?.status !== 200) return undefined;
        const fragment = parseSdpFragment(await answered.text().catch(() => ''));
        const ice = fragment === undefined ? undefined : iceOf(fragment);
        if (ice?.ufrag === undefined || ice.pwd === undefined) return undefined;
        etag = answered.headers.get('etag');
        return withIce(answer, { ...ice, ufrag: ice.ufrag, pwd: ice.pwd });
      }),
    async remove() {
      if (resource === undefined) return;
      await fetcher(resource, { method: 'DELETE', headers: authorization, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(
        () => undefined,
      );
    },
  };
}

/**
 * What the server names before anything is offered: an engine must know its ICE servers before it gathers. Empty where the server does not
 * say by OPTIONS; it may yet in its answer. Rejects with {@link WhipError} when nobody answers.
 */
export async function iceServersOf({ url, token }: WhipEndpoint, fetcher: typeof fetch = fetch): Promise<readonly IceServer[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetcher(url, { method: 'OPTIONS', headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(
    (error: unknown) => {
      throw unreachable(url, error);
    },
  );
  return response.ok ? parseIceLinks(response.headers.get('link') ?? '') : [];
}

/** Posts, and follows 307 and 308 with the body; the token goes only to the origin it was given for. */
async function post(url: string, token: string, offer: string, fetcher: typeof fetch): Promise<{ response: Response; at: string }> {
  let at = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const isHome = new URL(at).origin === new URL(url).origin;
    const response = await fetcher(at, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', ...(isHome ? { authorization: `Bearer ${token}` } : {}) },
      body: offer,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((error: unknown) => {
      throw unreachable(at, error);
    });
    const to = response.headers.get('location');
    if ((response.status !== 307 && response.status !== 308) || to === null) return { response, at };
    if (!URL.canParse(to, at)) throw new WhipError('refused', `the video server redirects to '${to}', which is no URL`);
    at = new URL(to, at).href;
  }
  throw new WhipError('refused', `the video server redirects more than ${MOST_REDIRECTS} times`);
}

function unreachable(url: string, error: unknown): WhipError {
  const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
  return new WhipError('unreachable', `the video server ${new URL(url).host} does not answer (${cause})`);
}

function refusal({ status, headers }: Response, body: string): WhipError {
  const said = messageIn(body);
  const waitS = Number(headers.get('retry-after') ?? '0');
  const waitMs = Number.isFinite(waitS) && waitS > 0 ? Math.min(LONGEST_WAIT_MS, waitS * 1000) : 0;
  const words = `the video server refused (${status})${said === '' ? '' : `: ${said}`}`;
  if (status === 401 || status === 403) return new WhipError('unauthorised', words, waitMs);
  return new WhipError(status === 429 || status >= 500 ? 'unreachable' : 'refused', words, waitMs);
}

function messageIn(body: string): string {
  try {
    const said = JSON.parse(body) as { error?: { message?: unknown } };
    return typeof said.error?.message === 'string' ? said.error.message.slice(0, 200) : '';
  } catch {
    return '';
  }
}
