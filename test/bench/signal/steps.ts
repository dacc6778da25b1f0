/** Error of the step counter over the recorded walks, for each carrying position. */
import { createStepCounter } from '../../../firmware/signal/steps.ts';
import { readVector, readVectorJson, skipWithoutVectors } from '../../vectors.ts';
import type { BenchRow } from '../row.ts';

const GRAVITY = 9.80665;
interface Manifest {
  readonly cases: readonly { readonly file: string; readonly position: string; readonly steps_ground_truth: number }[];
}

export async function rows(): Promise<BenchRow[]> {
  if (skipWithoutVectors !== false) return [];
  const errors = new Map<string, number[]>();
  for (const { file, position, steps_ground_truth: truth } of readVectorJson<Manifest>('4-motion/oxford-steps/manifest.json').cases) {
    const counter = createStepCounter();
    let steps = 0;
    for (const line of readVector(`4-motion/oxford-steps/${file}`).trim().split('\n').slice(1)) {
      const [atMs, x, y, z] = line.split(',').map(Number) as [number, number, number, number];
      for (const second of counter.push(atMs, Math.hypot(x, y, z) / GRAVITY)) steps += second.steps;
    }
    errors.set(position, [...(errors.get(position) ?? []), (100 * Math.abs(steps - truth)) / truth]);
  }
  const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  const row = (name: string, list: readonly number[]): BenchRow => {
    const value = mean(list);
    return {
      name: `steps, ${name}`,
      value,
      unit: '% error',
      against: 'limit 3 %',
      ratio: value / 3,
      goal: 'ratio <= 1',
      holds: value <= 3,
    };
  };
  return [...[...errors].map(([position, list]) => row(position, list)), row('all recordings', [...errors.values()].flat())];
}
