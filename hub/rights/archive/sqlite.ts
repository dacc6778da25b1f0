/** Measurements as a plain SQLite file, which needs no key and no program of ours. */
import { createReadStream, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { Vault } from '../../store/vault.ts';

const schema = `
  CREATE TABLE quantity (id TEXT PRIMARY KEY, label TEXT NOT NULL, unit TEXT NOT NULL, category TEXT NOT NULL, loinc TEXT) STRICT;
  CREATE TABLE device (number INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;
  CREATE TABLE measured (
    seq INTEGER PRIMARY KEY, quantity INTEGER NOT NULL, value REAL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, device INTEGER NOT NULL,
    flag TEXT NOT NULL, time_quality TEXT NOT NULL
  ) STRICT;
  CREATE VIEW measurement AS SELECT seq, quantity.id AS quantity, label, value, unit, category, device.id AS device, flag, time_quality,
    strftime('%Y-%m-%dT%H:%M:%fZ', start_ms / 1000.0, 'unixepoch') AS start, strftime('%Y-%m-%dT%H:%M:%fZ', end_ms / 1000.0, 'unixepoch') AS end
    FROM measured JOIN quantity ON quantity.rowid = measured.quantity JOIN device ON device.number = measured.device;
`;

/** Builds the file at `draft`, streams it and removes it, also when the reader goes away. The same measurements give the same bytes. */
export async function* sqliteFile(vault: Vault, upTo: number, draft: string): AsyncGenerator<Buffer> {
  mkdirSync(dirname(draft), { recursive: true, mode: 0o700 });
  rmSync(draft, { force: true });
  try {
    await build(vault, upTo, draft);
    for await (const chunk of createReadStream(draft)) yield chunk as Buffer;
  } finally {
    rmSync(draft, { force: true });
  }
}

const COLUMNS = 8;
/** Each statement has its price, whatever it inserts. */
const ROWS_A_STATEMENT = 64;
/** Rows between two turns of the event loop: some milliseconds. */
const ROWS_A_TURN = 5000;

async function build(vault: Vault, upTo: number, draft: string): Promise<void> {
  const database = new Database(draft);
  try {
    database.pragma('journal_mode = OFF');
    database.pragma('synchronous = OFF');
    database.exec(`BEGIN; ${schema}`);
    const numbers = new Map<string, number>();
    for (const { id, label, unit, category, loinc } of Object.values(quantities))
      numbers.set(
        id,
        Number(
          database.prepare('INSERT INTO quantity VALUES (?, ?, ?, ?, ?)').run(id, label, unit, category, loinc ?? null).lastInsertRowid,
        ),
      );
    const devices = new Map<string, number>();
    const addDevice = database.prepare('INSERT INTO device (id) VALUES (?)');
    const columns = '(?, ?, ?, ?, ?, ?, ?, ?)';
    const add = database.prepare(`INSERT INTO measured VALUES ${columns}`);
    const addMany = database.prepare(`INSERT INTO measured VALUES ${Array.from({ length: ROWS_A_STATEMENT }, () => columns).join(', ')}`);
    let values: (number | string | null)[] = [];
    let count = 0;
    for (const { seq, quantity, value, start, end, device, flag, timeQuality } of vault.range({})) {
      if (seq > upTo) continue;
      let number = devices.get(device);
      if (number === undefined) {
        number = Number(addDevice.run(device).lastInsertRowid);
        devices.set(device, number);
      }
      values.push(seq, numbers.get(quantity)!, Number.isFinite(value) ? value : null, start, end, number, flag, timeQuality);
      if (values.length === COLUMNS * ROWS_A_STATEMENT) {
        addMany.run(values);
        values = [];
      }
      if (++count % ROWS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (let at = 0; at < values.length; at += COLUMNS) add.run(values.slice(at, at + COLUMNS));
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
