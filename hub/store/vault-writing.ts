/** Everything that changes a vault, each within a transaction of the caller's: all of it is kept, or nothing. */
import type { NewMeasurement, TakenBack } from './contract.ts';
import type { LogEntry, NewEntry, StoredMeasurement } from './log-entry.ts';
import { doubts, identityIn, identityOf, measurementOf, qualityNumber, type Row, rowOfEntry, UNSET, UNSET_ARRIVAL } from './row.ts';
import type { VaultParts } from './vault-parts.ts';

export interface Writing {
  /** The row as it was kept; undefined for one that is known by its identity, or was removed. */
  write(row: NewMeasurement, atMs: number): StoredMeasurement | undefined;
  put(entry: NewEntry, by: string): LogEntry;
  amend(seq: number, value: number, by: string): LogEntry;
  remove(seqs: readonly number[], by: string): LogEntry[];
  redate(hubBoot: number, shiftMs: number, by: string): LogEntry | undefined;
  takeBack(taken: readonly TakenBack[]): void;
}

export function vaultWriting(log: VaultParts, now: () => number): Writing {
  const { subject, blocks, recent, entries, devices, newest } = log;
  const rowAt = (seq: number): { row: Row; isRecent: boolean } => {
    const near = recent.at(seq);
    if (near !== undefined) return { row: near, isRecent: true };
    const row = blocks.at(seq);
    if (row === undefined) throw new RangeError(`there is no measurement at position ${seq} of ${subject}`);
    return { row, isRecent: false };
  };
  const idOf = ({ device, boot, sequence }: Row): string => identityOf(devices.idOf(device), boot, sequence);
  const put = (entry: NewEntry, by: string): LogEntry => entries.put(++log.head, now(), by, entry);
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

  const write = (row: NewMeasurement, atMs: number): StoredMeasurement | undefined => {
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
      seq: ++log.head,
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
    newest.note(kept);
    return measurementOf(kept, row.device, subject);
  };

  const strike = (seqs: readonly number[]): Row[] => {
    const found = [...new Set(seqs)].map(rowAt);
    for (const { row } of found) entries.strike(row);
    for (const { row, isRecent } of found) if (isRecent) recent.remove(row.seq);
    blocks.drop(found.flatMap(({ row, isRecent }) => (isRecent ? [] : [row.seq])));
    return found.map(({ row }) => row);
  };

  return {
    write,
    put,
    amend(seq, value, by) {
      const { row, isRecent } = rowAt(seq);
      const next = Number.isFinite(value) ? value : Number.NaN;
      const was = nullable(row.value);
      if (isRecent) recent.setValue(row, next);
      else blocks.rewrite(row, next);
      newest.forget();
      return put({ kind: 'amended', of: seq, id: idOf(row), value: nullable(next), was }, by);
    },
    remove(seqs, by) {
      const removed = strike(seqs).map((row) => put({ kind: 'removed', of: row.seq, id: idOf(row) }, by));
      newest.forget();
      return removed;
    },
    redate(hubBoot, shiftMs, by) {
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
      newest.forget();
      return put({ kind: 'redated', fromSeq, toSeq, shiftMs: shift, hubBoot }, by);
    },
    takeBack(taken) {
      for (const { entry, provenance } of taken) {
        if (entry.seq <= log.head) throw new RangeError(`position ${entry.seq} of ${subject} is taken: it has ${log.head} entries`);
        log.head = entry.seq;
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
      newest.forget();
    },
  };
}
