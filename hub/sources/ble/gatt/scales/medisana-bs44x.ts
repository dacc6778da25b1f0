/**
 * Medisana BS430/440/444: the weight on 8A21, the composition on 8A22, both stored records that it gives one after another.
 *
 * Layout, little-endian: weight frame (under 16 bytes): weight 1 (0.01 kg), seconds at 5; feature frame (16 and more): fat 8,
 * water 10, muscle 12, bone 14, twelve bits each in tenths. The clock is written as Unix seconds.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { le32, u16le } from '../bytes.ts';
import { type ScaleFamily, type ScaleRequest, type ScaleTime, valuesOf, weighing, write } from './family.ts';

const TIME = 0x02;
const TWELVE_BITS = 0x0fff;

interface Memory {
  readonly weight: number;
  readonly fat_ratio?: number;
  readonly water_ratio?: number;
  readonly muscle_ratio?: number;
  readonly bone_mass?: number;
}

const clock = (time: ScaleTime | null): ScaleRequest[] =>
  time === null ? [] : [write('8a81', [TIME, ...le32(Math.floor(time.utcMs / 1000))], true)];

export const medisanaBs44x: ScaleFamily<Memory> = {
  id: 'medisana-bs44x',
  model: 'Medisana BS44x',
  subscribe: ['8a21', '8a22'],
  whole: ['weight', 'fat_ratio'],
  holdMs: 5000,
  memory: () => ({ weight: 0 }),
  connected: ({ time }) => ({ memory: { weight: 0 }, requests: clock(time) }),
  timeKnown: (memory, { time }) => ({ memory, requests: clock(time) }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 3) return { memory };
    const tenths = (at: number): number => (u16le(bytes, at) & TWELVE_BITS) / 10;
    const weight = u16le(bytes, 1) / 100;
    const next: Memory =
      bytes.length >= 16
        ? { ...memory, fat_ratio: tenths(8), water_ratio: tenths(10), muscle_ratio: tenths(12), bone_mass: tenths(14) }
        : { ...memory, weight: weight > 0 ? weight : memory.weight };
    return { memory: next, ...(valuesOf({ weight: next.weight }).length > 0 && weighing({ ...next }, 'settled')) };
  },
};
