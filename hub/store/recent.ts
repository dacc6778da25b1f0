/**
 * The newest measurements: one table without any index, so that a commit dirties one page, and the same rows in memory, where they
 * are found by position and by identity. Older ones are folded into blocks.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import type { Row } from './row.ts';

interface TableRow extends Omit<Row, 'value'> {
  readonly value: number | null;
}

export interface Recent {
  readonly rows: readonly Row[];
  add(row: Row): void;
  at(seq: number): Row | undefined;
  twin(device: number, boot: number, sequence: number): Row | undefined;
  setValue(row: Row, value: number): void;
  remove(seq: number): void;
  /** Moves rows of a start of the hub in time. Returns their positions. */
  redate(hubBoot: number, from: number, to: number, shiftMs: number): number[];
  /** Forgets rows up to a position: they lie in a block now. */
  dropUpTo(seq: number): void;
  /** Reads memory anew from the table, after a transaction that failed. */
  reload(): void;
}

export function createRecent(database: Database.Database): Recent {
  const insert = database.prepare('INSERT INTO recent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const select = database.prepare<[], TableRow>(
    `SELECT seq, at AS atMs, device, boot, sequence, code, value, end_utc AS endMs, span AS spanMs, quality, hub_boot AS hubBoot,
       zone AS zoneMin, device_lead AS deviceLeadMs, doubt FROM recent ORDER BY seq`,
  );
  const update = database.prepare('UPDATE recent SET value = ? WHERE seq = ?');
  const removeOne = database.prepare('DELETE FROM recent WHERE seq = ?');
  const removeUpTo = database.prepare('DELETE FROM recent WHERE seq <= ?');
  const move = database.prepare('UPDATE recent SET end_utc = end_utc + ?, quality = ? WHERE hub_boot = ? AND quality = ?');
  let rows: Row[] = [];
  let boots = new Map<number, Map<number, Map<number, Row>>>();

  const remember = (row: Row): void => {
    rows.push(row);
    const ofDevice = boots.get(row.device) ?? new Map<number, Map<number, Row>>();
    boots.set(row.device, ofDevice);
    const ofBoot = ofDevice.get(row.boot) ?? new Map<number, Row>();
    ofDevice.set(row.boot, ofBoot);
    ofBoot.set(row.sequence, row);
  };
  const placeOf = (seq: number): number => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const reload = (): void => {
    rows = [];
    boots = new Map();
    for (const row of select.all()) remember({ ...row, value: row.value ?? Number.NaN });
  };
  reload();

  return {
    get rows() {
      return rows;
    },
    add(row) {
      insert.run(
        row.seq,
        row.atMs,
        row.device,
        row.boot,
        row.sequence,
        row.code,
        Number.isNaN(row.value) ? null : row.value,
        row.endMs,
        row.spanMs,
        row.quality,
        row.hubBoot,
        row.zoneMin,
        row.deviceLeadMs,
        row.doubt,
      );
      remember(row);
    },
    at(seq) {
      const row = rows[placeOf(seq)];
      return row?.seq === seq ? row : undefined;
    },
    twin: (device, boot, sequence) => boots.get(device)?.get(boot)?.get(sequence),
    setValue(row, value) {
      update.run(Number.isNaN(value) ? null : value, row.seq);
      row.value = value;
    },
    remove(seq) {
      removeOne.run(seq);
      const [row] = rows.splice(placeOf(seq), 1);
      if (row !== undefined) boots.get(row.device)?.get(row.boot)?.delete(row.sequence);
    },
    redate(hubBoot, from, to, shiftMs) {
      move.run(shiftMs, to, hubBoot, from);
      const moved: number[] = [];
      for (const row of rows) {
        if (row.hubBoot !== hubBoot || row.quality !== from) continue;
        row.endMs += shiftMs;
        row.quality = to;
        moved.push(row.seq);
      }
      return moved;
    },
    dropUpTo(seq) {
      removeUpTo.run(seq);
      const kept = rows.slice(placeOf(seq + 1));
      rows = [];
      boots = new Map();
      for (const row of kept) remember(row);
    },
    reload,
  };
}
