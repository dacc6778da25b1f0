/**
 * How well a device measures, as technical quantities: how many samples came, how many are missing, spoiled or at the end of the scale, and
 * how much the converter's reading trembles while nothing moves. Plain state, no clock.
 */
import type { Reading } from '../protocol/measurement.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import { type MonotonicMs, monotonicMs } from '../protocol/time.ts';

/** The first look after a minute, so that a new rig shows itself; then few rows, since an SD card holds them for years. */
export const FIRST_HEALTH_MS = 60_000;
export const HEALTH_EVERY_MS = 600_000;
/** A crystal keeps 0.01 %, an RC oscillator 2 to 5 %: more is a fault, or samples that were lost. */
export const MOST_RATE_DRIFT = 0.05;

/** The Pi lowers its clock below 4.63 V, and sensors read wrongly before that. */
const SUPPLY_LOW = "the Pi's supply is below 4.63 V: use its own power supply, and a short thick cable";

export const healthQuantities = [
  'sample_rate',
  'missed_samples',
  'spoiled_samples',
  'saturated_samples',
] as const satisfies readonly QuantityId[];

export interface Health {
  /** Samples that came; `atMs` is the device's monotonic time. */
  samples(count: number, atMs: number): void;
  spoiled(): void;
  saturated(): void;
  missed(count: number): void;
  /** A reading while nothing moves, for the noise floor. */
  quiet(value: number): void;
  /** The report, when it is due; the counts start anew with it. */
  due(nowMs: number): HealthReport | undefined;
}

export interface HealthReport {
  readonly readings: readonly Reading[];
  /** What a person should know; empty when all is well. */
  readonly message: string;
}

/**
 * `rateHz`: samples a second that the chip is set to; undefined when it sends as it likes. `isSupplyLow`: whether the machine's supply is below what
 * it needs; undefined where nothing measures it.
 */
export function createHealth(
  startMs: number,
  rateHz: number | undefined,
  isSupplyLow: () => boolean | undefined = () => undefined,
): Health {
  let fromMs = startMs;
  let everyMs = FIRST_HEALTH_MS;
  let samples = 0;
  let spoiled = 0;
  let saturated = 0;
  let missed = 0;
  let lastQuiet: number | undefined;
  let wasOff = false;
  let squares = 0;
  let pairs = 0;

  const report = (at: MonotonicMs): HealthReport => {
    const spanMs = Math.round(at - fromMs);
    const rate = (samples * 1000) / spanMs;
    const low = isSupplyLow();
    const reading = (quantity: QuantityId, value: number): Reading => ({ quantity, value, at, spanMs });
    const readings = [
      reading('sample_rate', rate),
      reading('missed_samples', missed),
      reading('spoiled_samples', spoiled),
      reading('saturated_samples', saturated),
      // From neighbour to neighbour: slow change of load or temperature is no noise (half the mean square of the differences).
      ...(low === undefined ? [] : [reading('undervoltage', low ? 1 : 0)]),
      ...(pairs > 0 ? [reading('noise_floor', Math.sqrt(squares / pairs / 2))] : []),
    ];
    const isOff = rateHz !== undefined && Math.abs(rate / rateHz - 1) > MOST_RATE_DRIFT;
    // Once may be a machine that was busy for a moment: it is looked at again soon, and told when it stays.
    const isLasting = isOff && wasOff;
    wasOff = isOff;
    const drift = `${rate.toFixed(1)} samples a second came where ${rateHz} are set: the line is too slow, or the chip's clock is off`;
    const message = low === true ? SUPPLY_LOW : isLasting ? drift : '';
    return { readings, message };
  };

  return {
    samples(count) {
      samples += count;
    },
    spoiled() {
      spoiled++;
    },
    saturated() {
      saturated++;
    },
    missed(count) {
      missed += count;
    },
    quiet(value) {
      if (lastQuiet !== undefined) {
        squares += (value - lastQuiet) ** 2;
        pairs++;
      }
      lastQuiet = value;
    },
    due(nowMs) {
      if (nowMs - fromMs < everyMs) return undefined;
      const done = report(monotonicMs(nowMs));
      fromMs = nowMs;
      everyMs = wasOff ? FIRST_HEALTH_MS : HEALTH_EVERY_MS;
      samples = spoiled = saturated = missed = squares = pairs = 0;
      lastQuiet = undefined;
      return done;
    },
  };
}
