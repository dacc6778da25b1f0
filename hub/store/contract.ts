/** What a vault takes, gives and promises. vault.ts is what keeps the promise. */
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import type { TimeQuality } from '../../firmware/protocol/time.ts';
import type { Gap } from './entries.ts';
import type { EntryKind, HistoricValue, LogEntry, NewEntry, Provenance, StoredMeasurement } from './log-entry.ts';
import type { TimeDoubt } from './row.ts';
import type { SeriesPoint, SeriesQuery } from './series.ts';

/** A measurement to be kept. A code that this hub does not know yet is kept all the same. */
export interface NewMeasurement {
  readonly device: string;
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  readonly value: number;
  readonly endUtcMs: number;
  readonly spanMs: number;
  readonly timeQuality: TimeQuality;
  /** Of a derived value: what it was computed from. */
  readonly provenance?: Provenance | undefined;
  /** The start of the hub that dated it; with `isUnset` it is dated again once that start's time is known. */
  readonly hubBoot?: number | undefined;
  /** The hub did not know the time yet. */
  readonly isUnset?: boolean | undefined;
  readonly zoneMin?: number | null | undefined;
  /** The end by the device's own clock. */
  readonly deviceEndUtcMs?: number | null | undefined;
  readonly timeDoubt?: TimeDoubt | undefined;
}

export interface RangeQuery {
  readonly quantity?: QuantityId | undefined;
  readonly device?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly afterSeq?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Vault {
  readonly subject: string;
  /** Resolves with the rows that are new, once they are on disk; rows known by (device, boot, sequence) are left as they are. Rejects with StoreError. */
  commit(rows: readonly NewMeasurement[]): Promise<StoredMeasurement[]>;
  /** Writes what waits for others to share its flush, now. */
  flush(): void;
  /** Measurements after a position, in order. */
  log(afterSeq: number, limit: number): StoredMeasurement[];
  /** Position of the newest entry; 0 when empty. */
  head(): number;
  /** Newest row of each quantity of each device. */
  latest(): StoredMeasurement[];
  /** Newest row of each stream of a quantity that this hub does not know: kept as it came, and decoded after an update. */
  unknown(): { readonly device: string; readonly code: number; readonly value: number; readonly endMs: number }[];
  series(query: SeriesQuery): SeriesPoint[];
  range(query: RangeQuery): IterableIterator<StoredMeasurement>;
  /** Measurements kept. */
  count(): number;
  /** Everything after a position, measurements and all else, in order. A removed measurement is not there any more; an amended or re-dated one has its newest value and time. */
  entries(afterSeq: number, limit: number): LogEntry[];
  /** Entries of one kind, oldest first. */
  ofKind(kind: EntryKind): LogEntry[];
  /** Keeps an entry that is no measurement: a gap, a calibration, a segment. */
  record(entry: NewEntry, by: string): Promise<LogEntry>;
  /** Gives a measurement a new value. Rejects with RangeError when there is none at that position. */
  amend(seq: number, value: number, by: string): Promise<LogEntry>;
  /** Removes measurements so that nothing of their values is left in the vault. Rejects with RangeError when one is not there. */
  remove(seqs: readonly number[], by: string): Promise<LogEntry[]>;
  /** The time of a start of the hub became known: its measurements are `shiftMs` later than they said. Resolves with the entry that says so, or undefined when there were none. */
  redate(hubBoot: number, shiftMs: number, by: string): Promise<LogEntry | undefined>;
  /** The values that a measurement had, oldest first; empty when it is not there. */
  history(seq: number): HistoricValue[];
  /** What a derived value was computed from; undefined for what was measured. */
  provenance(seq: number): Provenance | undefined;
  /** The measurement at a position; undefined when there is none, or of a quantity that this hub does not know. */
  at(seq: number): StoredMeasurement | undefined;
  /** Positions of the values that were computed from a measurement, by its id (`device/boot/sequence`). */
  computedFrom(id: string): number[];
  /** Files of raw samples, in order. */
  segments(): { readonly seq: number; readonly file: string }[];
  /** Of the derived values at positions in [fromSeq, toSeq]. */
  provenances(fromSeq: number, toSeq: number): ReadonlyMap<number, Provenance>;
  /**
   * Takes back entries of an exported log as they were, positions and times included; ascending, each after the newest that is here.
   * Rejects with RangeError when one is not, and then keeps none of them.
   */
  takeBack(entries: readonly TakenBack[]): Promise<void>;
  /** Spans without measurements that overlap [fromMs, toMs), by their start. */
  gaps(query: { readonly device?: string | undefined; readonly fromMs: number; readonly toMs: number }): Gap[];
  /** The last measurement of each device, whatever it measured. */
  lasts(): { readonly device: string; readonly boot: number; readonly sequence: number; readonly endMs: number; readonly atMs: number }[];
  /** Copies the vault to a file, as encrypted as it is, while commits go on. */
  backup(file: string): Promise<void>;
  /** Keys of the subject's devices and the like, by name: no part of the log, so never synced, shared or exported. */
  secrets(): ReadonlyMap<string, string>;
  /** Keeps a secret under its name; undefined forgets it, so that nothing of it is left in the file. Throws StoreError. */
  setSecret(name: string, value: string | undefined): void;
  /** When a measurement was last removed, UTC milliseconds; 0 when none was. */
  lastRemovalMs(): number;
  /** What is wrong with the file; empty when nothing is. Reads all of it. */
  checkIntegrity(): string[];
  close(): void;
}

export interface VaultOptions {
  /** UTC milliseconds. */
  readonly now?: () => number;
  /** How long a commit may wait for others that follow close upon one before. */
  readonly groupMs?: number;
  /** How long a commit of a steady trickle may wait for others; none by itself. */
  readonly trickleMs?: number;
  /** Monotonic milliseconds by which commits wait for company; this process's own unless told. */
  readonly monotonic?: () => number;
  /** Does the work after so many of them, unless what it returns is called before. */
  readonly later?: (work: () => void, ms: number) => () => void;
  /** Called with an open vault of an older form before it is changed, to keep a copy. */
  readonly beforeMigration?: (file: string, form: number) => void;
}

/** An entry of an exported log, and what a derived value in it was computed from. */
export interface TakenBack {
  readonly entry: LogEntry;
  readonly provenance?: Provenance | undefined;
}
