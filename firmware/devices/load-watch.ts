/**
 * Looks at a load cell's readings for what no load does: a broken or swapped wire, an input that floats, a converter at the end of its scale.
 * Plain state, no clock. What it finds is told to people; such readings are kept as counts and are never a weight.
 */

/** Shorter than this a fault may be a knock. */
const FAULT_AFTER_MS = 1000;
/** And it is over when nothing was wrong for so long. */
const WELL_AFTER_MS = 1000;
/** The noise of a 24-bit converter at gain 128 is tens of counts: so many equal readings in a row are no measurement. */
const MOST_EQUAL = 40;
const EQUAL_FOR_MS = 5000;
/** A plate that was taken off makes some kilograms of minus; more is a bridge wired the other way round. */
const MOST_NEGATIVE_KG = 10;
/** Nobody weighs more, and a scale's cells are spoiled before. */
const MOST_KG = 300;
/** From sample to sample; a person who jumps makes this for a second, a loose wire for ever. */
const MOST_NOISE_KG = 5;
const NOISY_FOR_MS = 4000;

export type LoadFault = 'saturated' | 'frozen' | 'reversed' | 'implausible' | 'noisy';

export interface WatchedSample {
  readonly atMs: number;
  readonly kg: number;
  /** Undefined for an instrument that gives masses. */
  readonly counts: number | undefined;
  readonly isSaturated: boolean;
  /** Whether its converter always trembles; a sketch that averages or rounds need not. */
  readonly trembles: boolean;
}

export interface LoadWatch {
  /** Takes a sample. True: it may be weighed; false: something is, or begins to be, wrong with it. */
  push(sample: WatchedSample): boolean;
  /** What is wrong, to be told; undefined while all is well. */
  readonly fault: LoadFault | undefined;
  /** The same in words, with what to do; empty while all is well. */
  readonly message: string;
}

export function createLoadWatch(): LoadWatch {
  let fault: LoadFault | undefined;
  let message = '';
  let suspectedFault: LoadFault | undefined;
  let suspectedMs = 0;
  let wellMs: number | undefined;
  let last: WatchedSample | undefined;
  let equal = 1;
  let equalFromMs = 0;
  let noisyFromMs: number | undefined;
  let noiseKg = 0;

  const look = (sample: WatchedSample): { fault: LoadFault; message: string; afterMs: number } | undefined => {
    const { kg, counts, isSaturated, trembles, atMs } = sample;
    const load = `${kg.toFixed(1)} kg`;
    if (isSaturated)
      return {
        fault: 'saturated',
        message: `the converter is at the end of its scale (${counts}): a wire of the load cell is broken (E+, E-, A+, A-), or the gain is too high`,
        afterMs: FAULT_AFTER_MS,
      };
    if (trembles && equal >= MOST_EQUAL && atMs - equalFromMs >= EQUAL_FOR_MS)
      return {
        fault: 'frozen',
        message: `the load cell gives ${counts} again and again, without any noise: its input is not connected or shorted (A+, A-)`,
        afterMs: 0,
      };
    if (kg < -MOST_NEGATIVE_KG)
      return { fault: 'reversed', message: `the scale reads ${load}: swap the wires A+ and A- of the load cell`, afterMs: FAULT_AFTER_MS };
    if (kg > MOST_KG || !Number.isFinite(kg))
      return { fault: 'implausible', message: `the scale reads ${load}, which nobody weighs: calibrate it again`, afterMs: FAULT_AFTER_MS };
    if (noisyFromMs !== undefined && atMs - noisyFromMs >= NOISY_FOR_MS)
      return {
        fault: 'noisy',
        message: `the load cell jumps by ${noiseKg.toFixed(0)} kg from reading to reading: a wire is loose, or its screen is not grounded`,
        afterMs: 0,
      };
    return undefined;
  };
  const compare = (sample: WatchedSample): void => {
    if (last === undefined || sample.counts !== last.counts) {
      equal = 1;
      equalFromMs = sample.atMs;
    } else equal++;
    // An exponential mean over some ten samples.
    if (last !== undefined) noiseKg += (Math.abs(sample.kg - last.kg) - noiseKg) * 0.1;
    if (noiseKg <= MOST_NOISE_KG) noisyFromMs = undefined;
    else noisyFromMs ??= sample.atMs;
    last = sample;
  };

  return {
    push(sample) {
      compare(sample);
      const seen = look(sample);
      if (seen === undefined) {
        suspectedFault = undefined;
        wellMs ??= sample.atMs;
        if (fault !== undefined && sample.atMs - wellMs >= WELL_AFTER_MS) {
          fault = undefined;
          message = '';
        }
        return fault === undefined;
      }
      wellMs = undefined;
      if (suspectedFault !== seen.fault) {
        suspectedFault = seen.fault;
        suspectedMs = sample.atMs;
      }
      if (fault !== seen.fault && sample.atMs - suspectedMs >= seen.afterMs) ({ fault, message } = seen);
      return false;
    },
    get fault() {
      return fault;
    },
    get message() {
      return message;
    },
  };
}
