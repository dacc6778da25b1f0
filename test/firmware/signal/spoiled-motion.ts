/** The same walk as worse or other sensors would have given it: at other rates, noisy, clipped, out of step, with holes. */
import { seededRandom } from './noise.ts';

export interface Motion {
  readonly atMs: ArrayLike<number>;
  readonly g: ArrayLike<number>;
}

/** Sampled at a rate after the mean of what lies between, as a chip's own filter gives it. */
export function atRate({ atMs, g }: Motion, rateHz: number): { atMs: number[]; g: number[] } {
  const out = { atMs: [] as number[], g: [] as number[] };
  const endMs = atMs[atMs.length - 1]!;
  let next = 0;
  for (let ms = 0; ms < endMs; ms += 1000 / rateHz) {
    let sum = 0;
    let count = 0;
    for (; next < atMs.length && atMs[next]! <= ms; next++, count++) sum += g[next]!;
    out.atMs.push(ms);
    out.g.push(count > 0 ? sum / count : g[Math.min(next, g.length - 1)]!);
  }
  return out;
}

const mapped = ({ atMs, g }: Motion, change: (value: number) => number): Motion => ({ atMs, g: Array.from(g, change) });

/** Sum of twelve even draws, less six: normal enough. */
function normals(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
}

function without(motion: Motion, isLost: (at: number) => boolean): Motion {
  const left = Array.from(motion.atMs, (_, at) => at).filter((at) => !isLost(at));
  return { atMs: left.map((at) => motion.atMs[at]!), g: left.map((at) => motion.g[at]!) };
}

/** Name and what it does. */
export const waysToSpoil: readonly (readonly [string, (motion: Motion) => Motion])[] = [
  ...[12, 20, 25, 50, 100, 200].map((rateHz) => [`${rateHz} Hz`, (motion: Motion) => atRate(motion, rateHz)] as const),
  ['scale 10 % too small', (motion) => mapped(motion, (g) => 0.9 * g)],
  ['scale 10 % too large', (motion) => mapped(motion, (g) => 1.1 * g)],
  ['an offset of 0.1 g', (motion) => mapped(motion, (g) => g + 0.1)],
  ['clipped at 1.3 g', (motion) => mapped(motion, (g) => Math.min(1.3, g))],
  [
    'noise of 0.05 g at 50 Hz',
    (motion) => {
      const normal = normals(7);
      return mapped(atRate(motion, 50), (g) => g + 0.05 * normal());
    },
  ],
  [
    'times off by up to 5 ms at 50 Hz',
    (motion) => {
      const random = seededRandom(8);
      const { atMs, g } = atRate(motion, 50);
      return { g, atMs: atMs.map((ms) => ms + 10 * (random() - 0.5)) };
    },
  ],
  [
    'one sample in ten lost at 50 Hz',
    (motion) => {
      const random = seededRandom(9);
      return without(atRate(motion, 50), () => random() < 0.1);
    },
  ],
  [
    'holes of 0.3 s, 5 % in all',
    (motion) => {
      const random = seededRandom(10);
      let left = 0;
      return without(atRate(motion, 50), () => {
        left = left > 0 ? left - 1 : random() < 0.0035 ? 15 : 0;
        return left > 0;
      });
    },
  ],
];
