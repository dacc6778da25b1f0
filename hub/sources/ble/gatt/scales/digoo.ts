/**
 * Digoo DG-SO38H ("Mengii"): 20-byte frames on FFF1 with a control byte that says what is in them.
 *
 * Layout: weight at 3 (big-endian, 0.01 kg), control at 5 (bit 0 stable, bit 1 composition), fat at 6, visceral at 10, water
 * at 11, muscle at 16, bone at 18, all in tenths. Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { asByte, sum8, u8, u16be } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const STABLE = 0x01;
const COMPOSITION = 0x02;

export const digoo: ScaleFamily<null> = {
  id: 'digoo',
  model: 'Digoo DG-SO38H',
  subscribe: ['fff1'],
  whole: ['weight', 'fat_ratio'],
  holdMs: 5000,
  memory: nothing,
  connected: ({ profile: { sex, heightCm, ageYears } }) => {
    const body = [0x09, 0x10, 0x12, 0x11, 0x0d, 0x01, asByte(heightCm), asByte(ageYears), sex === 'male' ? 0 : 1, 0x01, 0, 0, 0, 0, 0];
    return { memory: null, requests: [write('fff2', [...body, sum8(body, 3)])] };
  },
  heard: (memory, _, bytes) => {
    if (bytes.length < 19) return { memory };
    const control = u8(bytes, 5);
    const isStable = (control & STABLE) !== 0;
    const hasComposition = (control & COMPOSITION) !== 0;
    const composition = hasComposition
      ? {
          fat_ratio: u16be(bytes, 6) / 10,
          visceral_fat: u8(bytes, 10) / 10,
          water_ratio: u16be(bytes, 11) / 10,
          muscle_ratio: u16be(bytes, 16) / 10,
          bone_mass: u8(bytes, 18) / 10,
        }
      : {};
    const progress = isStable ? 'settled' : 'live';
    return { memory, ...weighing({ weight: u16be(bytes, 3) / 100, ...composition }, progress) };
  },
};
