/** Who is signed in where, by a random token in a cookie of which the hub keeps the hash alone. No address is kept. */
import { createHash, randomBytes } from 'node:crypto';
import type { Household } from './household.ts';

/** A phone on the kitchen wall stays signed in; one that was lost does not for ever. */
export const SESSION_MS = 30 * 86_400_000;
/** A person's devices; beyond, the one seen longest ago goes. By person, so that nobody signs others out by signing in. */
const MOST_SESSIONS_EACH = 20;
/** `seen` is written this often at most: an SD card bears a few writes an hour. */
const SEEN_EVERY_MS = 600_000;
/** How long a second secret counts as just given. */
export const AGAIN_MS = 5 * 60_000;

export interface Session {
  /** Names the session in lists; says nothing of its token. */
  readonly id: string;
  readonly account: string;
  /** What kind of browser, in a word or two. */
  readonly browser: string;
  readonly startedUtcMs: number;
  readonly seenUtcMs: number;
  readonly endsUtcMs: number;
  /** The second secret was given and counts until then. */
  readonly againUntilUtcMs: number;
}

export interface Sessions {
  /** Token for the cookie. */
  start(account: string, browser: string, nowUtcMs: number): string;
  find(token: string, nowUtcMs: number): Session | undefined;
  list(account: string, nowUtcMs: number): Session[];
  /** Returns whether there was one. */
  end(account: string, id: string): boolean;
  /** All of a person's but one. Returns how many. */
  endOthers(account: string, keepId: string | undefined): number;
  /** The second secret was given just now. */
  again(id: string, untilUtcMs: number): void;
}

interface Row {
  hash: string;
  account: string;
  browser: string;
  started: number;
  seen: number;
  ends: number;
  again: number;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const ID_CHARACTERS = 12;
const sessionOf = (row: Row): Session => ({
  id: row.hash.slice(0, ID_CHARACTERS),
  account: row.account,
  browser: row.browser,
  startedUtcMs: row.started,
  seenUtcMs: row.seen,
  endsUtcMs: row.ends,
  againUntilUtcMs: row.again,
});

export function openSessions(household: Household): Sessions {
  const select = household.prepare<[string], Row>('SELECT * FROM session WHERE hash = ?');
  const selectOf = household.prepare<[string], Row>('SELECT * FROM session WHERE account = ? ORDER BY seen DESC, started DESC, hash');
  const insert = household.prepare('INSERT INTO session (hash, account, browser, started, seen, ends) VALUES (?, ?, ?, ?, ?, ?)');
  const remove = household.prepare('DELETE FROM session WHERE hash = ?');
  const setSeen = household.prepare('UPDATE session SET seen = ? WHERE hash = ?');
  return {
    start: household.transaction((account: string, browser: string, nowUtcMs: number): string => {
      const token = randomBytes(32).toString('base64url');
      household.prepare('DELETE FROM session WHERE ends <= ?').run(nowUtcMs);
      for (const { hash } of selectOf.all(account).slice(MOST_SESSIONS_EACH - 1)) remove.run(hash);
      insert.run(hashOf(token), account, browser, nowUtcMs, nowUtcMs, nowUtcMs + SESSION_MS);
      return token;
    }),
    find(token, nowUtcMs) {
      const row = select.get(hashOf(token));
      if (row === undefined || row.ends <= nowUtcMs) return undefined;
      if (nowUtcMs - row.seen >= SEEN_EVERY_MS) setSeen.run(nowUtcMs, row.hash);
      return sessionOf(row);
    },
    list: (account, nowUtcMs) =>
      selectOf
        .all(account)
        .filter(({ ends }) => ends > nowUtcMs)
        .map(sessionOf),
    end: (account, id) =>
      household.prepare(`DELETE FROM session WHERE account = ? AND substr(hash, 1, ${ID_CHARACTERS}) = ?`).run(account, id).changes > 0,
    endOthers: (account, keepId) =>
      household.prepare(`DELETE FROM session WHERE account = ? AND substr(hash, 1, ${ID_CHARACTERS}) <> ?`).run(account, keepId ?? '')
        .changes,
    again: (id, untilUtcMs) =>
      void household.prepare(`UPDATE session SET again = ? WHERE substr(hash, 1, ${ID_CHARACTERS}) = ?`).run(untilUtcMs, id),
  };
}

/** `Firefox on Android` from a user agent: enough to know one's own devices again, too little to tell people apart by. */
export function browserOf(userAgent: string | undefined): string {
  const text = userAgent ?? '';
  const first = (table: readonly (readonly [RegExp, string])[]): string | undefined => table.find(([pattern]) => pattern.test(text))?.[1];
  const browser = first([
    [/\bEdgA?\//, 'Edge'],
    [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
    [/\bChrom(e|ium)\/|\bHeadlessChrome\/|\bCriOS\//, 'Chrome'],
    [/\bSafari\//, 'Safari'],
  ]);
  const system = first([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return `${browser ?? 'A browser'}${system === undefined ? '' : ` on ${system}`}`;
}
