/**
 * The newest measurements: one table without any index, so that a commit dirties one page, and the same rows in memory, where they
 * are found by position and by identity. Older ones are folded into blocks.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import type { Row } from './row.ts';

interface TableRow extends Omit<Row, 'value'> {
  readonly value: number | null;
}

/** Rows that one statement inserts: calling SQLite costs more than what it does for a row. */
const ROWS_AT_ONCE = 25;
const PLACES = `(${Array.from({ length: 14 }, () => '?').join(', ')})`;

export interface Recent {
  readonly rows: readonly Row[];
  /** Found at once; in the table after `save`. */
  add(row: Row): void;
  /** Writes what was added to the table. Each transaction ends with it. */
  save(): void;
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
  const insert = database.prepare(`INSERT INTO recent VALUES ${PLACES}`);
  const insertMany = database.prepare(`INSERT INTO recent VALUES ${Array.from({ length: ROWS_AT_ONCE }, () => PLACES).join(', ')}`);
  const select = database.prepare<[], TableRow>(
    `SELECT seq, at AS atMs, device, boot, sequence, code, value, end_utc AS endMs, span AS spanMs, quality, hub_boot AS hubBoot,
       zone AS zoneMin, device_lead AS deviceLeadMs, doubt FROM recent ORDER BY seq`,
  );
  const update = database.prepare('UPDATE recent SET value = ? WHERE seq = ?');
  const removeOne = database.prepare('DELETE FROM recent WHERE seq = ?');
  const removeUpTo = database.prepare('DELETE FROM recent WHERE seq <= ?');
  const move = database.prepare('UPDATE recent SET end_utc = end_utc + ?, quality = ? WHERE hub_boot = ? AND quality = ?');
  let rows: Row[] = [];
  let unsaved: Row[] = [];
  /** By device and boot, in order of their sequence: devices count upwards, so what is new mostly goes to the end. */
  let boots = new Map<number, Map<number, Row[]>>();

  const bootOf = (device: number, boot: number): Row[] => {
    let ofDevice = boots.get(device);
    if (ofDevice === undefined) {
      ofDevice = new Map();
      boots.set(device, ofDevice);
    }
    let ofBoot = ofDevice.get(boot);
    if (ofBoot === undefined) {
      ofBoot = [];
      ofDevice.set(boot, ofBoot);
    }
    return ofBoot;
  };
  const remember = (row: Row): void => {
    rows.push(row);
    const ofBoot = bootOf(row.device, row.boot);
    const last = ofBoot.at(-1);
    if (last === undefined || last.sequence <= row.sequence) ofBoot.push(row);
    else ofBoot.splice(firstAtLeast(ofBoot, row.sequence, 'sequence'), 0, row);
  };
  const save = (): void => {
    if (unsaved.length === 0) return;
    const all = unsaved;
    unsaved = [];
    let next = 0;
    for (; all.length - next >= ROWS_AT_ONCE; next += ROWS_AT_ONCE) {
      const values: (number | null)[] = [];
      for (let index = next; index < next + ROWS_AT_ONCE; index++) place(values, all[index]!);
      insertMany.run(values);
    }
    for (; next < all.length; next++) {
      const values: (number | null)[] = [];
      place(values, all[next]!);
      insert.run(values);
    }
  };
  const placeOf = (seq: number): number => firstAtLeast(rows, seq, 'seq');
  const reload = (): void => {
    rows = [];
    unsaved = [];
    boots = new Map();
    for (const row of select.all()) remember({ ...row, value: row.value ?? Number.NaN });
  };
  reload();

  return {
    get rows() {
      return rows;
    },
    add(row) {
      unsaved.push(row);
      remember(row);
    },
    save,
    at(seq) {
      const row = rows[placeOf(seq)];
      return row?.seq === seq ? row : undefined;
    },
    twin(device, boot, sequence) {
      const ofBoot = boots.get(device)?.get(boot);
      const last = ofBoot?.at(-1);
      if (ofBoot === undefined || last === undefined || sequence > last.sequence) return undefined;
      const row = ofBoot[firstAtLeast(ofBoot, sequence, 'sequence')];
      return row?.sequence === sequence ? row : undefined;
    },
    setValue(row, value) {
      save();
      update.run(Number.isNaN(value) ? null : value, row.seq);
      row.value = value;
    },
    remove(seq) {
      save();
      removeOne.run(seq);
      const [row] = rows.splice(placeOf(seq), 1);
      if (row === undefined) return;
      const ofBoot = bootOf(row.device, row.boot);
      ofBoot.splice(ofBoot.indexOf(row), 1);
    },
    redate(hubBoot, from, to, shiftMs) {
      save();
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
      save();
      removeUpTo.run(seq);
      const kept = rows.slice(placeOf(seq + 1));
      rows = [];
      boots = new Map();
      for (const row of kept) remember(row);
    },
    reload,
  };
}

/** Place of the first row whose number is that or more, in rows that are in its order. */
function firstAtLeast(rows: readonly Row[], number: number, by: 'seq' | 'sequence'): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]![by] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a row's columns at the end of what a statement is given. */
function place(values: (number | null)[], row: Row): void {
  values.push(
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
}
