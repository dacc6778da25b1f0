/**
 * What a person's feet do to a plate: weight shifts on in half a second with an overshoot, then the reading sways with
 * posture, breathing and the heart, as recordings of standing people show (their spread: 0.1 to 0.2 % of the weight).
 */
import type { Random } from './random.ts';

const STEP_ON_MS = 600;
const STEP_OFF_MS = 300;
/** Postural sway, breathing and ballistocardiogram as parts of body weight, with their usual frequencies in Hz. */
const swings = [
  { part: 0.0006, hz: 0.35 },
  { part: 0.0005, hz: 0.25 },
  { part: 0.0009, hz: 1.15 },
  { part: 0.0007, hz: 4.3 },
] as const;
const TREMOR_PART = 0.0008;

/** A time during which somebody stands on the plate. */
export interface Standing {
  readonly kg: number;
  readonly fromMs: number;
  /** Infinity while nobody has said to step off. */
  untilMs: number;
}

/** Load on the plate in kg at a time. */
export function loadOf({ kg, fromMs, untilMs }: Standing, nowMs: number, random: Random): number {
  if (nowMs < fromMs || nowMs > untilMs + STEP_OFF_MS) return 0;
  const sinceMs = nowMs - fromMs;
  const leavingMs = nowMs - untilMs;
  if (leavingMs > 0) return kg * (1 - leavingMs / STEP_OFF_MS) ** 2;
  const on = Math.min(1, sinceMs / STEP_ON_MS);
  const rise = on * on * (3 - 2 * on);
  // Landing: 8 % too much at first, gone in a second.
  const landing = sinceMs < STEP_ON_MS ? 0 : 0.08 * Math.exp(-(sinceMs - STEP_ON_MS) / 220) * Math.cos((sinceMs - STEP_ON_MS) / 70);
  const sway = swings.reduce((sum, { part, hz }, index) => sum + part * Math.sin((2 * Math.PI * hz * sinceMs) / 1000 + index * 1.7), 0);
  return kg * (rise + landing + sway * on + TREMOR_PART * on * random.normal());
}
