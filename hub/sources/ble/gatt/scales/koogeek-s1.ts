/**
 * Koogeek S1: frames 55 AA 55 AA, command, …, exclusive or of all before, on FFF4; silent until its greeting is answered.
 *
 * Commands: 0x01 greeting (answered 0x81), 0x07 question (answered 0x87 with byte 6), 0x02 moving and 0x03 settled weight at 9
 * (big-endian, 0.1 kg) with impedance at 11 (ohm). Source: ble-scale-sync's description of captures.
 */
import { u8, u16be, xor8 } from '../bytes.ts';
import { nothing, type ScaleFamily, weighing, write } from './family.ts';

const MAGIC = [0x55, 0xaa, 0x55, 0xaa];

const isValid = (bytes: Uint8Array): boolean =>
  bytes.length >= 6 &&
  MAGIC.every((byte, at) => u8(bytes, at) === byte) &&
  xor8(bytes, 0, bytes.length - 1) === u8(bytes, bytes.length - 1);

/** The answer that a frame waits for; undefined for one that waits for none. */
export function acknowledge(bytes: Uint8Array): Uint8Array | undefined {
  if (!isValid(bytes)) return undefined;
  const command = u8(bytes, 4);
  const answer = command === 0x01 ? [0x81, 0x01, 0x01] : command === 0x07 && bytes.length >= 7 ? [0x87, 0x01, u8(bytes, 6)] : undefined;
  if (answer === undefined) return undefined;
  const body = [...MAGIC, ...answer];
  return Uint8Array.from([...body, xor8(body)]);
}

export const koogeekS1: ScaleFamily<null> = {
  id: 'koogeek-s1',
  model: 'Koogeek S1',
  subscribe: ['fff4'],
  whole: ['weight', 'impedance'],
  holdMs: 2000,
  formula: 'standard-impedance',
  memory: nothing,
  heard: (memory, _, bytes) => {
    const answer = acknowledge(bytes);
    if (answer !== undefined) return { memory, requests: [write('fff3', answer)] };
    const command = u8(bytes, 4);
    if (!isValid(bytes) || bytes.length < 14 || (command !== 0x02 && command !== 0x03)) return { memory };
    return { memory, ...weighing({ weight: u16be(bytes, 9) / 10, impedance: u16be(bytes, 11) }, command === 0x03 ? 'settled' : 'live') };
  },
};
