/**
 * Time as Hearth passes it about: nothing pure reads a clock, everything that waits is given one.
 *
 * Monotonic milliseconds count from an arbitrary zero of one boot and never jump; they order and space samples. UTC
 * milliseconds are what people read; a hub without a battery-backed clock may not know them yet. The two brands keep one
 * from being used for the other.
 */
declare const monotonic: unique symbol;
declare const utc: unique symbol;

/** Milliseconds since an arbitrary zero within one boot. */
export type MonotonicMs = number & { readonly [monotonic]: true };
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UtcMs = number & { readonly [utc]: true };

export const monotonicMs = (ms: number): MonotonicMs => ms as MonotonicMs;
export const utcMs = (ms: number): UtcMs => ms as UtcMs;

/** How the time of a measurement is known (the words of the log). */
export type TimeQuality = 'synced' | 'estimated' | 'device';

export interface Clock {
  monotonic(): MonotonicMs;
  utc(): UtcMs;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
