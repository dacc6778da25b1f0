/**
 * The outbox on disk: what a device has measured and the hub has not yet acknowledged, kept over a crash or a power cut.
 *
 * An SQLite file with a write-ahead log. A commit reaches the kernel at once, so that a killed program loses nothing; it is forced to the
 * disk some seconds later ({@link Spool.flush}), so that a power cut costs those seconds and an SD card is not worn by every reading.
 * Readings keep the boot and the number they were given, by which the hub knows those it has already.
 */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import type { DeviceClock, WireReading } from './protocol/frame.ts';
import { DEFAULT_OUTBOX_LIMIT, type NumberedReading } from './protocol/outbox.ts';

/** How this boot's monotonic zero lies in the machine's own time. */
export interface BootClock {
  readonly boot: number;
  /** Name of the machine's boot: within one, monotonic times of two programs can be compared. */
  readonly machineBoot: string;
  /** The program's monotonic zero in milliseconds of the machine's boot. */
  readonly zeroMs: number;
}

export interface LeftBehind {
  readonly boot: number;
  readonly readings: readonly NumberedReading[];
  /** When those readings were, said anew each time: an earlier boot of the machine has no `now`. */
  readonly clock: () => DeviceClock;
}

export interface Spool extends Disposable {
  /** Readings with consecutive numbers. The oldest of the device go when it has more than the limit. */
  keep(device: string, boot: number, sequence: number, readings: readonly WireReading[]): void;
  /** The hub has these. */
  forget(device: string, boot: number, sequence: number, count: number): void;
  /** What earlier boots left of a device, oldest boot first. */
  left(device: string): LeftBehind[];
  /** UTC of this boot's zero, once it is known. */
  noteUtc(zeroUtcMs: number): void;
  /** Forces what was kept to the disk. Does nothing when nothing is new. */
  flush(): void;
}

export interface SpoolOptions {
  readonly file: string;
  readonly clock: BootClock;
  /** Milliseconds of the machine's boot. */
  readonly machineNowMs: () => number;
  readonly limit?: number;
}

interface Row {
  readonly boot: number;
  readonly sequence: number;
  readonly code: number;
  readonly value: number;
  readonly at: number;
  readonly span: number;
}
interface BootRow {
  readonly machine_boot: string;
  readonly zero_ms: number;
  readonly zero_utc_ms: number | null;
}

/** Throws when the file can neither be opened nor be made. A file that is spoiled is put aside and begun anew. */
export function openSpool({ file, clock, machineNowMs, limit = DEFAULT_OUTBOX_LIMIT }: SpoolOptions): Spool {
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file);
  chmodSync(file, 0o600);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec(`
    CREATE TABLE IF NOT EXISTS reading (
      device TEXT NOT NULL, boot INTEGER NOT NULL, sequence INTEGER NOT NULL,
      code INTEGER NOT NULL, value REAL, at REAL NOT NULL, span INTEGER NOT NULL,
      PRIMARY KEY (device, boot, sequence)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS boot (boot INTEGER PRIMARY KEY, began INTEGER NOT NULL, machine_boot TEXT NOT NULL, zero_ms REAL NOT NULL, zero_utc_ms REAL);
  `);
  // Boots with nothing left are forgotten, so the table stays as small as what waits.
  database.prepare('DELETE FROM boot WHERE boot NOT IN (SELECT DISTINCT boot FROM reading)').run();
  const began = (database.prepare('SELECT coalesce(max(began), 0) + 1 AS next FROM boot').get() as { next: number }).next;
  database.prepare('INSERT OR REPLACE INTO boot VALUES (?, ?, ?, ?, NULL)').run(clock.boot, began, clock.machineBoot, clock.zeroMs);

  const insert = database.prepare('INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM reading WHERE device = ? AND boot = ? AND sequence >= ? AND sequence < ?');
  const count = database.prepare('SELECT count(*) AS rows FROM reading WHERE device = ?');
  const dropOldest = database.prepare(`DELETE FROM reading WHERE device = ? AND (boot, sequence) IN
    (SELECT reading.boot, sequence FROM reading JOIN boot USING (boot) WHERE device = ? ORDER BY began, sequence LIMIT ?)`);
  const utc = database.prepare('UPDATE boot SET zero_utc_ms = ? WHERE boot = ?');
  const rows = new Map<string, number>();
  let isDirty = true;

  const keep = database.transaction((device: string, boot: number, sequence: number, readings: readonly WireReading[]) => {
    readings.forEach(({ code, value, at, spanMs }, index) => {
      insert.run(device, boot, sequence + index, code, Number.isFinite(value) ? value : null, at, spanMs);
    });
    const held = (rows.get(device) ?? (count.get(device) as { rows: number }).rows - readings.length) + readings.length;
    // A tenth more than over, so that a full spool does not delete with every reading.
    const over = held > limit ? held - limit + Math.ceil(limit / 10) : 0;
    if (over > 0) dropOldest.run(device, device, over);
    rows.set(device, Math.max(0, held - over));
  });

  return {
    keep(device, boot, sequence, readings) {
      if (readings.length === 0) return;
      keep(device, boot, sequence, readings);
      isDirty = true;
    },
    forget(device, boot, sequence, length) {
      const { changes } = remove.run(device, boot, sequence, sequence + length);
      const held = rows.get(device);
      if (held !== undefined) rows.set(device, held - changes);
      isDirty = true;
    },
    left(device) {
      const found = database
        .prepare('SELECT reading.* FROM reading JOIN boot USING (boot) WHERE device = ? AND boot <> ? ORDER BY began, sequence')
        .all(device, clock.boot) as Row[];
      return [...Map.groupBy(found, ({ boot }) => boot)].map(([boot, own]) => ({
        boot,
        readings: own.map(({ sequence, code, value, at, span }) => ({
          sequence,
          reading: { code, value: value ?? Number.NaN, at, spanMs: span },
        })),
        clock: clockOf(database.prepare('SELECT * FROM boot WHERE boot = ?').get(boot) as BootRow | undefined, clock, machineNowMs),
      }));
    },
    noteUtc(zeroUtcMs) {
      utc.run(zeroUtcMs, clock.boot);
      isDirty = true;
    },
    flush() {
      if (!isDirty) return;
      isDirty = false;
      database.pragma('wal_checkpoint(PASSIVE)');
    },
    [Symbol.dispose]() {
      database.close();
    },
  };
}

/** Within one boot of the machine an old reading's age is known exactly; beyond it, only what the device knew of UTC helps. */
function clockOf(row: BootRow | undefined, own: BootClock, machineNowMs: () => number): () => DeviceClock {
  const isSameBoot = row !== undefined && row.machine_boot === own.machineBoot;
  return () => ({ nowMs: isSameBoot ? machineNowMs() - row.zero_ms : null, zeroUtcMs: row?.zero_utc_ms ?? null });
}

const NANOSECONDS_PER_MS = 1_000_000n;
/** CLOCK_MONOTONIC: the same for every program of a boot of the machine. */
export const machineNowMs = (): number => Number(process.hrtime.bigint() / 1000n) / Number(NANOSECONDS_PER_MS / 1000n);

/** The clock of this program's boot. Where the kernel does not name its boot, a name that no other program has. */
export function bootClockOf(boot: number): BootClock {
  return { boot, machineBoot: machineBoot() ?? `unknown-${boot}`, zeroMs: machineNowMs() - performance.now() };
}

function machineBoot(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
