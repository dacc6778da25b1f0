/**
 * MGB family (Swan, Icomon, YG): two 20-byte frames on FFB2 after six commands.
 *
 * Frame one (AC, 02 or 03, FF): weight 12 and fat 16, big-endian in tenths. Frame two (01 00): muscle 2, bone 6, water 8,
 * little-endian in tenths. Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { asByte, u8, u16be, u16le } from '../bytes.ts';
import type { CivilTime } from '../civil-time.ts';
import { type ScaleFamily, type ScaleRequest, weighing, write } from './family.ts';

interface Memory {
  readonly weight: number;
  readonly fat_ratio?: number;
  readonly muscle_ratio?: number;
  readonly bone_mass?: number;
  readonly water_ratio?: number;
}

const UNITS = { kg: 0, lb: 1, st: 2 } as const;

const clock = ({ year, month, day, hour, minute, second }: CivilTime): ScaleRequest[] => [
  write('ffb1', [0xfd, (year ?? 0) % 100, month ?? 1, day ?? 1]),
  write('ffb1', [0xfc, hour, minute, second]),
];

export const mgb: ScaleFamily<Memory> = {
  id: 'mgb',
  model: 'MGB (Swan, Icomon, YG)',
  subscribe: ['ffb2'],
  whole: ['weight', 'fat_ratio'],
  holdMs: 5000,
  memory: () => ({ weight: 0 }),
  connected: ({ time, profile: { sex, ageYears, heightCm, displayUnit = 'kg' } }) => ({
    memory: { weight: 0 },
    requests: [
      write('ffb1', [0xf7, 0, 0, 0]),
      write('ffb1', [0xfa, 0, 0, 0]),
      write('ffb1', [0xfb, sex === 'male' ? 1 : 2, asByte(ageYears), asByte(heightCm)]),
      ...(time === null ? [] : clock(time.civil)),
      write('ffb1', [0xfe, 0x06, UNITS[displayUnit], 0]),
    ],
  }),
  timeKnown: (memory, { time }) => ({ memory, requests: time === null ? [] : clock(time.civil) }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 10) return { memory };
    const [first, second, third] = [u8(bytes, 0), u8(bytes, 1), u8(bytes, 2)];
    let next = memory;
    if (first === 0xac && (second === 0x02 || second === 0x03) && third === 0xff && bytes.length >= 18) {
      next = { ...memory, weight: u16be(bytes, 12) / 10, fat_ratio: u16be(bytes, 16) / 10 };
    } else if (first === 0x01 && second === 0x00) {
      next = { ...memory, muscle_ratio: u16le(bytes, 2) / 10, bone_mass: u16le(bytes, 6) / 10, water_ratio: u16le(bytes, 8) / 10 };
    }
    return { memory: next, ...weighing({ ...next }, 'settled') };
  },
};
