/**
 * Scales of the FFB0 service that speak in 8-byte "AC 02" commands: Taylor 5331891 and FitTrack Dara.
 *
 * Command: AC 02, four bytes, CC, sum of bytes 2 to 6. Taylor (AC 27, 20 bytes): 0x80 in byte 2 when settled, weight in g of 17
 * bits, the lowest of byte 3 and bytes 4 and 5. FitTrack: weight 2 (big-endian, tenths of what the display shows), state 6 (0xCE
 * moving, 0xCA settled); then pairs FE, index, value, CB of what it computed, and two long frames at the end.
 * Source: openScale's descriptions of captures.
 */
import { asByte, sum8, u8, u16be } from '../bytes.ts';
import type { CivilTime } from '../civil-time.ts';
import { type Heard, type ScaleContext, type ScaleFamily, type ScaleRequest, weighing, write } from './family.ts';
import { isAc02 } from './hutbit.ts';

const KG_PER = { kg: 1, lb: 0.45359237, st: 6.35029318 } as const;
/** The scale says the same weight so often when nobody moves. */
const STEADY_COUNT = 4;

/** An 8-byte command. */
export function ac02(a: number, b: number, c: number, d: number): number[] {
  const body = [a, b, c, d, 0xcc];
  return [0xac, 0x02, ...body, sum8(body)];
}

/** Weight in kg of a Taylor frame's channel and value. */
export const taylorWeight = (bytes: Uint8Array, at: number): number => ((u8(bytes, at) & 1) * 0x1_0000 + u16be(bytes, at + 1)) / 1000;

/** Weight in kg of tenths of a unit. */
export const fromTenths = (tenths: number, unit: keyof typeof KG_PER): number => (tenths / 10) * KG_PER[unit];

const clock = ({ year, month, day, hour, minute, second }: CivilTime): number[][] => [
  ac02(0xfd, (year ?? 0) % 100, month ?? 1, day ?? 1),
  ac02(0xfc, hour, minute, second),
];

const greet = (
  { time, profile: { sex, ageYears, heightCm, displayUnit = 'kg' } }: ScaleContext,
  units: Readonly<Record<keyof typeof KG_PER, number>>,
  withResponse: boolean,
): ScaleRequest[] =>
  [
    ac02(0xf7, 0, 0, 0),
    ac02(0xfa, 0, 0, 0),
    ac02(0xfb, sex === 'male' ? 1 : 2, asByte(ageYears), asByte(heightCm)),
    ...(time === null ? [] : clock(time.civil)),
    ac02(0xfe, 0x06, units[displayUnit], 0),
  ].map((bytes) => write('ffb1', bytes, withResponse));

interface Steady {
  readonly last: number;
  readonly count: number;
}
const again = ({ last, count }: Steady, value: number): Steady => ({ last: value, count: value === last ? count + 1 : 1 });

export const taylorBia: ScaleFamily<Steady> = {
  id: 'taylor-bia',
  model: 'Taylor 5331891',
  subscribe: ['ffb2'],
  whole: ['weight'],
  holdMs: 8000,
  memory: () => ({ last: 0, count: 0 }),
  connected: (context) => ({ memory: { last: 0, count: 0 }, requests: greet(context, { kg: 1, lb: 2, st: 3 }, true) }),
  heard: (memory, _, bytes): Heard<Steady> => {
    // Short frames of a channel and a value are the same without what follows.
    if (bytes.length < 6 || u8(bytes, 0) !== 0xac || u8(bytes, 1) !== 0x27) return { memory };
    const [flag, channel] = [u8(bytes, 2), u8(bytes, 3)];
    if (flag === 0x01 && channel === 0x00) return { memory, ...weighing({ weight: taylorWeight(bytes, 8) }, 'settled') };
    if (channel !== 0x8c && channel !== 0x8d) return { memory };
    const weight = taylorWeight(bytes, 3);
    const next = again(memory, weight);
    return { memory: next, ...weighing({ weight }, flag === 0x80 || next.count >= STEADY_COUNT ? 'settled' : 'live') };
  },
};

interface FitTrack {
  readonly steady: Steady;
  readonly weight: number;
  readonly metrics: Readonly<Record<number, number>>;
}
const noMetrics: FitTrack = { steady: { last: 0, count: 0 }, weight: 0, metrics: {} };

/** What the scale computed, by its index. */
const compositionOf = (metrics: Readonly<Record<number, number>>): Parameters<typeof weighing>[0] => {
  const tenths = (index: number): number | undefined => (metrics[index] === undefined ? undefined : metrics[index] / 10);
  return {
    bmi: tenths(1),
    fat_ratio: tenths(2),
    visceral_fat: metrics[4],
    fat_free_mass: tenths(5),
    basal_metabolism: metrics[6],
    bone_mass: tenths(7),
    water_ratio: tenths(8),
    metabolic_age: metrics[9],
    protein_ratio: tenths(10),
  };
};

export const fitTrackDara: ScaleFamily<FitTrack> = {
  id: 'fittrack-dara',
  model: 'FitTrack Dara',
  subscribe: ['ffb2'],
  whole: ['weight', 'fat_ratio', 'water_ratio'],
  holdMs: 10_000,
  memory: () => noMetrics,
  connected: (context) => ({ memory: noMetrics, requests: greet(context, { kg: 0, lb: 1, st: 2 }, false) }),
  heard: (memory, _, bytes, { profile: { displayUnit = 'kg' } }): Heard<FitTrack> => {
    const { metrics } = memory;
    const give = (next: FitTrack, progress: 'live' | 'settled' | 'final'): Heard<FitTrack> => ({
      memory: next,
      ...weighing(
        { weight: next.metrics[0] === undefined ? next.weight : fromTenths(next.metrics[0], displayUnit), ...compositionOf(next.metrics) },
        progress,
      ),
    });
    if (bytes.length >= 20 && u8(bytes, 0) === 0x01 && u8(bytes, 1) === 0x00) return give(memory, 'final');
    if (bytes.length >= 20 && u8(bytes, 0) === 0xac && u8(bytes, 2) === 0xff) {
      const head = Object.fromEntries([0, 1, 2, 3].map((index) => [index, u16be(bytes, 12 + 2 * index)]));
      return { memory: { ...memory, metrics: { ...head, ...metrics } } };
    }
    if (!isAc02(bytes)) return { memory };
    const state = u8(bytes, 6);
    if (state === 0xcb && u8(bytes, 2) === 0xfe) return { memory: { ...memory, metrics: { ...metrics, [u8(bytes, 3)]: u16be(bytes, 4) } } };
    if (state !== 0xce && state !== 0xca) return { memory };
    const tenths = u16be(bytes, 2);
    const steady = again(memory.steady, tenths);
    const next = { ...memory, steady, weight: fromTenths(tenths, displayUnit) };
    return give(next, state === 0xca || steady.count >= STEADY_COUNT ? 'settled' : 'live');
  },
};
