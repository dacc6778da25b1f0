/**
 * ES-CS20M, ES-32MD (service 0x1A10): frames on 2A10, with or without the header 55 AA.
 *
 * Kind (byte 2 with header, 0 without): 0x11 start or stop at 5; 0x14 weight at 8 (big-endian, 0.01 kg), stable at 5,
 * impedance at 10; 0x15 impedance at 9. Some firmware never sets the stable byte and ends with a stop.
 * Source: openScale's and ble-scale-sync's descriptions of the protocol.
 */
import { u8, u16be } from '../bytes.ts';
import { type Heard, type ScaleFamily, weighing, write } from './family.ts';

export const START_MEASURING = [0x55, 0xaa, 0x90, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00, 0x94] as const;
const MIN_WEIGHT_KG = 0.5;
const KINDS = [0x11, 0x14, 0x15];

interface Memory {
  readonly weight: number;
  readonly impedance: number;
}
const empty: Memory = { weight: 0, impedance: 0 };

export const esCs20m: ScaleFamily<Memory> = {
  id: 'es-cs20m',
  model: 'Renpho ES-CS20M, ES-32MD',
  subscribe: ['2a10'],
  // The stable byte or the stop is the end, with the impedance or without it.
  whole: ['weight'],
  holdMs: 5000,
  formula: 'standard-impedance',
  memory: () => empty,
  connected: () => ({ memory: empty, requests: [write('2a11', START_MEASURING)] }),
  heard: (memory, _, bytes): Heard<Memory> => {
    const kind = KINDS.includes(u8(bytes, 2)) ? u8(bytes, 2) : u8(bytes, 0);
    if (kind === 0x11 && bytes.length >= 6) {
      if (u8(bytes, 5) === 1) return { memory: empty };
      return { memory, ...(u8(bytes, 5) === 0 && weighing({ ...memory }, 'settled')) };
    }
    if (kind === 0x15 && bytes.length >= 11) return { memory: { ...memory, impedance: u16be(bytes, 9) } };
    if (kind !== 0x14 || bytes.length < 10) return { memory };
    const weight = u16be(bytes, 8) / 100;
    if (weight < MIN_WEIGHT_KG) return { memory };
    const impedance = bytes.length >= 12 && u16be(bytes, 10) > 0 ? u16be(bytes, 10) : memory.impedance;
    const next = { weight, impedance };
    return { memory: next, ...weighing(next, u8(bytes, 5) === 0 ? 'live' : 'settled') };
  },
};
