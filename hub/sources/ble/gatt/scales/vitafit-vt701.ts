/**
 * Vitafit VT701: frames 5A, length, 26, kind, …, exclusive or, AA on FFF1; ours open with A5.
 *
 * Kind 0x10: 2 in byte 4 when settled, weight 8 (big-endian, 0.01 kg); acknowledged, the impedance follows in kind 0x11 at 9
 * (ohm). Source: openScale's description of captures.
 */
import { u8, u16be, xor8 } from '../bytes.ts';
import { type ScaleFamily, weighing, write } from './family.ts';

const PRODUCT = 0x26;
const END = 0xaa;
const SETTLED = 0x02;

export function vitafitCommand(kind: number, ...data: number[]): number[] {
  const body = [data.length + 4, PRODUCT, kind, ...data];
  return [0xa5, ...body, xor8(body), END];
}

/** Whether a frame has its length and its exclusive or right. */
export const isVitafitFrame = (bytes: Uint8Array): boolean =>
  bytes.length >= 6 &&
  u8(bytes, 0) === 0x5a &&
  u8(bytes, 1) === bytes.length - 2 &&
  u8(bytes, 2) === PRODUCT &&
  u8(bytes, bytes.length - 1) === END &&
  xor8(bytes, 1, bytes.length - 2) === u8(bytes, bytes.length - 2);

/** Impedance of a frame of kind 0x11 in ohm; 0 for any other. */
export const vitafitImpedance = (bytes: Uint8Array): number =>
  isVitafitFrame(bytes) && u8(bytes, 3) === 0x11 && bytes.length >= 13 ? u16be(bytes, 9) : 0;

interface Memory {
  readonly weight: number;
}

export const vitafitVt701: ScaleFamily<Memory> = {
  id: 'vitafit-vt701',
  model: 'Vitafit VT701',
  subscribe: ['fff1'],
  whole: ['weight', 'impedance'],
  holdMs: 6000,
  formula: 'standard-impedance',
  memory: () => ({ weight: 0 }),
  connected: () => ({
    memory: { weight: 0 },
    requests: [vitafitCommand(0x33, 0), vitafitCommand(0x44), vitafitCommand(0x17, 1)].map((bytes) => write('fff2', bytes)),
  }),
  heard: (memory, _, bytes) => {
    const impedance = vitafitImpedance(bytes);
    if (impedance > 0)
      return { memory, requests: [write('fff2', vitafitCommand(0x11, 0))], ...weighing({ weight: memory.weight, impedance }, 'settled') };
    if (!isVitafitFrame(bytes) || u8(bytes, 3) !== 0x10 || bytes.length < 12) return { memory };
    const weight = u16be(bytes, 8) / 100;
    if (u8(bytes, 4) !== SETTLED) return { memory, ...weighing({ weight }, 'live') };
    return { memory: { weight }, requests: [write('fff2', vitafitCommand(0x10, SETTLED))], ...weighing({ weight }, 'settled') };
  },
};
