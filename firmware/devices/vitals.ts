/** Heart rate and breathing of whoever lies on a bed mat, one value for each half minute in which they showed. */
import type { Reading } from '../protocol/measurement.ts';
import { monotonicMs } from '../protocol/time.ts';
import { type BedReading, createBed } from '../signal/bed.ts';

/** Noise of a cell under an empty bed in the band of the heart, kg. Only asked while somebody lies there. */
const EMPTY_RMS_KG = 0.001;
const SPAN_MS = 30_000;
/** A single reading may be chance; there are six in a span. */
const LEAST_READINGS = 2;

export interface Vitals {
  /** Takes the load of an occupied bed; gives what a span that is over has shown. */
  push(atMs: number, kg: number): Reading[];
  /** Nobody lies there: what was under way is forgotten. */
  empty(): Reading[];
}

export function createVitals(): Vitals {
  let bed = createBed({ emptyRms: EMPTY_RMS_KG });
  let span: BedReading[] = [];
  let fromMs: number | undefined;
  return {
    push(atMs, kg) {
      fromMs ??= atMs;
      span.push(...bed.push(atMs, kg));
      if (atMs - fromMs < SPAN_MS) return [];
      const at = monotonicMs(atMs);
      const spanMs = Math.round(atMs - fromMs);
      const told = [
        { quantity: 'heart_rate' as const, values: span.flatMap(({ heartRate }) => heartRate ?? []) },
        { quantity: 'respiration_rate' as const, values: span.flatMap(({ respirationRate }) => respirationRate ?? []) },
      ];
      span = [];
      fromMs = atMs;
      return told.flatMap(({ quantity, values }) =>
        values.length < LEAST_READINGS ? [] : [{ quantity, value: median(values), at, spanMs }],
      );
    },
    empty() {
      bed = createBed({ emptyRms: EMPTY_RMS_KG });
      span = [];
      fromMs = undefined;
      return [];
    },
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
