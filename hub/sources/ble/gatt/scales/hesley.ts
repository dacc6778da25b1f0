/**
 * Hesley ("YunChen"): one final notification of 20 bytes on FFF4 after a fixed greeting.
 *
 * Layout, big-endian: weight 2 (0.01 kg); fat 4, water 8, muscle 10, bone 12 in tenths.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u16be } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const GREETING = [0xa5, 0x01, 0x2c, 0xab, 0x50, 0x5a, 0x29];

export const hesley: ScaleFamily<null> = {
  id: 'hesley',
  model: 'Hesley',
  subscribe: ['fff4'],
  whole: ['weight'],
  holdMs: 3000,
  memory: nothing,
  connected: () => ({ memory: null, requests: [write('fff1', GREETING)] }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 14) return { memory };
    const composition = {
      fat_ratio: u16be(bytes, 4) / 10,
      water_ratio: u16be(bytes, 8) / 10,
      muscle_ratio: u16be(bytes, 10) / 10,
      bone_mass: u16be(bytes, 12) / 10,
    };
    return { memory, ...weighing({ weight: u16be(bytes, 2) / 100, ...composition }, 'settled') };
  },
};
