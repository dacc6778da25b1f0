/** Everything that is read from a vault: from recent rows, blocks, summaries and entries as if they were one log. */
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { Vault } from './contract.ts';
import type { StoredMeasurement } from './log-entry.ts';
import { entryOfRow, measurementOf, type Row } from './row.ts';
import { seriesOf } from './series.ts';
import type { VaultParts } from './vault-parts.ts';

type Reading = Pick<
  Vault,
  | 'log'
  | 'head'
  | 'latest'
  | 'lasts'
  | 'unknown'
  | 'series'
  | 'range'
  | 'count'
  | 'entries'
  | 'ofKind'
  | 'history'
  | 'provenance'
  | 'provenances'
  | 'segments'
  | 'at'
  | 'computedFrom'
  | 'gaps'
  | 'lastRemovalMs'
>;

export function vaultReading(parts: VaultParts): Reading {
  const { subject, summaries, blocks, recent, entries, devices, newest } = parts;
  const shown = (row: Row): StoredMeasurement | undefined => measurementOf(row, devices.idOf(row.device), subject);
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

  return {
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
    head: () => parts.head,
    latest: () => newest.all().flatMap((row) => shown(row) ?? []),
    unknown: () =>
      newest
        .all()
        .filter((row) => shown(row) === undefined)
        .map(({ device, code, value, endMs }) => ({ device: devices.idOf(device), code, value, endMs })),
    lasts: () =>
      [...Map.groupBy(newest.all(), ({ device }) => device)].map(([device, rows]) => {
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
    gaps: entries.gaps,
    lastRemovalMs: () => entries.lastRemovalMs,
  };
}
