/**
 * Simulated movement, as magnitudes of acceleration in g over seconds, with the spectra that are stated at each. Each is a
 * function of time, so that any rate can sample it, and the same for the same seed.
 */
import { seededRandom } from './noise.ts';

type Movement = (s: number) => number;

/** Walking: the step's frequency with its second and third harmonics, and a stride's asymmetry; `g` is the step's amplitude. */
export const walk =
  (stepsHz: number, g = 0.25): Movement =>
  (s) => {
    const phase = 2 * Math.PI * stepsHz * s;
    return 1 + g * (Math.sin(phase) + 0.4 * Math.sin(2 * phase + 0.7) + 0.15 * Math.sin(3 * phase) + 0.25 * Math.sin(phase / 2 + 0.3));
  };

/** Sum of sines with frequencies at random within a band: noise with a flat spectrum there; `rms` in g. */
function bandNoise(seed: number, lowHz: number, highHz: number, rms: number, lines = 30): Movement {
  const random = seededRandom(seed);
  const parts = Array.from({ length: lines }, () => ({ hz: lowHz + (highHz - lowHz) * random(), phase: 2 * Math.PI * random() }));
  const amplitude = rms * Math.sqrt(2 / lines);
  return (s) => parts.reduce((sum, { hz, phase }) => sum + amplitude * Math.sin(2 * Math.PI * hz * s + phase), 0);
}

/** Typing: key strokes at 2 to 8 a second at random times, each a shock of 20 ms and 0.05 to 0.15 g; the wrist turns below 0.5 Hz. */
export function typing(seed: number): Movement {
  const random = seededRandom(seed);
  const strokes: { at: number; g: number }[] = [];
  for (let at = 0; at < 600; at += 0.125 + 0.375 * random()) strokes.push({ at, g: 0.05 + 0.1 * random() });
  const sway = bandNoise(seed + 1, 0.05, 0.5, 0.03);
  let from = 0;
  return (s) => {
    while (from < strokes.length - 1 && strokes[from + 1]!.at < s - 0.2) from++;
    let g = 1 + sway(s);
    for (let k = from; k < strokes.length && strokes[k]!.at <= s + 0.1; k++)
      g += strokes[k]!.g * Math.exp(-(((s - strokes[k]!.at) / 0.02) ** 2));
    return g;
  };
}

/**
 * Driving: the body on its springs at 0.9 to 1.9 Hz, wheel hop at 10 to 14 Hz with 0.04 g rms, and turns. 0.3 m/s2 rms on the springs is
 * where ISO 2631-1 ends "not uncomfortable".
 */
export function carRide(seed: number, springsG = 0.03): Movement {
  const parts = [bandNoise(seed, 0.9, 1.9, springsG), bandNoise(seed + 1, 10, 14, 0.04), bandNoise(seed + 2, 0.02, 0.3, 0.05)];
  return (s) => parts.reduce((sum, part) => sum + part(s), 1);
}

/** A table that is knocked at random each 0.5 to 4 s and rings at 7 Hz, decaying within 0.4 s, up to 0.3 g. */
export function shakenTable(seed: number): Movement {
  const random = seededRandom(seed);
  const knocks: { at: number; g: number }[] = [];
  for (let at = 0; at < 600; at += 0.5 + 3.5 * random()) knocks.push({ at, g: 0.1 + 0.2 * random() });
  let from = 0;
  return (s) => {
    while (from < knocks.length - 1 && knocks[from]!.at < s - 3) from++;
    let g = 1;
    for (let k = from; k < knocks.length && knocks[k]!.at <= s; k++) {
      const since = s - knocks[k]!.at;
      g += knocks[k]!.g * Math.exp(-since / 0.4) * Math.sin(2 * Math.PI * 7 * since);
    }
    return g;
  };
}

/** A washing machine that spins at 13 Hz with 0.1 g, with its harmonic. */
export const washingMachine =
  (seed: number): Movement =>
  (s) =>
    1 + 0.1 * Math.sin(2 * Math.PI * 13 * s + seed) + 0.03 * Math.sin(2 * Math.PI * 26 * s);
