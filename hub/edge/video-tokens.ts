/**
 * Tokens of video sessions at the edge. Each opens one session of one camera, within a minute, and then belongs to that session alone.
 * They are made and checked by the edge's own clock, so that a hub whose clock is wrong streams all the same.
 */
import { createHash, randomBytes } from 'node:crypto';

/** From the asking to the offer: seconds in practice. */
export const OPEN_WITHIN_MS = 60_000;
/** Tokens that wait to be used; more is a fault of who asks. */
const MOST_WAITING = 100;

export interface Grant {
  readonly camera: string;
  readonly task: 'publish' | 'watch';
  /** Who watches, in the hub's words: shown in its list of viewers. Empty for a publisher. */
  readonly viewer: string;
}

export interface VideoTokens {
  /** Undefined when too many wait already. */
  make(grant: Grant): { readonly token: string; readonly endsUtcMs: number } | undefined;
  /** Whether it could be redeemed for that now; it is not. */
  isWaiting(token: string, camera: string, task: Grant['task']): boolean;
  /** Uses a token up: its grant, or why there is none. */
  redeem(token: string, camera: string, task: Grant['task']): Grant | 'unknown' | 'expired' | 'other';
}

export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** @param now the edge's clock, UTC milliseconds */
export function createVideoTokens(now: () => number): VideoTokens {
  const waiting = new Map<string, Grant & { endsUtcMs: number }>();
  return {
    make(grant) {
      for (const [hash, { endsUtcMs }] of waiting) if (endsUtcMs + OPEN_WITHIN_MS < now()) waiting.delete(hash);
      if (waiting.size >= MOST_WAITING) return undefined;
      const token = randomBytes(24).toString('base64url');
      const endsUtcMs = now() + OPEN_WITHIN_MS;
      waiting.set(hashOfToken(token), { ...grant, endsUtcMs });
      return { token, endsUtcMs };
    },
    isWaiting(token, camera, task) {
      const grant = waiting.get(hashOfToken(token));
      return grant?.camera === camera && grant.task === task && grant.endsUtcMs >= now();
    },
    redeem(token, camera, task) {
      const hash = hashOfToken(token);
      const grant = waiting.get(hash);
      if (grant === undefined) return 'unknown';
      if (grant.camera !== camera || grant.task !== task) return 'other';
      waiting.delete(hash);
      return grant.endsUtcMs < now() ? 'expired' : grant;
    },
  };
}
