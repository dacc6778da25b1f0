/** Who is signed in, by a random token in a cookie of which the hub keeps the hash alone. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';

/** A phone on the kitchen wall stays signed in; one that was lost does not for ever. */
export const SESSION_MS = 30 * 86_400_000;
/** A household's devices; beyond, the oldest goes. */
const MOST_SESSIONS = 100;

export interface Sessions {
  /** Token for the cookie. */
  start(nowUtcMs: number): string;
  isValid(token: string, nowUtcMs: number): boolean;
  end(token: string): void;
}

export function openSessions(file: string): Sessions {
  const sessions = new Map<string, number>(load(file));
  const save = (): void => writeFileAtomic(file, JSON.stringify([...sessions]));
  return {
    start(nowUtcMs) {
      const token = randomBytes(32).toString('base64url');
      for (const [hash, endsUtcMs] of sessions) if (endsUtcMs <= nowUtcMs) sessions.delete(hash);
      while (sessions.size >= MOST_SESSIONS) sessions.delete([...sessions.keys()][0]!);
      sessions.set(hashOf(token), nowUtcMs + SESSION_MS);
      save();
      return token;
    },
    isValid: (token, nowUtcMs) => (sessions.get(hashOf(token)) ?? 0) > nowUtcMs,
    end(token) {
      if (sessions.delete(hashOf(token))) save();
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64');

/** Sessions that cannot be read are none: everybody signs in again. */
function load(file: string): [string, number][] {
  if (!existsSync(file)) return [];
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as [string, number][];
  } catch {
    return [];
  }
}
