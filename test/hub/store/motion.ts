/** Recorded walks as their three axes. */
import { readVector, readVectorJson } from '../../vectors.ts';

const folder = '4-motion/oxford-steps';

export interface Walk {
  readonly id: string;
  readonly rateHz: number;
  /** x, y, z in m/s2. */
  readonly axes: readonly [number[], number[], number[]];
}

export function* recordedWalks(): Generator<Walk> {
  for (const { file, rate_hz: rateHz } of readVectorJson<{ cases: { file: string; rate_hz: number }[] }>(`${folder}/manifest.json`).cases) {
    const axes: [number[], number[], number[]] = [[], [], []];
    for (const line of readVector(`${folder}/${file}`).trim().split('\n').slice(1)) {
      const [, ...values] = line.split(',').map(Number);
      for (const [axis, column] of axes.entries()) column.push(values[axis]!);
    }
    yield { id: file, rateHz, axes };
  }
}
