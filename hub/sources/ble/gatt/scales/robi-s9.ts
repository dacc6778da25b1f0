/**
 * Robi S9 (Fitdays): 20-byte frames, number, length, 0, kind, …, five bits of the sum; live on FFB2, the result on FFB3.
 *
 * Kind 0xA3: weight 5 (24 bits big-endian, g), impedance 9 (ohm). The handshake names the time and the person.
 * Source: ble-scale-sync's description of captures.
 */
import { asByte, be16, be32, u8, u16be, u24be } from '../bytes.ts';
import { nothing, type ScaleContext, type ScaleFamily, type ScaleRequest, wait, weighing, write } from './family.ts';

const LENGTH = 20;
const BETWEEN_WRITES_MS = 150;
const MIN_OHM = 150;
const MAX_OHM = 1200;

/** Low five bits of the sum of bytes 3 to 18. */
export function trailer(frame: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 3; at < LENGTH - 1; at++) sum += frame[at] ?? 0;
  return sum & 0x1f;
}

function frame(head: readonly number[], tail: Readonly<Record<number, readonly number[]>> = {}): number[] {
  const bytes = new Array<number>(LENGTH).fill(0);
  for (const [index, byte] of head.entries()) bytes[index] = byte;
  for (const [at, part] of Object.entries(tail)) for (const [index, byte] of part.entries()) bytes[Number(at) + index] = byte;
  bytes[LENGTH - 1] = trailer(bytes);
  return bytes;
}

function handshake({ time, profile: { sex, ageYears, heightCm } }: ScaleContext): number[][] {
  // Without the time the scale is told none, and dates nothing.
  const seconds = be32(time === null ? 0 : Math.floor(time.utcMs / 1000));
  const person = (sex === 'male' ? 0x80 : 0) | Math.min(0x7f, asByte(ageYears));
  const common = { 4: seconds, 8: [0x00, 0x78], 18: [0x2f] };
  const user = { ...common, 14: [asByte(heightCm), ...be16(0), person] };
  return [
    frame([0x00, 0x03, 0x00, 0xb0, 0x00]),
    frame([0x01, 0x10, 0x00, 0xba], { ...common, 14: [0xac, ...be16(0x1770), 0x98] }),
    frame([0x02, 0x10, 0x00, 0xba], user),
    frame([0x03, 0x10, 0x00, 0xba], user),
    frame([0x04, 0x03, 0x00, 0xb0, 0x04]),
  ];
}

export const robiS9: ScaleFamily<null> = {
  id: 'robi-s9',
  model: 'Robi S9',
  subscribe: ['ffb3', 'ffb2'],
  whole: ['weight'],
  holdMs: 5000,
  formula: 'standard-impedance',
  memory: nothing,
  connected: (context) => ({
    memory: null,
    requests: handshake(context).flatMap((bytes): ScaleRequest[] => [write('ffb1', bytes, true), wait(BETWEEN_WRITES_MS)]),
  }),
  heard: (memory, _, bytes) => {
    if (bytes.length < 11 || u8(bytes, 2) !== 0 || u8(bytes, 3) !== 0xa3) return { memory };
    if (bytes.length === LENGTH && trailer(bytes) !== u8(bytes, LENGTH - 1)) return { memory };
    const ohm = u16be(bytes, 9);
    return { memory, ...weighing({ weight: u24be(bytes, 5) / 1000, impedance: ohm >= MIN_OHM && ohm <= MAX_OHM ? ohm : 0 }, 'settled') };
  },
};
