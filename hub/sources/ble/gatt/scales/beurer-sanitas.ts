/**
 * Beurer BF700/710/800, Sanitas SBF70/75, AICDSCALE1, RT Libra: one characteristic (FFE1) both ways.
 *
 * Two dialects, told apart by the name and by the start byte 0xE7 of the second:
 * - BF700/800: Unix seconds 0, weight 4, and from 16 bytes impedance 6, fat 8, water 10, muscle 12, bone 14.
 * - BF710/SBF: live 0x58 frames with the weight at 3; then the same 16 bytes in parts of a 0x59 frame (count at 2, part at 3;
 *   part 1 names the person). The scale goes on only after each frame is acknowledged. All zero: the person is not registered.
 * Big-endian; weight and bone in 50 g, the others in tenths. Source: openScale's and ble-scale-sync's descriptions.
 */
import { u8, u16be, u32be } from '../bytes.ts';
import { type ScaleContext, type ScaleFamily, type ScaleRequest, type Weighing, weighing, write } from './family.ts';

const CHARACTERISTIC = 'ffe1';
const START = 0xe7;
const KG_PER_STEP = 0.05;
const LIVE = 0x58;
const COMPOSITION = 0x59;
/** The weight has settled when so many in a row lie within so much: the first frames of a session are no weight. */
const STEADY_COUNT = 3;
const STEADY_KG = 0.3;
/** Parts of one composition: three are seen, more would be noise. */
const MAX_PARTS = 8;
const FIRST_TRUE_SECOND = Date.UTC(2012, 0, 1) / 1000;

interface Memory {
  readonly weights: readonly number[];
  readonly parts: readonly (Uint8Array | undefined)[];
  readonly isPartwise: boolean;
}
const empty: Memory = { weights: [], parts: [], isPartwise: false };

const isPartwiseName = (name: string | null): boolean => /bf710|sbf7|aicdscale/i.test(name ?? '');

/** The acknowledgement that a BF710 waits for: its kind, and the two bytes after it. */
export function acknowledge(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length >= 4 && u8(bytes, 0) === START ? Uint8Array.of(START, 0xf1, u8(bytes, 1), u8(bytes, 2), u8(bytes, 3)) : undefined;
}

/** The 16 bytes of a whole weigh-in, as both dialects have them. */
function record(bytes: Uint8Array, progress: Weighing['progress']): { readonly weighing?: Weighing } {
  const composition =
    bytes.length >= 16
      ? {
          impedance: u16be(bytes, 6),
          fat_ratio: u16be(bytes, 8) / 10,
          water_ratio: u16be(bytes, 10) / 10,
          muscle_ratio: u16be(bytes, 12) / 10,
          bone_mass: (u16be(bytes, 14) * 50) / 1000,
        }
      : {};
  const seconds = u32be(bytes, 0);
  const extra = seconds >= FIRST_TRUE_SECOND ? { deviceTime: new Date(seconds * 1000).toISOString() } : {};
  return weighing({ weight: (u16be(bytes, 4) * 50) / 1000, ...composition }, progress, extra);
}

function partwise(memory: Memory, bytes: Uint8Array): { memory: Memory; weighing?: Weighing } {
  const command = u8(bytes, 1);
  if (command === LIVE && bytes.length >= 5) {
    const weight = (u16be(bytes, 3) * 50) / 1000;
    if (!(weight > 0)) return { memory };
    const weights = [...memory.weights, weight].slice(-STEADY_COUNT);
    const isSteady = weights.length === STEADY_COUNT && Math.max(...weights) - Math.min(...weights) <= STEADY_KG + KG_PER_STEP / 100;
    return { memory: { ...memory, weights }, ...weighing({ weight }, isSteady ? 'settled' : 'live') };
  }
  if (command !== COMPOSITION || bytes.length < 4) return { memory };
  const [count, part] = [u8(bytes, 2), u8(bytes, 3)];
  if (part <= 1) return { memory: { ...memory, parts: [] } };
  if (part > MAX_PARTS || count > MAX_PARTS) return { memory: { ...memory, parts: [] } };
  const parts = [...memory.parts];
  parts[part] = bytes.subarray(4);
  if (part < count) return { memory: { ...memory, parts } };
  const cleared = { ...memory, parts: [] };
  const payload: number[] = [];
  for (let index = 2; index <= count; index++) {
    const chunk = parts[index];
    if (chunk === undefined) return { memory: cleared };
    payload.push(...chunk);
  }
  const merged = Uint8Array.from(payload);
  // Without impedance, fat, water and muscle nobody was recognised: the live weight stands.
  const isEmpty = [6, 8, 10, 12].every((at) => u16be(merged, at) === 0);
  return merged.length < 16 || isEmpty ? { memory: cleared } : { memory: cleared, ...record(merged, 'final') };
}

export const beurerSanitas: ScaleFamily<Memory> = {
  id: 'beurer-sanitas',
  model: 'Beurer BF700/710/800, Sanitas SBF70/75',
  subscribe: [CHARACTERISTIC],
  whole: ['weight', 'impedance'],
  holdMs: 15_000,
  formula: 'standard-impedance',
  memory: () => empty,
  connected: ({ connection: { name } }: ScaleContext) => {
    const isPartwise = isPartwiseName(name);
    return { memory: { ...empty, isPartwise }, requests: [write(CHARACTERISTIC, [isPartwise ? START : 0xf7, 0x01])] };
  },
  heard: (memory, _, bytes) => {
    // A Unix time does not start with 0xE7 before 2092.
    const isPartwise = memory.isPartwise || (bytes.length >= 2 && u8(bytes, 0) === START);
    if (!isPartwise) return bytes.length < 6 ? { memory } : { memory, ...record(bytes, 'final') };
    if (u8(bytes, 0) !== START) return { memory };
    const answer = acknowledge(bytes);
    const requests: ScaleRequest[] = answer === undefined ? [] : [write(CHARACTERISTIC, answer)];
    return { requests, ...partwise({ ...memory, isPartwise }, bytes) };
  },
};
