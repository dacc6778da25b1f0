/**
 * What the edge says of each session of a camera: where, how long, how much, and who watched; signed once the session is over. Kept in
 * memory for the camera's hub to fetch, which keeps it for its household: the edge itself remembers nobody.
 */
import type { EdgeIdentity } from './identity.ts';
import type { Publisher, Viewer } from './video-engine.ts';

/** What the hub has not fetched yet: it asks several times a minute. */
const MOST_SESSIONS = 20;
/** Views of one session that are told; the oldest go first. */
const MOST_VIEWS = 500;

export interface ViewClaims {
  /** The hub's word for who watched. */
  readonly name: string;
  readonly since: string;
  readonly until: string | null;
  /** RTP payload of pictures, and of sound, that went to them. */
  readonly bytes: number;
  readonly soundBytes: number;
}

export interface SessionClaims {
  readonly region: string;
  readonly camera: string;
  readonly session: string;
  readonly since: string;
  readonly until: string | null;
  readonly codec: string;
  /** RTP payload of pictures that came from the camera, and of sound: 0 where none was sent. */
  readonly bytes: number;
  readonly soundBytes: number;
  readonly views: readonly ViewClaims[];
  /** Views that were too many to be told. */
  readonly viewsLeftOut: number;
}

export interface SessionBook {
  viewEnded(publisher: Publisher, viewer: Viewer): void;
  /** After its viewers have ended. */
  sessionEnded(camera: string, publisher: Publisher): void;
  /** Those that are over with the edge's signature, and the one that lasts without; newest first. */
  list(
    camera: string,
    present: Publisher | undefined,
  ): Promise<readonly { readonly claims: SessionClaims; readonly receipt: string | null }[]>;
}

/** @param now the edge's clock, UTC milliseconds */
export function openSessionBook(identity: Pick<EdgeIdentity, 'region' | 'videoReceipt'>, now: () => number): SessionBook {
  const ended = new Map<string, { claims: SessionClaims; receipt: Promise<string> }[]>();
  const views = new WeakMap<Publisher, { told: ViewClaims[]; leftOut: number }>();
  const iso = (ms: number): string => new Date(ms).toISOString();
  const viewOf = ({ name, sinceUtcMs, bytes, soundBytes }: Viewer, untilMs: number | null): ViewClaims => ({
    name,
    since: iso(sinceUtcMs),
    until: untilMs === null ? null : iso(untilMs),
    bytes,
    soundBytes,
  });
  const claimsOf = (camera: string, publisher: Publisher, untilMs: number | null): SessionClaims => {
    const { told = [], leftOut = 0 } = views.get(publisher) ?? {};
    return {
      region: identity.region,
      camera,
      session: publisher.id,
      since: iso(publisher.sinceUtcMs),
      until: untilMs === null ? null : iso(untilMs),
      codec: publisher.codec ?? '',
      bytes: publisher.bytes,
      soundBytes: publisher.soundBytes,
      views: [...told, ...[...publisher.viewers.values()].filter(({ isConnected }) => isConnected).map((viewer) => viewOf(viewer, null))],
      viewsLeftOut: leftOut,
    };
  };
  return {
    viewEnded(publisher, viewer) {
      // Who never came through has seen nothing.
      if (!viewer.isConnected) return;
      const of = views.get(publisher) ?? { told: [], leftOut: 0 };
      views.set(publisher, of);
      of.told.push(viewOf(viewer, now()));
      if (of.told.length <= MOST_VIEWS) return;
      of.told.shift();
      of.leftOut++;
    },
    sessionEnded(camera, publisher) {
      if (publisher.codec === undefined) return;
      const claims = claimsOf(camera, publisher, now());
      const receipt = identity.videoReceipt(claims, now());
      const list = ended.get(camera) ?? [];
      ended.set(camera, list);
      list.unshift({ claims, receipt });
      list.length = Math.min(list.length, MOST_SESSIONS);
    },
    async list(camera, present) {
      const over = await Promise.all((ended.get(camera) ?? []).map(async ({ claims, receipt }) => ({ claims, receipt: await receipt })));
      return present?.codec === undefined ? over : [{ claims: claimsOf(camera, present, null), receipt: null }, ...over];
    },
  };
}
