/**
 * One subject's vault: an encrypted SQLite file with its log.
 *
 * A commit resolves once its rows are on disk (`synchronous=FULL`). New rows lie in a table; when there are enough, the older half is
 * folded into packed blocks. Everything read sees both.
 */
import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import type { QuantityId } from '../../firmware/protocol/quantities.ts';
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { TimeQuality } from '../../firmware/protocol/time.ts';
import { createBlocks } from './blocks.ts';
import { createCommitQueue } from './commit-queue.ts';
import { openDatabase, WAL_PAGES } from './database.ts';
import { createDeviceNumbers } from './device-numbers.ts';
import { createEntries, type Gap } from './entries.ts';
import type { EntryKind, HistoricValue, LogEntry, NewEntry, Provenance, StoredMeasurement } from './log-entry.ts';
import { createRecent } from './recent.ts';
import {
  doubts,
  entryOfRow,
  identityIn,
  identityOf,
  measurementOf,
  qualityNumber,
  type Row,
  rowOfEntry,
  type TimeDoubt,
  UNSET,
  UNSET_ARRIVAL,
} from './row.ts';
import { migrate } from './schema.ts';
import { type SeriesPoint, type SeriesQuery, seriesOf } from './series.ts';
import { StoreError, storeErrorOf } from './store-error.ts';
import { createSummaries } from './summaries.ts';

export type { Gap } from './entries.ts';
export type { StoredMeasurement } from './log-entry.ts';

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
  /** Called with an open vault of an older form before it is changed, to keep a copy. */
  readonly beforeMigration?: (file: string, form: number) => void;
}

/** An entry of an exported log, and what a derived value in it was computed from. */
export interface TakenBack {
  readonly entry: LogEntry;
  readonly provenance?: Provenance | undefined;
}

/** Rows that one fold packs: enough that deflate has something to work on, few enough that it takes some 20 ms. */
export const FOLD_ROWS = 8192;

/** What a vault consists of, read from its file. Closes it and throws StoreError when that fails. */
function partsOf(database: ReturnType<typeof openDatabase>, file: string, beforeMigration: (file: string, form: number) => void) {
  try {
    migrate(database, file, beforeMigration);
    const summaries = createSummaries(database);
    return {
      summaries,
      blocks: createBlocks(database, summaries),
      recent: createRecent(database),
      entries: createEntries(database),
      devices: createDeviceNumbers(database),
    };
  } catch (error) {
    database.close();
    throw storeErrorOf(error, file);
  }
}

