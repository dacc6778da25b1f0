/**
 * Any server that takes WHIP (RFC 9725), and perhaps gives WHEP: what this hub asks an edge of its own kind, as far as such a server can do it.
 * It signs nothing, lists nobody and makes no tokens: who watched through this hub is what this hub knows.
 */
import { randomBytes } from 'node:crypto';
import type { SessionClaims, ViewClaims } from '../edge/video-sessions.ts';
import type { StreamOfCamera } from './edge-video.ts';
import type { VideoEdge } from './video-edge.ts';

const ANSWER_WITHIN_MS = 10_000;
/** As an edge counts it: then the page asks again. */
const WATCH_MS = 3_600_000;
/** The hub fetches them several times a minute. */
const MOST_SESSIONS = 20;
const MOST_VIEWS = 100;
const CAMERA = 'home';

export interface PlainWhipOptions {
  readonly whip: string;
  readonly whep: string | undefined;
  readonly region: string;
  /** Bearer token to publish by. Throws TargetError where there is none. */
  readonly token: () => string;
  /** Left out: that to publish by. */
  readonly watchToken: string | undefined;
  readonly now: () => number;
}

interface View {
  readonly name: string;
  readonly sinceMs: number;
  readonly resource: URL | undefined;
}

export function plainWhipServer({ whip, whep, region, token, watchToken, now }: PlainWhipOptions): VideoEdge {
  const views = new Map<string, View>();
  /** Newest first. */
  const sessions: { id: string; sinceMs: number; untilMs: number | undefined; views: ViewClaims[] }[] = [];
  /** Who each token to watch was made for, oldest first: good within this hub alone, since the server knows one for all. */
  const watchers = new Map<string, string>();
  const present = () => sessions.find(({ untilMs }) => untilMs === undefined);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const authorization = (): string => `Bearer ${watchToken ?? token()}`;
  const send = (method: string, to: string | URL, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Response> =>
    fetch(to, {
      method,
      headers: { ...headers, authorization: authorization() },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined ? {} : { body }),
    });
  const endView = async (id: string): Promise<void> => {
    const view = views.get(id);
    views.delete(id);
    if (view === undefined) return;
    present()?.views.push({ name: view.name, since: iso(view.sinceMs), until: iso(now()), bytes: 0, soundBytes: 0 });
    if (view.resource !== undefined) await send('DELETE', view.resource);
  };
  const endViews = (isOver = (_view: View): boolean => true): Promise<unknown> =>
    Promise.allSettled([...views].flatMap(([id, view]) => (isOver(view) ? [endView(id)] : [])));
  /** What is published ends, and who watches sees nothing more. */
  const over = async (): Promise<void> => {
    const ended = endViews();
    const open = present();
    if (open !== undefined) open.untilMs = now();
    await ended;
  };
  const watch = async (bearer: string, offer: string): Promise<Response> => {
    const name = watchers.get(bearer);
    watchers.delete(bearer);
    if (name === undefined) return Response.json({ error: { message: 'This token was used already.' } }, { status: 401 });
    if (whep === undefined)
      return Response.json(
        { error: { message: 'It is shown by the server that it is sent to: whep beside whip names where, for this page.' } },
        { status: 404 },
      );
    if (views.size >= MOST_VIEWS) return Response.json({ error: { message: `${MOST_VIEWS} are watching already` } }, { status: 503 });
    const answer = await send('POST', whep, { 'content-type': 'application/sdp' }, offer);
    if (answer.status !== 201) return answer;
    const id = randomBytes(9).toString('base64url');
    const location = answer.headers.get('location');
    // Only where the token was sent may it go again.
    const resource = location !== null && URL.canParse(location, whep) ? new URL(location, whep) : undefined;
    views.set(id, { name, sinceMs: now(), resource: resource?.origin === new URL(whep).origin ? resource : undefined });
    return new Response(await answer.text(), { status: 201, headers: { location: `/v1/whep/${CAMERA}/${id}` } });
  };
  const claims = (): { claims: SessionClaims; receipt: null }[] =>
    sessions.map(({ id, sinceMs, untilMs, views: over }) => {
      const open = untilMs === undefined ? [...views.values()] : [];
      const watching = open.map(({ name, sinceMs: from }) => ({ name, since: iso(from), until: null, bytes: 0, soundBytes: 0 }));
      const times = { since: iso(sinceMs), until: untilMs === undefined ? null : iso(untilMs) };
      return {
        claims: {
          region,
          camera: CAMERA,
          session: id,
          ...times,
          codec: '',
          bytes: 0,
          soundBytes: 0,
          views: [...over, ...watching],
          viewsLeftOut: 0,
        },
        receipt: null,
      };
    });
  const listed = () => [...views].map(([id, { name, sinceMs }]) => ({ id, name, since: iso(sinceMs), isConnected: true, packets: 0 }));
  return {
    region,
    isProven: false,
    whip: () => whip,
    camera: () => CAMERA,
    told(isLive) {
      void over();
      if (isLive) sessions.unshift({ id: randomBytes(9).toString('base64url'), sinceMs: now(), untilMs: undefined, views: [] });
      sessions.length = Math.min(sessions.length, MOST_SESSIONS);
    },
    async ask(method, path, headers, body) {
      await endViews(({ sinceMs }) => now() - sinceMs > WATCH_MS);
      const [, id] = /\/(?:viewers|whep\/[^/]+)\/([^/]+)$/.exec(path) ?? [];
      switch (`${method} ${path.replace(`/${CAMERA}`, '').replace(`/${id}`, '')}`) {
        case 'POST /v1/video/tokens': {
          const { task, viewer = '' } = JSON.parse(body ?? '{}') as { task?: string; viewer?: string };
          if (task !== 'watch') return Response.json({ token: token() }, { status: 201 });
          const made = randomBytes(18).toString('base64url');
          if (watchers.size >= MOST_VIEWS) watchers.delete(watchers.keys().next().value!);
          watchers.set(made, viewer);
          return Response.json({ token: made }, { status: 201 });
        }
        case 'GET /v1/video':
          return Response.json({
            ...{ isPublished: present() !== undefined, codec: '', packets: 0, bytes: 0, soundPackets: 0, viewers: listed() },
          } satisfies StreamOfCamera);
        case 'GET /v1/video/sessions':
          return Response.json({ region, key: '', sessions: claims() });
        case 'DELETE /v1/video':
          await over();
          return new Response(null, { status: 204 });
        case 'POST /v1/whep':
          return watch((headers.authorization ?? '').replace('Bearer ', ''), body ?? '');
        case 'OPTIONS /v1/whep':
          return whep === undefined ? new Response(null, { status: 204 }) : send('OPTIONS', whep);
        case 'DELETE /v1/whep':
        case 'DELETE /v1/video/viewers':
          await endView(id ?? '');
          return new Response(null, { status: 204 });
        default:
          return new Response(null, { status: 404 });
      }
    },
  };
}
