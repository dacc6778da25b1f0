/**
 * Active Era BF-06 ("AE BS-06"): 20-byte frames that open with 0xAC on FFB2; byte 18 is the type.
 *
 * 0xD5: weight at 3 (24 bits big-endian of which 18 count, g), not zero in byte 2 when it is stable. 0xD6: impedance at 4
 * (big-endian); 1500 and more is in another scale. Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u8, u16be, u24be } from '../bytes.ts';
import { type ScaleFamily, weighing, write } from './family.ts';

const START = 0xac;
const EIGHTEEN_BITS = 0x03ffff;
const OTHER_SCALE_OHM = 1500;

interface Memory {
  readonly weight: number;
  readonly impedance: number;
}

export const activeEra: ScaleFamily<Memory> = {
  id: 'active-era',
  model: 'Active Era BF-06',
  subscribe: ['ffb2'],
  whole: ['weight', 'impedance'],
  holdMs: 8000,
  formula: 'standard-impedance',
  memory: () => ({ weight: 0, impedance: 0 }),
  connected: () => ({ memory: { weight: 0, impedance: 0 }, requests: [write('ffb1', [START, 0x27, ...new Array<number>(18).fill(0)])] }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 20 || u8(bytes, 0) !== START) return { memory };
    const type = u8(bytes, 18);
    if (type === 0xd5) {
      const next = { ...memory, weight: (u24be(bytes, 3) & EIGHTEEN_BITS) / 1000 };
      return { memory: next, ...weighing({ ...next }, u8(bytes, 2) === 0 ? 'live' : 'settled') };
    }
    if (type !== 0xd6) return { memory };
    const raw = u16be(bytes, 4);
    const impedance = raw >= OTHER_SCALE_OHM ? (raw - 1000 - memory.weight * 4) / 6 : raw;
    const next = { ...memory, impedance };
    return { memory: next, ...weighing({ ...next }, 'settled') };
  },
};