/** Opens or makes the vault's file. Throws StoreError when it is damaged, newer than this hub, or its key is not its own. */
export function openVault(file: string, subject: string, key: string, options: VaultOptions = {}): Vault {
  const { now = Date.now, groupMs = 0, trickleMs = 0, beforeMigration = () => undefined } = options;
  const database = openDatabase(file, key);
  const { summaries, blocks, recent, entries, devices } = partsOf(database, file, beforeMigration);
  /** The newest row of each stream, as far as it was asked for. */
  const newest = new Map<string, Row>();
  let head = Math.max(entries.head, blocks.head, recent.rows.at(-1)?.seq ?? 0);
  let hasAllNewest = false;

  const shown = (row: Row): StoredMeasurement | undefined => measurementOf(row, devices.idOf(row.device), subject);
  const rowAt = (seq: number): { row: Row; isRecent: boolean } => {
    const near = recent.at(seq);
    if (near !== undefined) return { row: near, isRecent: true };
    const row = blocks.at(seq);
    if (row === undefined) throw new RangeError(`there is no measurement at position ${seq} of ${subject}`);
    return { row, isRecent: false };
  };
  const idOf = ({ device, boot, sequence }: Row): string => identityOf(devices.idOf(device), boot, sequence);
  const put = (entry: NewEntry, by: string): LogEntry => entries.put(++head, now(), by, entry);
  const nullable = (value: number): number | null => (Number.isNaN(value) ? null : value);

  /** The same identity with another value is no repetition: the value is kept beside the first one, once. */
  const keepConflict = (twin: Row, value: number, endMs: number): void => {
    if (Object.is(twin.value, value)) return;
    const about = entries.about(twin.seq);
    const was = about.find((entry) => entry.kind === 'amended')?.was;
    const known = [was, ...about.flatMap((entry) => (entry.kind === 'conflict' ? [entry.value] : []))];
    if (known.includes(nullable(value))) return;
    put({ kind: 'conflict', of: twin.seq, id: idOf(twin), value: nullable(value), endMs }, `device:${devices.idOf(twin.device)}`);
  };

  const noteNewest = (row: Row): void => {
    const key = `${row.code}/${row.device}`;
    const known = newest.get(key);
    if (known === undefined || row.endMs >= known.endMs) newest.set(key, row);
  };

  const writeOne = (row: NewMeasurement, atMs: number): StoredMeasurement | undefined => {
    const device = devices.numberOf(row.device);
    if (entries.isRemoved(device, row.boot, row.sequence)) return undefined;
    const value = Number.isFinite(row.value) ? row.value : Number.NaN;
    const endMs = Math.round(row.endUtcMs);
    const twin = recent.twin(device, row.boot, row.sequence) ?? blocks.twin(device, row.boot, row.sequence);
    if (twin !== undefined) {
      keepConflict(twin, value, endMs);
      return undefined;
    }
    const { deviceEndUtcMs = null } = row;
    const kept: Row = {
      seq: ++head,
      atMs,
      device,
      boot: row.boot,
      sequence: row.sequence,
      code: row.code,
      value,
      endMs,
      spanMs: Math.round(row.spanMs),
      quality: qualityNumber(row.timeQuality, row.isUnset === true),
      hubBoot: row.hubBoot ?? 0,
      zoneMin: row.zoneMin ?? null,
      deviceLeadMs: deviceEndUtcMs === null ? null : Math.round(deviceEndUtcMs) - endMs,
      doubt: Math.max(0, doubts.indexOf(row.timeDoubt ?? 'none')),
    };
    recent.add(kept);
    if (row.provenance !== undefined) entries.addProvenance(kept.seq, row.provenance);
    noteNewest(kept);
    return shown(kept);
  };

  /** Runs what writes, all or nothing; memory is read anew when it was nothing. */
  const change = <Result>(work: () => Result): Result => {
    const before = head;
    try {
      return database.transaction(work)();
    } catch (error) {
      head = before;
      devices.forget();
      blocks.forget();
      newest.clear();
      hasAllNewest = false;
      recent.reload();
      throw storeErrorOf(error, file);
    }
  };

  const fold = (): void => {
    while (recent.rows.length >= 2 * FOLD_ROWS) {
      const oldest = recent.rows.slice(0, FOLD_ROWS);
      change(() => {
        blocks.fold(oldest);
        recent.dropUpTo(oldest.at(-1)!.seq);
      });
    }
  };

  const queue = createCommitQueue<NewMeasurement, StoredMeasurement>({
    write: (parts) =>
      change(() => {
        const atMs = now();
        return parts.map((rows) => rows.flatMap((row) => writeOne(row, atMs) ?? []));
      }),
    afterFlush() {
      try {
        fold();
      } catch (error) {
        // The rows are safe where they are; on a disk with room the next flush folds them.
        if (!(error instanceof StoreError && error.kind === 'full')) throw error;
      }
    },
    windowMs: groupMs,
    trickleMs,
    now: () => performance.now(),
  });

  const needOpen = (): void => {
    if (!database.open) throw new StoreError('closed', 'the store is closed: the hub is stopping');
  };
  /** What waits goes first, so that the order in the log is that of the calls. */
  const inOrder = async <Result>(work: () => Result): Promise<Result> => {
    needOpen();
    queue.flush();
    return change(work);
  };

  const allNewest = (): Row[] => {
    if (!hasAllNewest) {
      for (const stream of blocks.streams()) {
        const row = blocks.newest(stream);
        if (row !== undefined) noteNewest(row);
      }
      for (const row of recent.rows) noteNewest(row);
      hasAllNewest = true;
    }
    return [...newest.values()];
  };

  const everything = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  const rowsAfter = (afterSeq: number, limit: number): Row[] => {
    const rows: Row[] = [];
    for (const page of blocks.pages(afterSeq, everything)) {
      rows.push(...page.slice(0, limit - rows.length));
      if (rows.length >= limit) return rows;
    }
    const first = recent.rows.findIndex(({ seq }) => seq > afterSeq);
    return first < 0 ? rows : rows.concat(recent.rows.slice(first, first + limit - rows.length));
  };

  const strike = (seqs: readonly number[]): Row[] => {
    const found = [...new Set(seqs)].map(rowAt);
    for (const { row } of found) entries.strike(row);
    for (const { row, isRecent } of found) if (isRecent) recent.remove(row.seq);
    blocks.drop(found.flatMap(({ row, isRecent }) => (isRecent ? [] : [row.seq])));
    return found.map(({ row }) => row);
  };

  return {
    subject,
    commit(rows) {
      if (!database.open) return Promise.reject(new StoreError('closed', 'the store is closed: the hub is stopping'));
      return queue.commit(rows);
    },
    flush: queue.flush,
    log(afterSeq, limit) {
      const found: StoredMeasurement[] = [];
      let after = afterSeq;
      while (found.length < limit) {
        const rows = rowsAfter(after, limit - found.length);
        if (rows.length === 0) break;
        for (const row of rows) found.push(...[shown(row) ?? []].flat());
        after = rows.at(-1)!.seq;
      }
      return found;
    },
    head: () => head,
    latest: () => allNewest().flatMap((row) => shown(row) ?? []),
    lasts: () =>
      [...Map.groupBy(allNewest(), ({ device }) => device)].map(([device, rows]) => {
        const last = rows.reduce((best, row) => (row.seq > best.seq ? row : best));
        return { device: devices.idOf(device), boot: last.boot, sequence: last.sequence, endMs: last.endMs, atMs: last.atMs };
      }),
    series: (query) => seriesOf({ recent, blocks, summaries, numberOf: devices.known }, query),
    *range({ quantity, device, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, afterSeq = 0, limit = Number.MAX_SAFE_INTEGER }) {
      const number = device === undefined ? undefined : devices.known(device);
      if (device !== undefined && number === undefined) return;
      const code = quantity === undefined ? undefined : quantities[quantity].code;
      const isWanted = (row: Row): boolean =>
        row.endMs >= fromMs &&
        row.endMs < toMs &&
        row.seq > afterSeq &&
        (code === undefined || row.code === code) &&
        (number === undefined || row.device === number);
      let left = limit;
      // A fold may move rows while a slow reader exports: what it was given is remembered by position.
      let reached = afterSeq;
      while (left > 0) {
        const page = blocks.pages(reached, { code, device: number, fromMs, toMs }).next();
        const rows: readonly Row[] = page.done === true ? recent.rows.filter(({ seq }) => seq > reached).slice(0, 1000) : page.value;
        if (rows.length === 0) return;
        reached = rows.at(-1)!.seq;
        for (const row of rows.filter(isWanted)) {
          const measurement = shown(row);
          if (measurement === undefined) continue;
          yield measurement;
          if (--left === 0) return;
        }
      }
    },
    count: () => blocks.count + recent.rows.length,
    entries(afterSeq, limit) {
      const measured = rowsAfter(afterSeq, limit).map((row) => entryOfRow(row, devices.idOf(row.device), subject));
      return [...measured, ...entries.after(afterSeq, limit)].sort((a, b) => a.seq - b.seq).slice(0, limit);
    },
    ofKind: entries.ofKind,
    record: (entry, by) => inOrder(() => put(entry, by)),
    amend: (seq, value, by) =>
      inOrder(() => {
        const { row, isRecent } = rowAt(seq);
        const next = Number.isFinite(value) ? value : Number.NaN;
        const was = nullable(row.value);
        if (isRecent) recent.setValue(row, next);
        else blocks.rewrite(row, next);
        newest.clear();
        hasAllNewest = false;
        return put({ kind: 'amended', of: seq, id: idOf(row), value: nullable(next), was }, by);
      }),
    async remove(seqs, by) {
      const removed = await inOrder(() => strike(seqs).map((row) => put({ kind: 'removed', of: row.seq, id: idOf(row) }, by)));
      newest.clear();
      hasAllNewest = false;
      // Old pages lie in the write-ahead log until it is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
      return removed;
    },
    secrets() {
      needOpen();
      const rows = database.prepare<[], { name: string; value: string }>('SELECT name, value FROM secret').all();
      return new Map(rows.map(({ name, value }) => [name, value]));
    },
    setSecret(name, value) {
      needOpen();
      change(() => {
        if (value === undefined) database.prepare('DELETE FROM secret WHERE name = ?').run(name);
        else database.prepare('INSERT INTO secret VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value);
      });
      if (value === undefined) database.pragma('wal_checkpoint(TRUNCATE)');
    },
    redate: (hubBoot, shiftMs, by) =>
      inOrder(() => {
        const shift = Math.round(shiftMs);
        let [fromSeq, toSeq] = [Number.POSITIVE_INFINITY, 0];
        for (const part of [recent, blocks])
          for (const [from, to] of [
            [UNSET, 0],
            [UNSET_ARRIVAL, 1],
          ] as const)
            for (const seq of part.redate(hubBoot, from, to, shift)) {
              fromSeq = Math.min(fromSeq, seq);
              toSeq = Math.max(toSeq, seq);
            }
        if (toSeq === 0) return undefined;
        newest.clear();
        hasAllNewest = false;
        return put({ kind: 'redated', fromSeq, toSeq, shiftMs: shift, hubBoot }, by);
      }),
    history(seq) {
      const row = recent.at(seq) ?? blocks.at(seq);
      if (row === undefined) return [];
      const changes = entries.about(seq).filter((entry) => entry.kind === 'amended');
      const number = (value: number | null): number => value ?? Number.NaN;
      const [first] = changes;
      const measured = { seq, atMs: row.atMs, by: `device:${devices.idOf(row.device)}`, value: first ? number(first.was) : row.value };
      return [measured, ...changes.map(({ seq, atMs, by, value }) => ({ seq, atMs, by, value: number(value) }))];
    },
    provenance: entries.provenance,
    provenances: entries.provenances,
    segments: entries.segments,
    at(seq) {
      const row = recent.at(seq) ?? blocks.at(seq);
      return row === undefined ? undefined : shown(row);
    },
    computedFrom: entries.computedFrom,
    async takeBack(taken) {
      await inOrder(() => {
        for (const { entry, provenance } of taken) {
          if (entry.seq <= head) throw new RangeError(`position ${entry.seq} of ${subject} is taken: it has ${head} entries`);
          head = entry.seq;
          if (entry.kind === 'measured' || entry.kind === 'uncoded') {
            const row = rowOfEntry(entry, devices.numberOf(entry.measurement.device));
            recent.add(row);
            if (provenance !== undefined) entries.addProvenance(row.seq, provenance);
          } else if (entry.kind !== 'unknown') {
            if (entry.kind === 'removed') {
              const { device, boot, sequence } = identityIn(entry.id);
              entries.noteRemoved(devices.numberOf(device), boot, sequence);
            }
            const { seq, atMs, by, ...own } = entry;
            entries.put(seq, atMs, by, own);
          } else entries.putUnknown(entry);
        }
      });
      newest.clear();
      hasAllNewest = false;
      fold();
    },
    gaps: entries.gaps,
    async backup(to) {
      needOpen();
      queue.flush();
      // All is in the file after this, and stays as it is there: commits go to the log beside it until it is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.pragma('wal_autocheckpoint = 0');
      try {
        await copyFile(file, to, constants.COPYFILE_FICLONE);
      } finally {
        if (database.open) database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
      }
    },
    lastRemovalMs: () => entries.lastRemovalMs,
    checkIntegrity() {
      const rows = database.pragma('integrity_check') as { integrity_check: string }[];
      return rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
    },
    close() {
      if (!database.open) return;
      queue.flush();
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}
