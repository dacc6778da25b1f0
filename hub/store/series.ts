/** Charts: a quantity over any span, in as many points as asked for, from summaries, blocks and recent rows. */
import { type QuantityId, quantities } from '../../firmware/protocol/quantities.ts';
import type { Blocks, Stream } from './blocks.ts';
import type { Recent } from './recent.ts';
import { addTo, type Bucket, bucketOf, levelsMs, type Summaries } from './summaries.ts';

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

export interface SeriesSources {
  readonly recent: Recent;
  readonly blocks: Blocks;
  readonly summaries: Summaries;
  /** Undefined for a device that this vault never met. */
  readonly numberOf: (device: string) => number | undefined;
}

/** Points in order; where nothing was measured there is none. */
export function seriesOf({ recent, blocks, summaries, numberOf }: SeriesSources, query: SeriesQuery): SeriesPoint[] {
  const { quantity, fromMs, toMs, points } = query;
  const { code, min: least, max: most } = quantities[quantity];
  const device = query.device === undefined ? undefined : numberOf(query.device);
  if (query.device !== undefined && device === undefined) return [];
  const widthMs = Math.max(0, toMs - fromMs) / Math.max(1, Math.min(MOST_POINTS, points));
  const level = Math.max(
    0,
    levelsMs.findLastIndex((width) => width <= widthMs),
  );
  const bucketMs = levelsMs[level]!;
  const step = Math.max(1, Math.ceil(widthMs / bucketMs));
  const [from, to] = [Math.floor(fromMs / bucketMs), Math.ceil(toMs / bucketMs)];
  const slots = new Map<number, Bucket>();
  const addValue = (endMs: number, value: number): void => {
    const bucket = bucketOf(endMs, bucketMs);
    if (bucket >= from && bucket < to && value >= least && value <= most) addTo(slots, Math.floor(bucket / step), value);
  };
  const addStream = (stream: Stream): void => {
    for (const { slot, count, sum, min, max } of summaries.read(stream, level, from, to, step)) {
      const known = slots.get(slot);
      slots.set(
        slot,
        known === undefined
          ? { count, sum, min, max }
          : { count: known.count + count, sum: known.sum + sum, min: Math.min(known.min, min), max: Math.max(known.max, max) },
      );
    }
    for (const { endMs, value } of blocks.curves(stream, from * bucketMs, to * bucketMs, level))
      for (let index = 0; index < endMs.length; index++) addValue(endMs[index]!, value[index]!);
  };
  for (const stream of blocks.streams()) if (stream.code === code && (device === undefined || stream.device === device)) addStream(stream);
  for (const row of recent.rows) if (row.code === code && (device === undefined || row.device === device)) addValue(row.endMs, row.value);
  return [...slots]
    .sort(([a], [b]) => a - b)
    .map(([slot, { count, sum, min, max }]) => ({
      startMs: slot * step * bucketMs,
      endMs: (slot + 1) * step * bucketMs,
      count,
      mean: sum / count,
      min,
      max,
      sum,
    }));
}
