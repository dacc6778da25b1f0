/**
 * Of a weight of one's own scale: from what it was computed. With the mean counts, the empty plate's and the version of the calibration kept
 * beside it, it names its calibration, and can be weighed again by another one. Pure.
 */
import { quantities } from '../../firmware/protocol/quantities.ts';
import type { Calibration } from '../../firmware/signal/calibration.ts';
import type { NewMeasurement, StoredMeasurement, Vault } from '../store/vault.ts';

const { weight, load_cell_counts, load_cell_zero, calibration_version } = quantities;
const WEIGHED_FROM: readonly number[] = [load_cell_counts.code, load_cell_zero.code, calibration_version.code];
const STANDING_MEAN = { algorithm: 'standing-mean', version: '2' } as const;

/** Readings of one device and boot, each weight with the readings it was computed from, where they came with it. */
export function withProvenance(rows: readonly NewMeasurement[]): NewMeasurement[] {
  return rows.map((row) => {
    if (row.code !== weight.code || row.provenance !== undefined) return row;
    const beside = rows.filter(({ code, endUtcMs }) => endUtcMs === row.endUtcMs && WEIGHED_FROM.includes(code));
    if (beside.length < WEIGHED_FROM.length) return row;
    return {
      ...row,
      provenance: { ...STANDING_MEAN, inputs: beside.map(({ device, boot, sequence }) => `${device}/${boot}/${sequence}`) },
    };
  });
}

export interface Revalued {
  readonly seq: number;
  readonly atMs: number;
  /** Calibration by which it was weighed. */
  readonly version: number;
  readonly beforeKg: number;
  readonly afterKg: number;
}

/** Less is rounding. */
const LEAST_CHANGE_KG = 0.0005;

/**
 * What a person's weights of a scale would be by another calibration, from the counts that were kept; those alone that change. The empty plate
 * was measured each time, so that only the slope of the calibration counts.
 */
export function revalued(
  person: Vault,
  home: Vault,
  device: string,
  { countsPerKg }: Calibration,
  fromMs: number,
  toMs: number,
): Revalued[] {
  const span = { device, fromMs, toMs: toMs + 1 };
  const at = (quantity: 'load_cell_counts' | 'load_cell_zero' | 'calibration_version'): Map<number, number> =>
    new Map(
      [...home.range({ ...span, quantity })]
        .filter(({ start, end }) => end > start || quantity === 'calibration_version')
        .map(({ end, value }) => [end, value]),
    );
  const counts = at('load_cell_counts');
  const zero = at('load_cell_zero');
  const version = at('calibration_version');
  return [...person.range({ ...span, quantity: 'weight' })].flatMap((row: StoredMeasurement) => {
    const [own, empty] = [counts.get(row.end), zero.get(row.end)];
    if (own === undefined || empty === undefined) return [];
    const afterKg = (own - empty) / countsPerKg;
    if (Math.abs(afterKg - row.value) < LEAST_CHANGE_KG) return [];
    return [{ seq: row.seq, atMs: row.end, version: version.get(row.end) ?? 0, beforeKg: row.value, afterKg }];
  });
}
