/**
 * Modbus RTU frames over serial: the reading functions, and their answers.
 * Source: Modbus over Serial Line V1.02, 2.5.1 (RTU framing, CRC); Modbus Application Protocol V1.1b3, 6.3, 6.4, 7 (exceptions).
 */
import { type Parse, parserOf, wordsOf } from './serial-frames.ts';

/** CRC-16: polynomial 0xA001 (reflected), start 0xFFFF; sent low byte first. */
export function modbusCrc(bytes: Uint8Array, length = bytes.length): number {
  let crc = 0xffff;
  for (let at = 0; at < length; at++) {
    crc ^= bytes[at]!;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** A frame with its CRC. */
export function modbusFrame(...bytes: number[]): Uint8Array {
  const crc = modbusCrc(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

export const READ_HOLDING = 0x03;
export const READ_INPUT = 0x04;
const EXCEPTION = 0x80;
const exceptions: Readonly<Record<number, string>> = {
  1: 'it has no such function',
  2: 'it has no such register',
  3: 'the value is not allowed',
  4: 'it failed',
  6: 'it is busy',
};

/** Asks for `count` registers from `register`, counted from 0 (a manual's register 1 is 0 on the wire). */
export const modbusRead = (address: number, func: number, register: number, count: number): Uint8Array =>
  modbusFrame(address, func, register >> 8, register & 0xff, count >> 8, count & 0xff);

/** Answers to one reading function of one address: the registers as words. */
export const modbusAnswers = (address: number, func: number): Parse<number[]> => {
  const crcs = (frame: Uint8Array) => ({
    wanted: modbusCrc(frame, frame.length - 2),
    found: frame[frame.length - 2]! | (frame[frame.length - 1]! << 8),
  });
  const answer = parserOf<number[]>({
    name: 'modbus',
    header: [address, func],
    lengthOf: (bytes) => (bytes[2] === undefined ? undefined : bytes[2] % 2 === 0 && bytes[2] > 0 ? bytes[2] + 5 : 0),
    checksums: crcs,
    decode: (frame) => wordsOf(frame, 3, frame.length - 2),
  });
  const refusal = parserOf<number[]>({
    name: 'modbus',
    header: [address, func | EXCEPTION],
    lengthOf: () => 5,
    checksums: crcs,
    decode: (frame) => exceptions[frame[2]!] ?? `exception ${frame[2]}`,
  });
  return (bytes) => (bytes[1] === (func | EXCEPTION) ? refusal(bytes) : answer(bytes));
};
