/**
 * Each session of the camera at an edge: through which region and under which key of the edge, from when until when, how much, and who
 * watched; with the edge's signature once it is over. For who lives here to look at.
 */
import type { Household } from './household.ts';

export interface ViewOfSession {
  /** Account of who watched; `machine` for the command line; empty once that person was erased. */
  readonly name: string;
  readonly since: string;
  /** Null while it lasts. */
  readonly until: string | null;
  readonly bytes: number;
  /** Of sound that went to them. */
  readonly soundBytes?: number;
}

export interface ViewSession {
  readonly id: string;
  readonly camera: string;
  readonly region: string;
  /** Thumbprint of the key that the edge signs with (RFC 7638). */
  readonly edgeKey: string;
  readonly since: string;
  /** Null while it lasts. */
  readonly until: string | null;
  readonly codec: string;
  readonly bytes: number;
  /** Of sound that left the home's microphone; left out by what carried pictures alone. */
  readonly soundBytes?: number;
  readonly views: readonly ViewOfSession[];
  /** The edge's own word on all of it (JWS); null while it lasts, or when the edge ended without a word. */
  readonly receipt: string | null;
}

export interface ViewSessions {
  /** Keeps what an edge says of a session; one that is signed changes no more. */
  keep(session: ViewSession): void;
  /** Newest first. */
  list(limit: number): ViewSession[];
  /** Those that nobody said the end of. */
  open(): ViewSession[];
  forget(person: string): void;
  remains(person: string): number;
}

/** Some months of a camera that is looked at each day; older ones go. */
const MOST_SESSIONS = 1000;

interface Row {
  id: string;
  since: number;
  body: string;
}

export function openViewSessions(household: Household): ViewSessions {
  const sessionOf = ({ body }: Row): ViewSession => JSON.parse(body) as ViewSession;
  const all = (): ViewSession[] => household.prepare<[], Row>('SELECT * FROM video_session').all().map(sessionOf);
  const write = (session: ViewSession): void =>
    void household
      .prepare('INSERT INTO video_session VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body')
      .run(session.id, Date.parse(session.since), JSON.stringify(session));
  const watchedBy = (person: string): ViewSession[] => all().filter(({ views }) => views.some(({ name }) => name === person));
  return {
    keep(session) {
      const before = household.prepare<[string], Row>('SELECT * FROM video_session WHERE id = ?').get(session.id);
      if (before !== undefined && sessionOf(before).receipt !== null) return;
      if (before?.body === JSON.stringify(session)) return;
      write(session);
      household
        .prepare('DELETE FROM video_session WHERE id NOT IN (SELECT id FROM video_session ORDER BY since DESC, id LIMIT ?)')
        .run(MOST_SESSIONS);
    },
    list: (limit) =>
      household.prepare<[number], Row>('SELECT * FROM video_session ORDER BY since DESC, id LIMIT ?').all(limit).map(sessionOf),
    open: () => all().filter(({ until }) => until === null),
    forget(person) {
      // The edge's word names them too: it goes with them.
      for (const session of watchedBy(person))
        write({
          ...session,
          receipt: null,
          views: session.views.map((view) => (view.name === person ? { ...view, name: '' } : view)),
        });
    },
    remains: (person) => watchedBy(person).length,
  };
}
