/**
 * Hutbit and other Lefu scales of the 8-byte "AC 02" protocol on FFB2.
 *
 * AC 02, four bytes, state, sum of bytes 2 to 6. State 0xCE moving, 0xCA settled: weight 2 (big-endian, 0.1 kg). FD 01 with
 * state 0xCB: impedance 4 (big-endian, ohm); FD 00 measuring, FD FF no contact.
 * Source: ble-scale-sync's description of captures.
 */
import { bytesOf, sum8, u8, u16be } from '../bytes.ts';
import { type Heard, type ScaleFamily, type ScaleRequest, wait, weighing, write } from './family.ts';

/** The same on every unit: it carries neither time nor person. */
const GREETING = ['ac02fa010000ccc7', 'ac02fb021fa5cc8d', 'ac02fde20101ccad', 'ac02fc010000ccc9', 'ac02fe060000ccd0'];
const BETWEEN_WRITES_MS = 150;
const MIN_OHM = 150;
const MAX_OHM = 1200;
/** An impedance belongs to the weight before it only so long. */
const PAIRING_MS = 10_000;

/** Whether a frame is one of eight bytes, AC 02, with the right sum. */
export const isAc02 = (bytes: Uint8Array): boolean =>
  bytes.length === 8 && u8(bytes, 0) === 0xac && u8(bytes, 1) === 0x02 && sum8(bytes, 2, 7) === u8(bytes, 7);

interface Memory {
  readonly weight: number;
  readonly at: number;
}

export const hutbit: ScaleFamily<Memory> = {
  id: 'hutbit',
  model: 'Hutbit, Lefu',
  subscribe: ['ffb2'],
  whole: ['weight', 'impedance'],
  holdMs: 8000,
  formula: 'standard-impedance',
  memory: () => ({ weight: 0, at: 0 }),
  connected: () => ({
    memory: { weight: 0, at: 0 },
    requests: GREETING.flatMap((hex): ScaleRequest[] => [write('ffb1', bytesOf(hex)), wait(BETWEEN_WRITES_MS)]),
  }),
  heard: (memory, _, bytes, { at }): Heard<Memory> => {
    if (!isAc02(bytes)) return { memory };
    const state = u8(bytes, 6);
    if (u8(bytes, 2) === 0xfd) {
      const impedance = u16be(bytes, 4);
      const isMeant = u8(bytes, 3) === 0x01 && state === 0xcb && impedance >= MIN_OHM && impedance <= MAX_OHM;
      return { memory, ...(isMeant && at - memory.at <= PAIRING_MS && weighing({ weight: memory.weight, impedance }, 'settled')) };
    }
    if (state !== 0xca) return { memory };
    const weight = u16be(bytes, 2) / 10;
    return weight > 0 ? { memory: { weight, at }, ...weighing({ weight }, 'settled') } : { memory };
  },
};
