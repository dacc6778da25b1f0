/** Which series of a vault are dense, and what becomes of a dense one where each value would be a resource of its own. */
import type { QuantityId } from '../../../firmware/protocol/quantities.ts';
import { quantities } from '../../../firmware/protocol/quantities.ts';
import type { StoredMeasurement } from '../../store/log-entry.ts';
import type { Vault } from '../../store/vault.ts';

/** More than one value each quarter of an hour, day and night: a resource for each would be gigabytes that no reader wants. */
const DENSE_A_DAY = 96;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** One hour of a dense series: of a count the sum, of the rest the mean. */
export interface Hour {
  readonly kind: 'hour';
  readonly quantity: QuantityId;
  readonly device: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}
export interface Single {
  readonly kind: 'single';
  readonly measurement: StoredMeasurement;
}

/** Entries of a page: what a vault decodes at once. */
export const PAGE_ROWS = 8192;

/** Plausible measurements up to a position, in order. */
export function* soundRows(vault: Vault, upTo: number): Generator<StoredMeasurement> {
  for (const measurement of vault.range({})) {
    if (measurement.seq > upTo) continue;
    if (measurement.flag === 'ok') yield measurement;
  }
}

/** Counted once for all forms of an archive. */
const counted = new WeakMap<Vault, { readonly upTo: number; readonly head: number; readonly dense: ReadonlySet<string> }>();

/** Series (`QUANTITY DEVICE`) with more than {@link DENSE_A_DAY} values a day. */
function denseOf(vault: Vault, upTo: number): ReadonlySet<string> {
  const before = counted.get(vault);
  const head = vault.head();
  if (before !== undefined && before.upTo === upTo && before.head === head) return before.dense;
  const spans = new Map<string, { count: number; firstMs: number; lastMs: number }>();
  for (const { quantity, device, end } of soundRows(vault, upTo)) {
    const key = `${quantity} ${device}`;
    const span = spans.get(key);
    if (span === undefined) spans.set(key, { count: 1, firstMs: end, lastMs: end });
    else {
      span.count++;
      if (end < span.firstMs) span.firstMs = end;
      if (end > span.lastMs) span.lastMs = end;
    }
  }
  const dense = new Set(
    [...spans].flatMap(([key, { count, firstMs, lastMs }]) => (count > DENSE_A_DAY * ((lastMs - firstMs) / DAY_MS + 1) ? [key] : [])),
  );
  counted.set(vault, { upTo, head, dense });
  return dense;
}

/** What a program for health data gets: single values, and hours of what comes more often than each quarter of an hour. */
export function* thinned(vault: Vault, upTo: number): Generator<Single | Hour> {
  const dense = denseOf(vault, upTo);
  const open = new Map<
    string,
    { hour: number; sum: number; min: number; max: number; count: number; quantity: QuantityId; device: string }
  >();
  const close = function* (key: string): Generator<Hour> {
    const one = open.get(key);
    if (one === undefined) return;
    open.delete(key);
    const { hour, sum, min, max, count, quantity, device } = one;
    const value = quantities[quantity].combine === 'sum' ? sum : sum / count;
    yield { kind: 'hour', quantity, device, startMs: hour * HOUR_MS, endMs: (hour + 1) * HOUR_MS, value, min, max, count };
  };
  for (const measurement of soundRows(vault, upTo)) {
    const { quantity, device, value, end } = measurement;
    const key = `${quantity} ${device}`;
    if (!dense.has(key)) {
      yield { kind: 'single', measurement };
      continue;
    }
    const hour = Math.floor((end - 1) / HOUR_MS);
    const one = open.get(key);
    if (one !== undefined && one.hour === hour) {
      one.sum += value;
      one.count++;
      if (value < one.min) one.min = value;
      if (value > one.max) one.max = value;
      continue;
    }
    yield* close(key);
    open.set(key, { hour, sum: value, min: value, max: value, count: 1, quantity, device });
  }
  for (const key of [...open.keys()]) yield* close(key);
}
