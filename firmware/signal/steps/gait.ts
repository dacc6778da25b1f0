/**
 * How far and with how much energy, from steps and their cadence.
 *
 * Step length: the walk ratio (step length over cadence) of free walking is steady in a person and nearly the same in all, 0.0065 m for each step
 * a minute (Sekiya & Nagasaki, Gait Posture 7 (1998) 225-227), and grows with height; sd between persons about 8 %.
 * Energy: the metabolic equations of the American College of Sports Medicine (Guidelines for Exercise Testing, 11th ed.): oxygen per
 * kg and minute beyond rest is 0.1 of the speed in m/min walking and 0.2 running; 5 kcal for each litre. Error about 10 % on the level.
 */

export interface Walker {
  readonly heightCm?: number;
  readonly weightKg?: number;
}

/** A grown person of whom nothing is known: mean height and weight of European adults. */
const USUAL = { heightCm: 170, weightKg: 70 } as const;
const WALK_RATIO_M_MIN = 0.0065;
/** The ratio was found on persons of about this height. */
const RATIO_HEIGHT_CM = 165;
/** A step shorter is a shuffle, which the ratio does not describe; nobody's is longer. */
const SHORTEST_M = 0.3;
const LONGEST_M = 1.6;
/** From this speed people run (ACSM). */
const RUNNING_M_MIN = 134;
const KCAL_PER_LITRE = 5;

/** Length of a step, m, at a cadence in steps a minute. */
export function stepLengthM(cadence: number, { heightCm = USUAL.heightCm }: Walker = {}): number {
  return Math.min(LONGEST_M, Math.max(SHORTEST_M, WALK_RATIO_M_MIN * cadence * (heightCm / RATIO_HEIGHT_CM)));
}

export interface Effort {
  readonly distanceM: number;
  /** Beyond what rest would have taken. */
  readonly activeKcal: number;
}

/** Of steps taken at a cadence. */
export function effortOf(steps: number, cadence: number, walker: Walker = {}): Effort {
  if (!(steps > 0) || !(cadence > 0)) return { distanceM: 0, activeKcal: 0 };
  const distanceM = steps * stepLengthM(cadence, walker);
  const minutes = steps / cadence;
  const speed = distanceM / minutes;
  const mlPerKgMin = speed * (speed < RUNNING_M_MIN ? 0.1 : 0.2);
  const activeKcal = (mlPerKgMin / 1000) * (walker.weightKg ?? USUAL.weightKg) * minutes * KCAL_PER_LITRE;
  return { distanceM, activeKcal };
}
