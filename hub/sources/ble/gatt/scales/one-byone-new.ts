/**
 * 1byone scales of the newer protocol ("1byone scale"): frames that open with AB 2A on FFB2.
 *
 * Byte 2 is the type: 0x80 the final weight at 3 (24 bits big-endian of which 18 count, g); 0x01 the impedance at 4
 * (big-endian, ohm); 0x00 with 0x80 in byte 7 a stored record. Source: openScale's and ble-scale-sync's descriptions.
 */
import { sum8, u8, u16be, u24be } from '../bytes.ts';
import { type ScaleFamily, weighing, write } from './family.ts';

const GREETING = [0xab, 0x2a, ...new Array<number>(17).fill(0)];
const EIGHTEEN_BITS = 0x03ffff;

interface Memory {
  readonly weight: number;
  readonly impedance: number;
}

export const oneByoneNew: ScaleFamily<Memory> = {
  id: 'one-byone-new',
  model: '1byone (newer)',
  subscribe: ['ffb2'],
  whole: ['weight', 'impedance'],
  holdMs: 8000,
  formula: 'one-byone-new',
  memory: () => ({ weight: 0, impedance: 0 }),
  // The last byte is the sum of those after the first two, and two more of the header.
  connected: () => ({ memory: { weight: 0, impedance: 0 }, requests: [write('ffb1', [...GREETING, sum8([...GREETING, 0x02])])] }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 6 || u8(bytes, 0) !== 0xab || u8(bytes, 1) !== 0x2a) return { memory };
    const type = u8(bytes, 2);
    if (type !== 0x80 && type !== 0x01) return { memory };
    const next =
      type === 0x80 ? { ...memory, weight: (u24be(bytes, 3) & EIGHTEEN_BITS) / 1000 } : { ...memory, impedance: u16be(bytes, 4) };
    return { memory: next, ...weighing({ ...next }, 'settled') };
  },
};
