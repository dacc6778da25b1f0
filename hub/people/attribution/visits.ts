/**
 * Visits to a product that several people use: who stood on it when, and the readings that wait until somebody says whose they are.
 * Those are kept encrypted in the household's own file and in no person's vault.
 */
import type { NewMeasurement } from '../../store/vault.ts';
import type { Household } from '../household.ts';

/** Nobody's yet, and thrown away: a guest's. Any other place is a subject. */
export const INBOX = 'inbox';
export const GUEST = 'guest';

/** Why a visit went where it went. */
export interface Reason {
  /** `trend`: by weight and the rest; `tap`: somebody said so; `unsure`: nobody is near certain; `unpaired`: a product without a person. */
  readonly by: 'trend' | 'tap' | 'unsure' | 'unpaired';
  readonly weightKg?: number;
  readonly impedanceOhm?: number;
  /** Likeliest people with their probabilities. */
  readonly guesses?: readonly { readonly subject: string; readonly probability: number }[];
  readonly guest?: number;
  /** Who said so. */
  readonly actor?: string;
}

export interface Visit {
  readonly number: number;
  readonly device: string;
  readonly boot: number;
  readonly startUtcMs: number;
  readonly endUtcMs: number;
  readonly place: string;
  readonly reason: Reason;
}

export interface Visits {
  /** The visit that a reading went with before, should it be sent again. */
  of(device: string, boot: number, sequence: number): Visit | undefined;
  /** The newest visit of a device in a boot. */
  newest(device: string, boot: number): Visit | undefined;
  get(number: number): Visit | undefined;
  /** Those in a place, newest first. */
  in(place: string, limit: number): Visit[];
  /** All that have a reading held, wherever they went. */
  holding(): Visit[];
  open(device: string, boot: number, startUtcMs: number): Visit;
  /** Notes readings of a visit, once each, and keeps them until {@link Visits.release}. Throws RangeError when too many wait. */
  hold(visit: number, rows: readonly NewMeasurement[]): void;
  /** A visit's place, reason and end. */
  settle(visit: number, place: string, reason: Reason, endUtcMs: number): void;
  held(visit: number): NewMeasurement[];
  /** These readings are elsewhere now, or thrown away. Their identities stay, so that a repetition finds its visit. */
  release(rows: readonly NewMeasurement[]): void;
  /** Removes all of a place: visits, readings and identities. Returns how many visits. */
  forget(place: string): number;
  transaction<T>(work: () => T): T;
}

/** Readings that may wait: a month of a bed mat that nobody was named for. Beyond, they wait with their device. */
const MOST_HELD = 50_000;

interface Row {
  number: number;
  device: string;
  boot: number;
  start: number;
  ended: number;
  place: string;
  reason: string;
}

export function openVisits(household: Household): Visits {
  const visitOf = (row: Row | undefined): Visit | undefined =>
    row === undefined
      ? undefined
      : {
          number: row.number,
          device: row.device,
          boot: row.boot,
          startUtcMs: row.start,
          endUtcMs: row.ended,
          place: row.place,
          reason: JSON.parse(row.reason) as Reason,
        };
  const select = household.prepare<[number], Row>('SELECT * FROM visit WHERE number = ?');
  const selectOf = household.prepare<[string, number, number], Row>(
    'SELECT visit.* FROM placed JOIN visit ON visit.number = placed.visit WHERE placed.device = ? AND placed.boot = ? AND placed.sequence = ?',
  );
  const selectNewest = household.prepare<[string, number], Row>(
    'SELECT * FROM visit WHERE device = ? AND boot = ? ORDER BY ended DESC, number DESC LIMIT 1',
  );
  const insertPlaced = household.prepare('INSERT INTO placed VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const insertHeld = household.prepare('INSERT INTO held VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const count = household.prepare<[], { count: number }>('SELECT count(*) AS count FROM held');
  return {
    of: (device, boot, sequence) => visitOf(selectOf.get(device, boot, sequence)),
    newest: (device, boot) => visitOf(selectNewest.get(device, boot)),
    get: (number) => visitOf(select.get(number)),
    in: (place, limit) =>
      household
        .prepare<[string, number], Row>('SELECT * FROM visit WHERE place = ? ORDER BY ended DESC LIMIT ?')
        .all(place, limit)
        .map((row) => visitOf(row)!),
    holding: () =>
      household
        .prepare<[], Row>('SELECT * FROM visit WHERE number IN (SELECT visit FROM held)')
        .all()
        .map((row) => visitOf(row)!),
    open(device, boot, startUtcMs) {
      const reason: Reason = { by: 'unsure' };
      const { lastInsertRowid } = household
        .prepare('INSERT INTO visit (device, boot, start, ended, place, reason) VALUES (?, ?, ?, ?, ?, ?)')
        .run(device, boot, startUtcMs, startUtcMs, INBOX, JSON.stringify(reason));
      return { number: Number(lastInsertRowid), device, boot, startUtcMs, endUtcMs: startUtcMs, place: INBOX, reason };
    },
    hold(visit, rows) {
      if (count.get()!.count + rows.length > MOST_HELD) throw new RangeError(`${MOST_HELD} readings wait to be assigned`);
      for (const row of rows) {
        insertPlaced.run(row.device, row.boot, row.sequence, visit);
        insertHeld.run(visit, row.device, row.boot, row.sequence, JSON.stringify(row));
      }
    },
    settle: (visit, place, reason, endUtcMs) =>
      void household
        .prepare('UPDATE visit SET place = ?, reason = ?, ended = max(ended, ?) WHERE number = ?')
        .run(place, JSON.stringify(reason), endUtcMs, visit),
    held: (visit) =>
      household
        .prepare<[number], { reading: string }>('SELECT reading FROM held WHERE visit = ? ORDER BY device, boot, sequence')
        .all(visit)
        .map(({ reading }) => JSON.parse(reading) as NewMeasurement),
    release(rows) {
      const remove = household.prepare('DELETE FROM held WHERE device = ? AND boot = ? AND sequence = ?');
      household.transaction(() => {
        for (const { device, boot, sequence } of rows) remove.run(device, boot, sequence);
      })();
    },
    forget(place) {
      household.prepare('DELETE FROM placed WHERE visit IN (SELECT number FROM visit WHERE place = ?)').run(place);
      return household.prepare('DELETE FROM visit WHERE place = ?').run(place).changes;
    },
    transaction: (work) => household.transaction(work)(),
  };
}
