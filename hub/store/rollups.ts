/**
 * Count, sum, least and greatest of each quantity by minute, hour and day (of UTC), maintained with each commit, so that a chart
 * of any span reads hundreds of rows and not millions.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import { isPlausible, type QuantityId, quantities, quantityOfCode } from '../../firmware/protocol/quantities.ts';

const levels = [60_000, 3_600_000, 86_400_000] as const;
/** A screen has no more columns than this. */
const MOST_POINTS = 2000;

export interface SeriesQuery {
  readonly quantity: QuantityId;
  readonly device?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  /** Points wanted at most, up to 2,000. */
  readonly points: number;
}

export interface SeriesPoint {
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

export interface Rollups {
  add(device: number, code: number, value: number, endUtcMs: number): void;
  /** Counts the buckets of a measurement again that was changed or removed. */
  refresh(device: string, code: number, endUtcMs: number): void;
  /** Points in order; where nothing was measured there is none. */
  series(query: SeriesQuery): SeriesPoint[];
}

export function createRollups(database: Database.Database): Rollups {
  const upsert = database.prepare(
    `INSERT INTO rollup (level, device, code, bucket, count, sum, min, max) VALUES (@level, @device, @code, @bucket, 1, @value, @value, @value)
     ON CONFLICT DO UPDATE SET count = count + 1, sum = sum + @value, min = min(min, @value), max = max(max, @value)`,
  );
  const select = database.prepare<(string | number | null)[], { slot: number; count: number; sum: number; min: number; max: number }>(
    `SELECT bucket / CAST(:step AS INTEGER) AS slot, sum(count) AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max FROM rollup
     WHERE code = :code AND level = :level AND bucket >= :from AND bucket < :to
       AND (:device IS NULL OR device = (SELECT number FROM device WHERE id = :device))
     GROUP BY slot ORDER BY slot`,
  );
  const clear = database.prepare('DELETE FROM rollup WHERE level = ? AND device = ? AND code = ? AND bucket = ?');
  const values = database.prepare<[number, number, number, number], { value: number | null }>(
    'SELECT value FROM log WHERE code = ? AND device = ? AND end_utc > ? AND end_utc <= ?',
  );
  const numberOf = database.prepare<[string], { number: number }>('SELECT number FROM device WHERE id = ?');
  // A span that ends on the hour belongs to the hour before.
  const bucketOf = (endUtcMs: number, width: number): number => Math.floor((endUtcMs - 1) / width);
  return {
    add(device, code, value, endUtcMs) {
      for (const [level, width] of levels.entries()) upsert.run({ level, device, code, bucket: bucketOf(endUtcMs, width), value });
    },
    refresh(device, code, endUtcMs) {
      const number = numberOf.get(device)?.number;
      const quantity = quantityOfCode(code);
      if (number === undefined || quantity === undefined) return;
      for (const [level, width] of levels.entries()) {
        const bucket = bucketOf(endUtcMs, width);
        clear.run(level, number, code, bucket);
        for (const { value } of values.all(code, number, bucket * width, (bucket + 1) * width))
          if (value !== null && isPlausible(quantity.id, value)) upsert.run({ level, device: number, code, bucket, value });
      }
    },
    series({ quantity, device, fromMs, toMs, points }) {
      const wanted = Math.max(1, Math.min(MOST_POINTS, points));
      const widthMs = Math.max(0, toMs - fromMs) / wanted;
      let level = levels.findLastIndex((width) => width <= widthMs);
      if (level < 0) level = 0;
      const bucketMs = levels[level]!;
      const step = Math.max(1, Math.ceil(widthMs / bucketMs));
      const bounds = { from: Math.floor(fromMs / bucketMs), to: Math.ceil(toMs / bucketMs) };
      const rows = select.all({ step, code: quantities[quantity].code, level, ...bounds, device: device ?? null } as never);
      return rows.map(({ slot, count, sum, min, max }) => ({
        startMs: slot * step * bucketMs,
        endMs: (slot + 1) * step * bucketMs,
        count,
        mean: sum / count,
        min,
        max,
        sum,
      }));
    },
  };
}
