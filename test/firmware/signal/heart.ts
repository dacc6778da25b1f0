/**
 * Simulated load of somebody in bed: a ballistocardiogram with the waves H to N as Gaussians (times and heights after Starr 1939 and
 * Inan 2015), beats that follow breathing (respiratory sinus arrhythmia 4 %) and scatter (2 %), breathing, sway and the cell's noise.
 */
import { seededNormal } from './noise.ts';

/** Seconds after the beat, height, width. */
const WAVES = [
  [0.1, 0.3, 0.022],
  [0.15, -0.55, 0.024],
  [0.21, 1, 0.028],
  [0.29, -0.75, 0.032],
  [0.37, 0.45, 0.035],
  [0.45, -0.25, 0.04],
] as const;

export interface Sleeper {
  readonly beatsPerMinute: number;
  readonly breathsPerMinute: number;
  /** Height of the J wave, kg. */
  readonly jKg: number;
  readonly breathKg: number;
  /** Standard deviation of a sample, kg. */
  readonly noiseKg: number;
  /** Seconds at which the sleeper turns over. */
  readonly turns?: readonly number[];
  readonly seed: number;
}

export function sleeperLoad(sleeper: Sleeper, seconds: number, rateHz: number): Float64Array {
  const { beatsPerMinute, breathsPerMinute, jKg, breathKg, noiseKg, turns = [], seed } = sleeper;
  const normal = seededNormal(seed);
  const breath = (s: number): number => Math.sin((2 * Math.PI * breathsPerMinute * s) / 60);
  const load = new Float64Array(seconds * rateHz);
  for (let at = 0; at < load.length; at++) {
    const s = at / rateHz;
    const sway = 0.05 * Math.sin(0.21 * s) + 0.03 * Math.sin(0.057 * s + 1);
    load[at] = 70 + breathKg * breath(s) + sway + noiseKg * normal();
  }
  let beat = 0.3;
  while (beat < seconds) {
    const height = jKg * (1 + 0.15 * normal());
    for (let at = Math.ceil(beat * rateHz); at < Math.min(load.length, (beat + 0.6) * rateHz); at++) {
      for (const [when, wave, width] of WAVES) load[at]! += height * wave * Math.exp(-(((at / rateHz - beat - when) / width) ** 2) / 2);
    }
    beat += (60 / beatsPerMinute) * (1 + 0.04 * breath(beat) + 0.02 * normal());
  }
  for (const turn of turns) {
    for (let at = Math.round(turn * rateHz); at < Math.min(load.length, (turn + 3) * rateHz); at++) load[at]! += 4 * normal();
  }
  return load;
}
