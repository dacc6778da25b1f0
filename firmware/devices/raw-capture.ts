/**
 * Gathers the samples of one chip into evenly spaced batches of half a second, for who wants them raw. Conversions that a busy machine
 * missed stand as NaN in their places; a longer hole begins a new batch. Plain state.
 */
import type { RawSamples } from '../protocol/samples.ts';

/** A batch each half second: few frames, and little lost with one. */
const BATCH_MS = 500;
/** A hole of more samples is not filled. */
const MOST_FILLED = 20;

export interface RawCapture {
  /** A sample of all channels, taken at `atMs`. */
  push(atMs: number, values: readonly number[]): void;
}

export function createRawCapture(channels: readonly string[], rateHz: number, send: (samples: RawSamples) => void): RawCapture {
  const periodMs = 1000 / rateHz;
  const most = Math.max(1, Math.round(BATCH_MS / periodMs));
  let firstAt = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const nothing = channels.map(() => Number.NaN);
  let columns: number[][] = channels.map(() => []);
  const flush = (): void => {
    if (columns[0]!.length > 0) send({ channels, rateHz, firstAt, columns });
    columns = channels.map(() => []);
  };
  const add = (atMs: number, values: readonly number[]): void => {
    if (columns[0]!.length === 0) firstAt = atMs;
    lastAt = atMs;
    for (const [channel, column] of columns.entries()) column.push(values[channel]!);
    if (columns[0]!.length >= most) flush();
  };
  return {
    push(atMs, values) {
      const missed = Math.round((atMs - lastAt) / periodMs) - 1;
      if (missed > MOST_FILLED) flush();
      else for (let miss = 0; miss < missed; miss++) add(lastAt + periodMs, nothing);
      add(atMs, values);
    },
  };
}
