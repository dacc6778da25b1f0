/**
 * Excelvan CF36x ("Electronic Scale"): frames that open with 0xCF on FFF4.
 *
 * Layout, big-endian in tenths: weight 4, fat 6 (0xFF in its high byte: not measured), bone 8 (one byte), muscle 9, water 12;
 * visceral fat at 11 in whole steps. Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { asByte, u8, u16be, xor8 } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const START = 0xcf;
const NOT_MEASURED = 0xff;
const UNITS = { kg: 0x01, lb: 0x02, st: 0x04 } as const;

export const excelvanCf369: ScaleFamily<null> = {
  id: 'excelvan-cf369',
  model: 'Excelvan CF369',
  subscribe: ['fff4'],
  whole: ['weight', 'fat_ratio'],
  holdMs: 5000,
  memory: nothing,
  connected: ({ profile: { sex, heightCm, ageYears, displayUnit = 'kg' } }) => {
    const body = [0xfe, 0x01, sex === 'male' ? 1 : 0, 0x01, asByte(heightCm), asByte(ageYears), UNITS[displayUnit]];
    return { memory: null, requests: [write('fff1', [...body, xor8(body, 1)])] };
  },
  heard: (memory, _, bytes) => {
    if (bytes.length < 14 || u8(bytes, 0) !== START) return { memory };
    const composition =
      u8(bytes, 6) === NOT_MEASURED
        ? {}
        : {
            fat_ratio: u16be(bytes, 6) / 10,
            bone_mass: u8(bytes, 8) / 10,
            muscle_ratio: u16be(bytes, 9) / 10,
            visceral_fat: u8(bytes, 11),
            water_ratio: u16be(bytes, 12) / 10,
          };
    return { memory, ...weighing({ weight: u16be(bytes, 4) / 10, ...composition }, 'settled') };
  },
};
