/**
 * The discrete Laplace mechanism: whole-numbered noise with P(x) proportional to exp(-|x| epsilon / sensitivity), drawn exactly.
 *
 * Why discrete: Laplace noise made of floating-point numbers leaves holes in its low bits through which the true value shows (Mironov,
 * "On Significance of the Least Significant Bits for Differential Privacy", CCS 2012). Here are whole numbers and fair draws alone.
 * Sampler: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020, algorithms 1 and 2. That whole-
 * numbered (geometric) noise gives epsilon-differential privacy: Ghosh, Roughgarden, Sundararajan, STOC 2009.
 */

/** A fair draw from 0 to `most` - 1; from a cryptographic source where it is meant to protect. */
export type Below = (most: number) => number;

/** Draws of one sample; the chance to need as many is below 1e-100. */
const MOST_DRAWS = 10_000;

/** True with probability exp(-numerator / denominator), for a fraction from 0 to 1. */
function bernoulliExp(numerator: number, denominator: number, below: Below): boolean {
  let k = 1;
  while (k < MOST_DRAWS && below(denominator * k) < numerator) k++;
  return k % 2 === 1;
}

/**
 * Noise for a value that one person can change by `sensitivity` at most, at epsilon = `epsilonMilli` / 1000. Throws RangeError for what is
 * no positive whole number, or so large that draws would not be fair any more.
 */
export function discreteLaplace(sensitivity: number, epsilonMilli: number, below: Below): number {
  const scale = sensitivity * 1000;
  for (const [name, value] of [
    ['sensitivity', sensitivity],
    ['epsilonMilli', epsilonMilli],
  ] as const)
    if (!Number.isInteger(value) || value < 1 || value > 1_000_000)
      throw new RangeError(`${name} is ${value}: a whole number from 1 to a million`);
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const u = below(scale);
    if (!bernoulliExp(u, scale, below)) continue;
    let v = 0;
    while (v < MOST_DRAWS && bernoulliExp(1, 1, below)) v++;
    const magnitude = Math.floor((u + scale * v) / epsilonMilli);
    const isNegative = below(2) === 1;
    // Zero has one sign, else it would come twice as often.
    if (isNegative && magnitude === 0) continue;
    return isNegative ? -magnitude : magnitude;
  }
  throw new Error('the source of randomness is not fair');
}
