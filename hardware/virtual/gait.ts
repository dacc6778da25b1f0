/**
 * A walking person's wrist as an accelerometer feels it: gravity, a bounce at each step with its second harmonic, the arm's
 * swing at half that rate, and noise. Amplitudes as in recordings of ordinary walking (0.2 to 0.5 g at 1.7 to 2 steps a second).
 */
import type { AccelG } from './chips/adxl345.ts';
import type { Random } from './random.ts';

const NOISE_G = 0.015;

export interface Walk {
  readonly fromMs: number;
  readonly stepsPerSecond: number;
  readonly steps: number;
}

export function gaitAccelG(walk: Walk | undefined, nowMs: number, random: Random): AccelG {
  const noise = (): number => NOISE_G * random.normal();
  const sinceMs = walk === undefined ? -1 : nowMs - walk.fromMs;
  const still: AccelG = [noise(), 0.1 + noise(), 0.99 + noise()];
  if (walk === undefined || sinceMs < 0) return still;
  const phase = (sinceMs / 1000) * walk.stepsPerSecond;
  if (phase >= walk.steps) return still;
  // No two steps are equally hard.
  const strength = 1 + 0.12 * Math.sin(Math.floor(phase) * 2.4);
  const bounce = strength * (0.32 * Math.sin(2 * Math.PI * phase) + 0.1 * Math.sin(4 * Math.PI * phase + 0.6));
  const swing = 0.15 * Math.sin(Math.PI * phase);
  return [swing + noise(), 0.1 + 0.3 * bounce + noise(), 0.98 + bounce + noise()];
}
