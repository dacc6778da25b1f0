/**
 * Honeywell HPMA115 particle sensors: S0 (PM2.5, PM10) and C0 compact (PM1, PM2.5, PM4, PM10), 9600 baud 8N1.
 *
 * Source: Honeywell "HPM Series" datasheet 32322550, issue F, "Customer commands": 68 .. asks; the answer is 40, length, 04, words, checksum,
 * which makes the sum of the frame a multiple of 256 (table 5). Sending by itself is 42 4D 00 1C, words, sum (table 6).
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { type Parse, type Parsed, parserOf, sumOf, wordsOf } from './serial-frames.ts';
import { openUartSensor, valuesOverUart, warmingUp } from './uart-sensor.ts';

export type HpmaModel = 'hpma115s0' | 'hpma115c0';
/** The words of an answer, and the first of them in a frame that comes unasked. */
const models = {
  hpma115s0: { length: 0x05, fields: ['pm2_5', 'pm10'], unasked: ['', 'pm2_5', 'pm10'] },
  hpma115c0: { length: 0x0d, fields: ['pm1', 'pm2_5', 'pm4', 'pm10'], unasked: ['pm1', 'pm2_5', 'pm4', 'pm10'] },
} as const satisfies Record<HpmaModel, { length: number; fields: readonly string[]; unasked: readonly string[] }>;

type HpmaField = 'pm1' | 'pm2_5' | 'pm4' | 'pm10';
export type HpmaSample =
  | { readonly kind: 'values'; readonly values: Readonly<Partial<Record<HpmaField, number>>> }
  | { readonly kind: 'warming-up' };

export const hpmaQuantities = (model: HpmaModel): readonly HpmaField[] => models[model].fields;

const valuesOf = (fields: readonly string[], words: readonly number[]): HpmaSample => ({
  kind: 'values',
  values: Object.fromEntries(fields.flatMap((field, index) => (field === '' ? [] : [[field, words[index]!]]))),
});

/** Answers and frames that come unasked, in ug/m3. */
export function hpmaFrames(model: HpmaModel): Parse<HpmaSample> {
  const { length, fields, unasked } = models[model];
  const answer = parserOf<HpmaSample>({
    name: model,
    header: [0x40, length, 0x04],
    lengthOf: () => length + 3,
    checksums: (frame) => ({ wanted: -sumOf(frame, 0, length + 2) & 0xff, found: frame[length + 2]! }),
    decode: (frame) =>
      sumOf(frame, 3, length + 2) === 0 ? { kind: 'warming-up' } : valuesOf(fields, wordsOf(frame, 3, 3 + fields.length * 2)),
  });
  const byItself = parserOf<HpmaSample>({
    name: model,
    header: [0x42, 0x4d, 0x00, 0x1c],
    lengthOf: () => 32,
    checksums: (frame) => ({ wanted: sumOf(frame, 0, 30) & 0xffff, found: wordsOf(frame, 30, 32)[0]! }),
    decode: (frame) => (sumOf(frame, 4, 30) === 0 ? { kind: 'warming-up' } : valuesOf(unasked, wordsOf(frame, 4, 4 + unasked.length * 2))),
  });
  return (bytes): Parsed<HpmaSample> => (bytes[0] === 0x42 ? byItself(bytes) : answer(bytes));
}

export const hpmaCommands = {
  start: Uint8Array.of(0x68, 0x01, 0x01, 0x96),
  stop: Uint8Array.of(0x68, 0x01, 0x02, 0x95),
  read: Uint8Array.of(0x68, 0x01, 0x04, 0x93),
  /** Only when asked: an answer then is of now. */
  stopAutoSend: Uint8Array.of(0x68, 0x01, 0x20, 0x77),
} as const;

/** Table 1: the first reading within 6 s of the fan's start. */
export const HPMA_WARM_UP_MS = 6000;

const ANSWER_MS = 500;

/** Starts the fan; asked for each value. */
export async function openHpma115(uart: Uart, clock: Clock, model: HpmaModel, warmUpMs = HPMA_WARM_UP_MS): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, hpmaFrames(model));
  await sensor.send(hpmaCommands.stopAutoSend);
  await sensor.send(hpmaCommands.start);
  return valuesOverUart({
    what: model,
    uart,
    clock,
    warmUpMs,
    next: () => sensor.ask(hpmaCommands.read, ANSWER_MS),
    reading: (sample) => (sample.kind === 'warming-up' ? warmingUp(model) : sample),
    stop: () => sensor.send(hpmaCommands.stop),
  });
}
