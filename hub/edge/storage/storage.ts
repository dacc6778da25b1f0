/**
 * Where an edge keeps what hubs ship: SQLite inside a hub, PostgreSQL for many. Both keep the same contract, and the same tests
 * run on both (test/hub/edge/storage.test.ts).
 *
 * A vault here holds one row for each position. A removal empties its row but leaves the position taken, so that a batch that
 * comes again later cannot bring the value back; an erasure empties the vault and leaves its name taken.
 */
import type { TimeQuality } from '../../../firmware/protocol/time.ts';
import type { Batch } from '../entry.ts';

export type Taken =
  /** On disk. `upTo` is the position up to which the edge has everything; `added` counts rows that are new. */
  | { readonly kind: 'taken'; readonly upTo: number; readonly added: number }
  /** The batch starts beyond what the edge has: nothing was kept, go on from `upTo`. */
  | { readonly kind: 'ahead'; readonly upTo: number }
  /** The vault was erased here: nothing of it is taken any more. */
  | { readonly kind: 'erased' };

export interface VaultSummary {
  readonly vault: string;
  readonly upTo: number;
  readonly rows: number;
  readonly erased: boolean;
}

/** A measurement as it now stands: amended and re-dated as the hub said. */
export interface EdgeRow {
  readonly seq: number;
  readonly device: string;
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  readonly value: number | null;
  readonly endUtcMs: number;
  readonly spanMs: number;
  readonly timeQuality: TimeQuality;
}

export interface Note {
  readonly seq: number;
  readonly name: string;
  readonly body: string;
}

/** A hub that enrolled here, or whose data is here. */
export interface KnownHub {
  readonly hub: string;
  readonly enrolledMs: number | null;
  /** Certificates that were given out until then are not taken any more. */
  readonly revokedMs: number | null;
  readonly vaults: number;
}

export interface EdgeStorage extends AsyncDisposable {
  /** Keeps a batch, all or nothing; durable when it resolves. The same batch again changes nothing. */
  take(batch: Batch): Promise<Taken>;
  vaults(hub: string): Promise<VaultSummary[]>;
  rows(hub: string, vault: string, after: number, limit: number): Promise<EdgeRow[]>;
  notes(hub: string, vault: string, after: number, limit: number): Promise<Note[]>;
  /** Everything of the vault is gone from the disk when it resolves. Gives how many rows went. */
  erase(hub: string, vault: string): Promise<number>;
  /** A code of one use, by its hash, for a hub of this name. */
  addCode(hash: string, hub: string, endsUtcMs: number): Promise<void>;
  /** The hub's name, once; undefined when there is no such code, it was used, or its time is over. */
  redeemCode(hash: string, nowUtcMs: number): Promise<string | undefined>;
  hubs(): Promise<KnownHub[]>;
  revoke(hub: string, nowUtcMs: number): Promise<void>;
  /** UTC milliseconds; undefined for a hub that never was. */
  revokedAt(hub: string): Promise<number | undefined>;
  /** Rejects when the storage cannot be reached. */
  check(): Promise<void>;
}

/** Why the storage does not answer: a hub tries again later. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
