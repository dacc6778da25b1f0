/**
 * Ships each vault's log to the edge, in order, from where the edge says it stands. The edge knows rows by (hub, vault, seq), so a
 * batch sent twice is kept once.
 */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Store } from '../store/store.ts';
import { measurementJson } from '../web/schemas.ts';

const BATCH_ROWS = 500;
const FIRST_RETRY_MS = 500;
/** An edge that was away for a week is found again within half a minute. */
const LONGEST_RETRY_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;
/** Looked at anyway, should a wake-up have been missed. */
const IDLE_MS = 30_000;

export interface EdgeSyncOptions {
  readonly store: Store;
  readonly hub: string;
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Uniform in [0, 1): spreads the retries of many hubs. */
  readonly random: () => number;
}

export interface EdgeSync {
  /** There may be new rows. */
  wake(): void;
  state(): { readonly lag: number; readonly lastError: string };
  readonly done: Promise<void>;
}

export function startEdgeSync({ store, hub, url, token, clock, signal, random }: EdgeSyncOptions): EdgeSync {
  /** Position up to which the edge has each vault; asked of the edge itself, which is the one that knows. */
  let cursors: Map<string, number> | undefined;
  let lastError = '';
  let woken = new AbortController();

  const call = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/v1/hubs/${hub}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    if (!response.ok) throw new Error(`the edge answered ${response.status}`);
    return response.json();
  };

  const shipOnce = async (): Promise<void> => {
    cursors ??= new Map(((await call('vaults')) as { vault: string; upTo: number }[]).map(({ vault, upTo }) => [vault, upTo]));
    for (const subject of store.subjects()) {
      for (;;) {
        const rows = store.vault(subject).log(cursors.get(subject) ?? 0, BATCH_ROWS);
        if (rows.length === 0) break;
        await call(`vaults/${subject}/log`, { rows: rows.map(measurementJson) });
        cursors.set(subject, rows.at(-1)!.seq);
      }
    }
  };

  const run = async (): Promise<void> => {
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      let waitMs = IDLE_MS;
      try {
        woken = new AbortController();
        await shipOnce();
        lastError = '';
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (signal.aborted) return;
        lastError = error instanceof Error ? error.message : String(error);
        cursors = undefined;
        woken = new AbortController();
        waitMs = retryMs * (0.5 + random());
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
      // While the edge is away, new rows do not hurry the next try.
      const early = lastError === '' ? [signal, woken.signal] : [signal];
      await clock.sleep(waitMs, AbortSignal.any(early)).catch(() => undefined);
    }
  };

  return {
    wake: () => woken.abort(),
    state: () => ({
      lag: store.subjects().reduce((sum, subject) => sum + Math.max(0, store.vault(subject).head() - (cursors?.get(subject) ?? 0)), 0),
      lastError,
    }),
    done: run(),
  };
}
