/**
 * SPS30, particles. Source: Sensirion SPS30 datasheet version 1.0: 5.3 (SHDLC commands), 4.3 (table 5: ten values), 115,200 baud 8N1.
 */
import type { Uart } from '../buses/bus.ts';
import type { QuantityId } from '../protocol/quantities.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { type Parse, type Parsed, sumOf } from './serial-frames.ts';
import { parseShdlc, shdlcCommand, shdlcError } from './shdlc.ts';
import { openUartSensor, silence, valuesOverUart } from './uart-sensor.ts';

/** 5.3.1: big-endian IEEE 754 floats (03), which keep what the words of format 05 round off. */
export const sps30Commands = {
  start: shdlcCommand(0x00, 0x01, 0x03),
  stop: shdlcCommand(0x01),
  read: shdlcCommand(0x03),
  serial: shdlcCommand(0xd0, 0x03),
  clean: shdlcCommand(0x56),
  reset: shdlcCommand(0xd3),
} as const;
export const SPS30_READ = 0x03;

/** Order of the values (table 5): masses in ug/m3, numbers per cm3 from 0.3 um up to the named size, typical size in um. */
export const sps30Fields = [
  'pm1',
  'pm2_5',
  'pm4',
  'pm10',
  'particles_to_0_5',
  'particles_to_1',
  'particles_to_2_5',
  'particles_to_4',
  'particles_to_10',
  'particle_size',
] as const satisfies readonly QuantityId[];

export type Sps30Sample =
  | { readonly kind: 'values'; readonly values: Readonly<Record<(typeof sps30Fields)[number], number>> }
  /** Nothing new since the last read (5.3.3: an answer without data). */
  | { readonly kind: 'none' };

/** Answers to "read measured values" alone; every other answer, and an answer of zeros, gives no values. */
export const sps30Frames: Parse<Sps30Sample> = (bytes): Parsed<Sps30Sample> => {
  const parsed = parseShdlc(bytes);
  if (parsed.kind !== 'frame') return parsed;
  const { command, state, data } = parsed.value;
  const fault = (message: string): Parsed<Sps30Sample> => ({
    kind: 'fault',
    bytes: parsed.bytes,
    fault: 'refused',
    message: `sps30: ${message}`,
  });
  if ((state & 0x7f) !== 0) return fault(shdlcError(state));
  if (command !== SPS30_READ) return fault(`an answer to command ${command}, not to a read`);
  if (data.length === 0) return { kind: 'frame', bytes: parsed.bytes, value: { kind: 'none' } };
  const values = numbersOf(data);
  if (values === undefined) return fault(`${data.length} data bytes are no set of ten values`);
  if (sumOf(data, 0, data.length) === 0) return fault('values of zero: it does not measure yet');
  const entries = sps30Fields.map((field, index) => [field, values[index]!]);
  return { kind: 'frame', bytes: parsed.bytes, value: { kind: 'values', values: Object.fromEntries(entries) } };
};

/** Floats (40 bytes), or words (20 bytes) of which the size is in nanometres. */
function numbersOf(data: Uint8Array): number[] | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const count = sps30Fields.length;
  if (data.length === count * 4) return Array.from({ length: count }, (_, index) => view.getFloat32(index * 4));
  if (data.length !== count * 2) return undefined;
  return Array.from({ length: count }, (_, index) => view.getUint16(index * 2) / (index === count - 1 ? 1000 : 1));
}

/** Table 1: start-up time 8 s at more than 200 particles per cm3, up to 30 s in very clean air. */
export const SPS30_WARM_UP_MS = 8000;

const ANSWER_MS = 500;

/** Starts the fan and the measurement, which a running sensor refuses without harm; asked for each value. */
export async function openSps30(uart: Uart, clock: Clock, warmUpMs = SPS30_WARM_UP_MS): Promise<ChipOfValues> {
  const starter = openUartSensor(uart, clock, parseShdlc);
  if ((await starter.ask(sps30Commands.start, ANSWER_MS)) === undefined) throw silence(uart, 'sps30');
  const sensor = openUartSensor(uart, clock, sps30Frames);
  return valuesOverUart({
    what: 'sps30',
    uart,
    clock,
    warmUpMs,
    next: () => sensor.ask(sps30Commands.read, ANSWER_MS),
    reading: (sample) => sample,
    stop: () => sensor.send(sps30Commands.stop),
  });
}
