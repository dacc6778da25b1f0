/**
 * SHDLC, Sensirion's serial framing: 7E, address, command, (state,) length, data, checksum, 7E, with four bytes stuffed.
 * Source: Sensirion SPS30 datasheet version 1.0, section 5 (UART interface): 5.1 (frames, byte stuffing table 11), 5.2 (error codes).
 */
import { type Parsed, sumOf } from './serial-frames.ts';

const FLAG = 0x7e;
const ESCAPE = 0x7d;
/** Stuffed bytes are sent as ESCAPE and the byte with bit 5 turned (table 11). */
const TURN = 0x20;
const stuffed = new Set([FLAG, ESCAPE, 0x11, 0x13]);

export interface ShdlcAnswer {
  readonly command: number;
  /** 0: done; the high bit is the device's own error flag. */
  readonly state: number;
  readonly data: Uint8Array;
}

const checksumOf = (body: Uint8Array, length: number): number => ~sumOf(body, 0, length) & 0xff;

function frame(body: Uint8Array): Uint8Array {
  const plain = [...body, checksumOf(body, body.length)];
  return Uint8Array.of(FLAG, ...plain.flatMap((byte) => (stuffed.has(byte) ? [ESCAPE, byte ^ TURN] : [byte])), FLAG);
}

/** A command from the host to the sensor, whose address is 0. */
export const shdlcCommand = (command: number, ...data: number[]): Uint8Array => frame(Uint8Array.of(0, command, data.length, ...data));

/** An answer of the sensor, as its twin sends it. */
export const shdlcAnswer = ({ command, state, data }: ShdlcAnswer): Uint8Array =>
  frame(Uint8Array.of(0, command, state, data.length, ...data));

/** Parses answers. Address, command, state, length and checksum make 5 bytes without data. */
export function parseShdlc(bytes: Uint8Array): Parsed<ShdlcAnswer> {
  if (bytes[0] !== FLAG) return { kind: 'fault', bytes: 1, fault: 'header', message: 'no SHDLC frame begins here' };
  const end = bytes.indexOf(FLAG, 1);
  if (end === -1) return { kind: 'more' };
  // The end of a frame whose start was lost, followed by a start.
  if (end === 1) return { kind: 'fault', bytes: 1, fault: 'header', message: 'an SHDLC flag without a frame' };
  const body = unstuff(bytes.subarray(1, end));
  const spoiled = (message: string): Parsed<ShdlcAnswer> => ({
    kind: 'fault',
    bytes: end,
    fault: 'checksum',
    message: `SHDLC: ${message}`,
  });
  if (body === undefined || body.length < 5) return spoiled('a frame that is cut or stuffed wrongly');
  const wanted = checksumOf(body, body.length - 1);
  const found = body.at(-1)!;
  if (wanted !== found) return spoiled(`checksum ${found} where ${wanted} is right`);
  const [, command, state, length] = body as unknown as [number, number, number, number];
  if (length !== body.length - 5) return spoiled(`a frame that names ${length} data bytes and has ${body.length - 5}`);
  return { kind: 'frame', bytes: end + 1, value: { command, state, data: body.slice(4, -1) } };
}

function unstuff(bytes: Uint8Array): Uint8Array | undefined {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte !== ESCAPE) out.push(byte);
    else {
      const next = bytes[++at];
      if (next === undefined || !stuffed.has(next ^ TURN)) return undefined;
      out.push(next ^ TURN);
    }
  }
  return Uint8Array.from(out);
}

/** Error codes of an answer's state without its high bit (5.2, table 13). */
const errors: Readonly<Record<number, string>> = {
  1: 'wrong number of data bytes for this command',
  2: 'unknown command',
  3: 'no right to this command',
  4: 'wrong parameter',
  40: 'an argument out of its range',
  67: 'command not allowed in the current state',
};
export const shdlcError = (state: number): string => errors[state & 0x7f] ?? `error ${state & 0x7f}`;
