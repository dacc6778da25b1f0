/**
 * Bytes of the standard characteristics that our own devices serve. Pure.
 * Sources: GATT Specification Supplement; Weight Scale 1.0, Heart Rate 1.0, Running Speed and Cadence 1.0, Environmental Sensing 1.0,
 * Current Time 1.1 services.
 */
import type { QuantityId } from '../protocol/quantities.ts';

/** A wall clock to the second, in the device's own zone. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** From milliseconds that count as if the wall clock were UTC. */
export function wallTimeOf(wallMs: number): WallTime {
  const time = new Date(wallMs);
  return {
    year: time.getUTCFullYear(),
    month: time.getUTCMonth() + 1,
    day: time.getUTCDate(),
    hour: time.getUTCHours(),
    minute: time.getUTCMinutes(),
    second: time.getUTCSeconds(),
  };
}

const bytesOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(value / 0x100 ** index) & 0xff);
/** A whole number of steps, kept within what the field holds. */
const steps = (value: number, step: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value / step)));
const unsigned = (value: number, step: number, count: number, most = 0x100 ** count - 1): number[] =>
  bytesOf(steps(value, step, 0, most), count);
const signed16 = (value: number, step: number): number[] => {
  // -0x8000 says that the value is not known.
  const whole = steps(value, step, -0x7fff, 0x7fff);
  return bytesOf(whole < 0 ? whole + 0x10000 : whole, 2);
};
const dateTime = ({ year, month, day, hour, minute, second }: WallTime): number[] => [
  ...bytesOf(year, 2),
  month,
  day,
  hour,
  minute,
  second,
];

/** 0.005 kg steps (WSS 3.2.1.2); 0xFFFF says that a weighing failed, so the heaviest is a step below. */
const HEAVIEST = 0xfffe;
export const WEIGHT_STEP_KG = 0.005;
/** Weight Measurement, 0x2A9D: in kilograms, with the time where it is known. */
export const weightMeasurement = (kg: number, at: WallTime | undefined): Uint8Array =>
  Uint8Array.of(at === undefined ? 0x00 : 0x02, ...unsigned(kg, WEIGHT_STEP_KG, 2, HEAVIEST), ...(at === undefined ? [] : dateTime(at)));
/** Weight Scale Feature, 0x2A9E: time stamps, and steps of 0.005 kg (resolution 7 from bit 3). */
export const weightScaleFeature = (): Uint8Array => Uint8Array.from(bytesOf(0x01 | (7 << 3), 4));

/** Heart Rate Measurement, 0x2A37: beats a minute, in one byte while they fit, from a sensor that does not tell its contact. */
export const heartRateMeasurement = (perMinute: number): Uint8Array =>
  perMinute < 255.5 ? Uint8Array.of(0x00, ...unsigned(perMinute, 1, 1)) : Uint8Array.of(0x01, ...unsigned(perMinute, 1, 2));
/** Body Sensor Location, 0x2A38: other. */
export const bodySensorLocation = (): Uint8Array => Uint8Array.of(0);

/** What somebody walked, as the standard has it. */
export interface Pace {
  readonly speedMps: number;
  readonly stepsPerMinute: number;
  /** Since the device was started. */
  readonly distanceM: number;
}
/** From so many steps a minute on it is a run: people change their gait near 140. */
const RUN_STEPS = 140;
/** RSC Measurement, 0x2A53. Its cadence counts steps a minute. */
export const paceMeasurement = ({ speedMps, stepsPerMinute, distanceM }: Pace): Uint8Array =>
  Uint8Array.of(
    0x02 | (stepsPerMinute >= RUN_STEPS ? 0x04 : 0),
    ...unsigned(speedMps, 1 / 256, 2),
    ...unsigned(stepsPerMinute, 1, 1),
    ...unsigned(distanceM, 0.1, 4),
  );
/** RSC Feature, 0x2A54: total distance, and whether it is a walk or a run. */
export const paceFeature = (): Uint8Array => Uint8Array.from(bytesOf(0x06, 2));

/** Current Time, 0x2A2B. */
export function currentTime(wallMs: number): Uint8Array {
  const weekday = ((new Date(wallMs).getUTCDay() + 6) % 7) + 1;
  return Uint8Array.of(...dateTime(wallTimeOf(wallMs)), weekday, Math.floor(((wallMs % 1000) * 256) / 1000), 0);
}
/** A Current Time that was written, as milliseconds of that wall clock; undefined for bytes that are no time. */
export function wallMsOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < 7) return undefined;
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = bytes.subarray(2, 7);
  const wallMs = Date.UTC(bytes[0]! | (bytes[1]! << 8), month - 1, day, hour, minute, second);
  const is = wallTimeOf(wallMs);
  const isThat = is.month === month && is.day === day && is.hour === hour && is.minute === minute && is.second === second;
  return isThat ? wallMs + ((bytes[8] ?? 0) * 1000) / 256 : undefined;
}

/**
 * What the Environmental Sensing service tells of a room: characteristic and bytes of a value in the quantity's own unit. Particles are not among
 * it: their standard format knows no smaller step than 10 ug/m3, which is no air that people live in.
 */
export const roomCharacteristics: Partial<Record<QuantityId, { readonly uuid: string; readonly bytes: (value: number) => number[] }>> = {
  temperature: { uuid: '2a6e', bytes: (celsius) => signed16(celsius, 0.01) },
  humidity: { uuid: '2a6f', bytes: (percent) => unsigned(percent, 0.01, 2, 10_000) },
  // hPa, told in tenths of a pascal.
  pressure: { uuid: '2a6d', bytes: (hectopascal) => unsigned(hectopascal, 0.001, 4) },
  co2: { uuid: '2b8c', bytes: (ppm) => unsigned(ppm, 1, 2, 0xfffe) },
};
