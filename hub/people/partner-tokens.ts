/**
 * Where the tokens of partners lie: by the hash of each, so that none can be read off the disk or used from a stolen copy. What lives for a
 * minute (a question on the page, the code that answers it) is kept in memory alone.
 */
import { createHash } from 'node:crypto';
import type { Household } from './household.ts';

export type TokenKind = 'AccessToken' | 'AuthorizationCode' | 'RefreshToken' | 'Grant' | 'Interaction';
export type TokenPayload = Readonly<Record<string, unknown>>;

export interface Tokens {
  put(kind: TokenKind, id: string, payload: TokenPayload, expiresMs: number, nowMs: number): void;
  find(kind: TokenKind, id: string, nowMs: number): TokenPayload | undefined;
  /** Notes that a token was used up; whoever shows it again has stolen it or was stolen from. */
  consume(kind: TokenKind, id: string, nowMs: number): void;
  drop(kind: TokenKind, id: string): void;
  /** Every token of a grant is dead from here on. */
  dropGrant(grant: string): void;
  count(): number;
}

/** Questions and codes that wait at a time; each is gone within minutes. */
const MOST_WAITING = 200;
const inMemory: readonly TokenKind[] = ['Interaction', 'AuthorizationCode'];

interface Row {
  payload: string;
  expires: number;
  consumed: number | null;
}
interface Waiting {
  payload: TokenPayload;
  readonly expiresMs: number;
}

const keyOf = (kind: TokenKind, id: string): string => createHash('sha256').update(`${kind}:${id}`).digest('base64url');

export function openTokens(household: Household): Tokens {
  const waiting = new Map<string, Waiting>();
  const select = household.prepare<[string, number], Row>(
    'SELECT payload, expires, consumed FROM partner_token WHERE hash = ? AND expires > ?',
  );
  return {
    put(kind, id, payload, expiresMs, nowMs) {
      for (const [old, one] of waiting) if (one.expiresMs <= nowMs) waiting.delete(old);
      const key = keyOf(kind, id);
      if (inMemory.includes(kind)) {
        if (!waiting.has(key) && waiting.size >= MOST_WAITING) waiting.delete(waiting.keys().next().value!);
        waiting.set(key, { payload, expiresMs });
        return;
      }
      // The token itself is what the hash is of: it is put back when it is asked for by its name.
      const { jti, ...rest } = payload;
      const grant = kind === 'Grant' ? id : typeof rest.grantId === 'string' ? rest.grantId : '';
      household.prepare('DELETE FROM partner_token WHERE expires <= ?').run(Math.round(nowMs));
      household
        .prepare(
          `INSERT INTO partner_token (hash, kind, grant_key, payload, expires) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (hash) DO UPDATE SET payload = excluded.payload, expires = excluded.expires`,
        )
        .run(key, kind, keyOf('Grant', grant), JSON.stringify(rest), Math.round(expiresMs));
    },
    find(kind, id, nowMs) {
      const key = keyOf(kind, id);
      if (inMemory.includes(kind)) {
        const one = waiting.get(key);
        return one !== undefined && one.expiresMs > nowMs ? one.payload : undefined;
      }
      const row = select.get(key, Math.round(nowMs));
      if (row === undefined) return undefined;
      const consumed = row.consumed === null ? {} : { consumed: Math.floor(row.consumed / 1000) };
      return { ...(JSON.parse(row.payload) as TokenPayload), jti: id, ...consumed };
    },
    consume(kind, id, nowMs) {
      const key = keyOf(kind, id);
      const one = waiting.get(key);
      if (one !== undefined) one.payload = { ...one.payload, consumed: Math.floor(nowMs / 1000) };
      else household.prepare('UPDATE partner_token SET consumed = ? WHERE hash = ?').run(Math.round(nowMs), key);
    },
    drop(kind, id) {
      const key = keyOf(kind, id);
      waiting.delete(key);
      household.prepare('DELETE FROM partner_token WHERE hash = ?').run(key);
    },
    dropGrant(grant) {
      for (const [key, { payload }] of waiting) if (payload.grantId === grant) waiting.delete(key);
      household.prepare('DELETE FROM partner_token WHERE grant_key = ?').run(keyOf('Grant', grant));
    },
    count: () => household.prepare<[], { count: number }>('SELECT count(*) AS count FROM partner_token').get()!.count,
  };
}
