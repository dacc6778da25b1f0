/**
 * A recording of an accelerometer: CSV (or gzipped CSV) with a head line, milliseconds, and three axes in m/s2 or, where the
 * head says `_g`, in g.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { AccelG } from './chips/adxl345.ts';

const GRAVITY = 9.80665;

export interface MotionRecording {
  readonly durationMs: number;
  /** Acceleration at a time since the start, between samples by straight line; undefined after the end. */
  accelAt(ms: number): AccelG | undefined;
}

/** Throws when the file holds no such recording, naming the file. */
export function readMotionRecording(file: string): MotionRecording {
  const bytes = readFileSync(file);
  const [head = '', ...lines] = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
  const scale = head.includes('_g') ? 1 : 1 / GRAVITY;
  const rows = lines.map((line) => line.split(',').map(Number)).filter((row) => row.length >= 4 && row.every(Number.isFinite));
  if (rows.length < 2) throw new Error(`${file} holds no motion recording: lines of t_ms,ax,ay,az after a head line`);
  const firstMs = rows[0]![0]!;
  const times = rows.map((row) => row[0]! - firstMs);
  const durationMs = times.at(-1)!;
  return {
    durationMs,
    accelAt(ms) {
      if (ms < 0 || ms > durationMs) return undefined;
      const next = upperBound(times, ms);
      const before = Math.max(0, next - 1);
      const after = Math.min(times.length - 1, next);
      const span = times[after]! - times[before]!;
      const part = span === 0 ? 0 : (ms - times[before]!) / span;
      const axis = (column: number): number => (rows[before]![column]! * (1 - part) + rows[after]![column]! * part) * scale;
      return [axis(1), axis(2), axis(3)];
    },
  };
}

/** Index of the first time later than `ms`. */
function upperBound(times: readonly number[], ms: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
