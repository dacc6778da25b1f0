/**
 * Count, sum, least and greatest of a stream's older measurements by span of time (of UTC), kept where they pay: a level is kept for a
 * block only when each of its buckets stands for several measurements, so that summaries stay smaller than what they sum up.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import type { Curve } from './block.ts';
import { isSound, type Row } from './row.ts';

/** Widths of the levels. Steps of 4 to 10 between them: a chart of 2,000 points reads at most 20,000 buckets. Never reorder. */
export const levelsMs = [60_000, 600_000, 3_600_000, 14_400_000, 86_400_000] as const;
const LEAST_ROWS_A_BUCKET = 8;

export interface Bucket {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** A span that ends on the hour belongs to the hour before. */
export const bucketOf = (endMs: number, widthMs: number): number => Math.floor((endMs - 1) / widthMs);

export function addTo(buckets: Map<number, Bucket>, bucket: number, value: number): void {
  const known = buckets.get(bucket);
  if (known === undefined) {
    buckets.set(bucket, { count: 1, sum: value, min: value, max: value });
    return;
  }
  known.count++;
  known.sum += value;
  if (value < known.min) known.min = value;
  if (value > known.max) known.max = value;
}

/** Which levels to keep for these rows of one stream, as a bit mask, and their buckets. */
export function levelsThatPay(rows: readonly Row[]): { levels: number; buckets: Map<number, Bucket>[] } {
  const buckets = levelsMs.map(() => new Map<number, Bucket>());
  const sound = rows.filter(({ code, value }) => isSound(code, value));
  let levels = 0;
  levelsMs.forEach((width, level) => {
    const own = buckets[level]!;
    for (const { endMs, value } of sound) addTo(own, bucketOf(endMs, width), value);
    // Of a quantity that is not known yet nothing is summed up: once it is known, its blocks are read.
    if (own.size > 0 && own.size * LEAST_ROWS_A_BUCKET <= sound.length) levels |= 1 << level;
    else own.clear();
  });
  return { levels, buckets };
}

interface StreamKey {
  readonly code: number;
  readonly device: number;
}

export interface Summaries {
  add(stream: StreamKey, buckets: readonly ReadonlyMap<number, Bucket>[]): void;
  /** Counts the buckets that touch [fromMs, toMs] again, from the curves of the blocks that have the level. */
  rebuild(stream: StreamKey, fromMs: number, toMs: number, curves: (lowMs: number, highMs: number, level: number) => Iterable<Curve>): void;
  /** Buckets [from, to) of a level, `step` of them added up to one. */
  read(stream: StreamKey, level: number, from: number, to: number, step: number): (Bucket & { readonly slot: number })[];
}

export function createSummaries(database: Database.Database): Summaries {
  const upsert = database.prepare(
    `INSERT INTO summary VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum, min = min(min, excluded.min), max = max(max, excluded.max)`,
  );
  const clear = database.prepare('DELETE FROM summary WHERE code = ? AND device = ? AND level = ? AND bucket BETWEEN ? AND ?');
  const select = database.prepare<[number, number, number, number, number, number], Bucket & { slot: number }>(
    `SELECT bucket / CAST(? AS INTEGER) AS slot, sum(count) AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max FROM summary
     WHERE code = ? AND device = ? AND level = ? AND bucket >= ? AND bucket < ? GROUP BY slot`,
  );
  const put = ({ code, device }: StreamKey, level: number, buckets: ReadonlyMap<number, Bucket>): void => {
    for (const [bucket, { count, sum, min, max }] of buckets) upsert.run(code, device, level, bucket, count, sum, min, max);
  };
  return {
    add(stream, buckets) {
      for (const [level, own] of buckets.entries()) put(stream, level, own);
    },
    rebuild(stream, fromMs, toMs, curves) {
      levelsMs.forEach((width, level) => {
        const [low, high] = [bucketOf(fromMs, width), bucketOf(toMs, width)];
        const buckets = new Map<number, Bucket>();
        for (const { endMs, value } of curves(low * width, (high + 1) * width, level)) {
          endMs.forEach((end, index) => {
            const bucket = bucketOf(end, width);
            if (bucket >= low && bucket <= high && isSound(stream.code, value[index]!)) addTo(buckets, bucket, value[index]!);
          });
        }
        clear.run(stream.code, stream.device, level, low, high);
        put(stream, level, buckets);
      });
    },
    read: ({ code, device }, level, from, to, step) => select.all(step, code, device, level, from, to),
  };
}
