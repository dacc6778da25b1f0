/** Recorded motion with counted steps, as magnitudes in g. */
import { readdirSync } from 'node:fs';
import { readVector, readVectorJson, vectorPath } from '../../vectors.ts';

export interface MotionRecording {
  readonly id: string;
  readonly person: string;
  readonly position: string;
  readonly activity: string;
  readonly rateHz: number;
  readonly steps: number;
  readonly atMs: Float64Array;
  readonly g: Float64Array;
}

const GRAVITY = 9.80665;
const folder = '4-motion';

interface OxfordCase {
  readonly file: string;
  readonly user: string;
  readonly position: string;
  readonly rate_hz: number;
  readonly steps_ground_truth: number;
}

/** Walks with a phone in several positions, one after the other so that they need not all be in memory. */
export function* oxfordWalks(): Generator<MotionRecording> {
  for (const one of readVectorJson<{ cases: OxfordCase[] }>(`${folder}/oxford-steps/manifest.json`).cases) {
    const lines = readVector(`${folder}/oxford-steps/${one.file}`).trim().split('\n').slice(1);
    const atMs = new Float64Array(lines.length);
    const g = new Float64Array(lines.length);
    for (const [at, line] of lines.entries()) {
      const [ms, x, y, z] = line.split(',').map(Number) as [number, number, number, number];
      atMs[at] = ms;
      g[at] = Math.hypot(x, y, z) / GRAVITY;
    }
    const id = one.file.replace('.csv.gz', '');
    yield {
      id,
      person: one.user,
      position: one.position,
      activity: 'walking',
      rateHz: one.rate_hz,
      steps: one.steps_ground_truth,
      atMs,
      g,
    };
  }
}

/** Steps of a walk by the contact of both feet, where a foot that touches again within 0.6 of its usual stride only bounced. */
export function stepsWithoutBounces(id: string): number {
  const rows = readVector(`${folder}/oxford-steps/${id}.steps.csv.gz`)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
  return [1, 2].reduce((sum, foot) => {
    const falls = rows.filter((row, at) => at > 0 && row[foot] === 1 && rows[at - 1]![foot] === 0).map((row) => row[0]!);
    const strides = falls.slice(1).map((ms, at) => ms - falls[at]!);
    const usual = strides.toSorted((a, b) => a - b)[strides.length >> 1] ?? 0;
    let real = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const ms of falls) {
      if (ms - last <= 0.6 * usual) continue;
      real++;
      last = ms;
    }
    return sum + real;
  }, 0);
}

interface WristCase {
  readonly id: string;
  readonly activity: string;
  readonly rate_hz: number;
  readonly steps_ground_truth: number;
  readonly magnitude: readonly number[];
}

/** A watch on the wrist; 1 g is its median, for its counts are not calibrated. */
export function wristRecordings(): MotionRecording[] {
  const files = readdirSync(vectorPath(folder)).filter((file) => file.startsWith('wrist-steps.'));
  return files.flatMap((file) =>
    readVectorJson<{ cases: WristCase[] }>(`${folder}/${file}`).cases.map(({ id, activity, rate_hz, steps_ground_truth, magnitude }) => {
      const median = magnitude.toSorted((a, b) => a - b)[magnitude.length >> 1]!;
      return {
        id,
        person: id.match(/-([a-z]{2})$/)?.[1] ?? 'unnamed',
        position: 'wrist',
        activity,
        rateHz: rate_hz,
        steps: steps_ground_truth,
        atMs: Float64Array.from(magnitude, (_, at) => (at * 1000) / rate_hz),
        g: Float64Array.from(magnitude, (value) => value / median),
      };
    }),
  );
}
