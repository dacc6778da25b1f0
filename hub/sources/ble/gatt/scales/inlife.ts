/**
 * Inlife ("000FatScale01" and its kin): 14-byte frames that open with 0x02 on FFF1.
 *
 * Layout, big-endian: weight 2 (0.1 kg); where byte 11 is 0x80 or 0x81 the impedance at 4 (32 bits); else lean mass at 4
 * (24 bits, g), visceral fat at 7 and basal metabolism at 9 in tenths. Source: openScale's and ble-scale-sync's descriptions.
 */
import { asByte, u8, u16be, u24be, u32be, xor8 } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const START = 0x02;
const END = 0xaa;

export const inlife: ScaleFamily<null> = {
  id: 'inlife',
  model: 'Inlife',
  subscribe: ['fff1'],
  whole: ['weight', 'impedance'],
  holdMs: 4000,
  formula: 'standard-impedance',
  memory: nothing,
  connected: ({ profile: { sex, heightCm, ageYears } }) => {
    const body = [START, 0xd2, 0x01, sex === 'male' ? 0 : 1, 0x01, asByte(ageYears), asByte(heightCm), 0, 0, 0, 0, 0];
    return { memory: null, requests: [write('fff2', [...body, xor8(body), END])] };
  },
  heard: (memory, _, bytes) => {
    if (bytes.length < 14 || u8(bytes, 0) !== START) return { memory };
    const weight = u16be(bytes, 2) / 10;
    const mode = u8(bytes, 11);
    if (mode === 0x80 || mode === 0x81) return { memory, ...weighing({ weight, impedance: u32be(bytes, 4) }, 'settled') };
    const composition = {
      fat_free_mass: u24be(bytes, 4) / 1000,
      visceral_fat: u16be(bytes, 7) / 10,
      basal_metabolism: u16be(bytes, 9) / 10,
    };
    return { memory, ...weighing({ weight, ...composition }, 'settled') };
  },
};
