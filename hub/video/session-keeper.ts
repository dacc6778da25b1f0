/** Fetches what the edge says of the camera's sessions and keeps it for the household. */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { ViewSession, ViewSessions } from '../people/view-sessions.ts';

/** An edge that ends without a word has told all but this much of a session. */
const LOOK_EACH_MS = 10_000;
/** How much a session that goes on has sent is written as often; who comes and goes is written at once. */
const WRITE_EACH_MS = 300_000;

export interface SessionKeeper {
  /** Fetches now. Never rejects: an edge that does not answer is asked again later. */
  look(): Promise<void>;
  readonly done: Promise<void>;
}

export interface SessionKeeperOptions {
  /** Newest first; rejects when the edge does not answer. */
  readonly sessions: () => Promise<readonly ViewSession[]>;
  readonly kept: Pick<ViewSessions, 'keep' | 'open'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function startSessionKeeper({ sessions, kept, clock, signal }: SessionKeeperOptions): SessionKeeper {
  const written = new Map<string, { atMs: number; shape: string }>();
  /** What was last heard of those that go on, should the edge end without a word. */
  const heard = new Map<string, { session: ViewSession; atUtcMs: number }>();
  const look = async (): Promise<void> => {
    const said = await sessions().catch(() => undefined);
    if (said === undefined) return;
    const nowMs = clock.monotonic();
    for (const session of said) {
      if (session.until === null) heard.set(session.id, { session, atUtcMs: clock.utc() });
      else heard.delete(session.id);
      const shape = shapeOf(session);
      const before = written.get(session.id);
      if (before?.shape === shape && nowMs - before.atMs < WRITE_EACH_MS) continue;
      kept.keep(session);
      written.set(session.id, { atMs: nowMs, shape });
    }
    const known = new Set(said.map(({ id }) => id));
    for (const id of written.keys()) if (!known.has(id)) written.delete(id);
    // The edge has begun anew and knows nothing of these any more: they ended when they were last heard of.
    for (const session of kept.open()) {
      if (known.has(session.id)) continue;
      const last = heard.get(session.id);
      heard.delete(session.id);
      const until = last === undefined ? lastSignOf(session) : new Date(last.atUtcMs).toISOString();
      const { views, bytes } = last?.session ?? session;
      kept.keep({ ...session, bytes, until, views: views.map((view) => (view.until === null ? { ...view, until } : view)) });
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await look();
      await clock.sleep(LOOK_EACH_MS, signal).catch(() => undefined);
    }
  };
  return { look, done: run() };
}

/** All of a session but how much was sent. */
const shapeOf = ({ until, views, receipt }: ViewSession): string =>
  JSON.stringify([until, receipt, views.map((view) => [view.name, view.since, view.until])]);

/** The latest time that is known of a session of which nothing was heard since this hub began. */
const lastSignOf = ({ since, views }: ViewSession): string =>
  [since, ...views.flatMap((view) => [view.since, view.until ?? view.since])].sort().at(-1)!;
