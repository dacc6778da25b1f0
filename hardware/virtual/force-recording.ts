/**
 * A recording of a person standing on force plates, as a load in kg over time: JSON (or gzipped JSON) with `trials`, each of
 * `rate_hz` and one list of vertical forces in newtons for each foot.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Standard gravity, m/s2 (CGPM 1901): a scale is calibrated with masses, so the force of 1 kg is 1 kg. */
const GRAVITY = 9.80665;

export interface ForceRecording {
  readonly rateHz: number;
  readonly durationMs: number;
  /** Load in kg at a time since the start; held at the ends. */
  kgAt(ms: number): number;
}

/** Throws when the file holds no such recording, naming the file. */
export function readForceRecording(file: string, trial = 0): ForceRecording {
  const bytes = readFileSync(file);
  const recording = JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as {
    trials?: readonly Record<string, unknown>[];
  };
  const one = recording.trials?.[trial];
  const feet = one === undefined ? [] : Object.values(one).filter(isSeries);
  const length = feet[0]?.length ?? 0;
  if (length === 0 || feet.some((foot) => foot.length !== length))
    throw new Error(`${file} holds no force recording: 'trials' with forces of both feet`);
  const rateHz = typeof one?.rate_hz === 'number' ? one.rate_hz : 100;
  const kg = Array.from({ length }, (_, index) => feet.reduce((sum, foot) => sum + foot[index]!, 0) / GRAVITY);
  return {
    rateHz,
    durationMs: (length * 1000) / rateHz,
    kgAt: (ms) => kg[Math.min(length - 1, Math.max(0, Math.floor((ms * rateHz) / 1000)))]!,
  };
}

const isSeries = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 100 && value.every((one) => typeof one === 'number');
