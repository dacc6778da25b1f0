/**
 * Winsen sensors with nine-byte frames: MH-Z19B and MH-Z19C (CO2), ZH03B and ZH06 (particles), 9600 baud 8N1.
 *
 * Source: Winsen MH-Z19B manual V1.6, "UART": ask FF 01 86 .. 79, answer FF 86, value; the checksum is the two's complement of the sum of
 * bytes 1 to 7. ZH03B manual V2.1, "question and answer mode": PM2.5, PM10, PM1 as words from byte 2.
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { type Parse, parserOf, sumOf, wordsOf } from './serial-frames.ts';
import { openUartSensor, valuesOverUart, warmingUp } from './uart-sensor.ts';

const FRAME_BYTES = 9;
const START = 0xff;

/** A command frame with its checksum. */
export function winsenCommand(code: number, ...data: number[]): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES);
  frame.set([START, 0x01, code, ...data]);
  frame[FRAME_BYTES - 1] = checksumOf(frame);
  return frame;
}

const checksumOf = (frame: Uint8Array): number => -sumOf(frame, 1, FRAME_BYTES - 1) & 0xff;

export const winsenRead = winsenCommand(0x86);
/** Automatic baseline correction (MH-Z19B manual, 0x79): takes the lowest value of each day for 400 ppm; wrong in a room never aired. */
export const winsenBaseline = (isOn: boolean): Uint8Array => winsenCommand(0x79, isOn ? 0xa0 : 0x00);
/** The air now is 400 ppm (MH-Z19B manual, 0x87, zero point); the sensor says nothing to it. */
export const winsenZero = winsenCommand(0x87);
/** ZH03B: no frames but when asked. */
export const winsenQuestionMode = winsenCommand(0x78, 0x41);

export type Mhz19Sample =
  | {
      readonly kind: 'values';
      readonly co2Ppm: number;
      /** Inside the case, whole degrees, byte 4 less 40: not in the manual, but in every B and C; good for nothing but a look. */
      readonly caseTemperatureC: number;
    }
  | { readonly kind: 'warming-up' };

const answers = <T>(name: string, decode: (frame: Uint8Array) => T): Parse<T> =>
  parserOf({
    name,
    header: [START, 0x86],
    lengthOf: () => FRAME_BYTES,
    checksums: (frame) => ({ wanted: checksumOf(frame), found: frame[FRAME_BYTES - 1]! }),
    decode,
  });

/** MH-Z19B/C. An answer of zeros is what the sensor gives until its lamp is steady. */
export const mhz19Frames: Parse<Mhz19Sample> = answers<Mhz19Sample>('mh-z19', (frame) =>
  sumOf(frame, 2, FRAME_BYTES - 1) === 0
    ? { kind: 'warming-up' }
    : { kind: 'values', co2Ppm: wordsOf(frame, 2, 4)[0]!, caseTemperatureC: frame[4]! - 40 },
);

export type Zh03Sample =
  | { readonly kind: 'values'; readonly values: { readonly pm2_5: number; readonly pm10: number; readonly pm1: number } }
  | { readonly kind: 'warming-up' };

/** ZH03B, ZH06, in ug/m3. */
export const zh03Frames: Parse<Zh03Sample> = answers<Zh03Sample>('zh03', (frame) => {
  if (sumOf(frame, 2, FRAME_BYTES - 1) === 0) return { kind: 'warming-up' };
  const [pm2_5, pm10, pm1] = wordsOf(frame, 2, 8) as [number, number, number];
  return { kind: 'values', values: { pm2_5, pm10, pm1 } };
});

/** MH-Z19B manual, "preheat time": 3 minutes; the C names 1. */
export const MHZ19_WARM_UP_MS = 180_000;
/** What the zero point is taken for; fresh air holds some more by now, and its usual spread is this. */
const ZERO_PPM = 400;
const FRESH_PPM = 50;
/** MH-Z19B manual, "zero point calibration": so long in that air before. */
const ZERO_AFTER_MS = 20 * 60_000;
/** ZH03B manual, "response time": within 45 s. */
export const ZH03_WARM_UP_MS = 45_000;

/** An answer of nine bytes takes 10 ms at 9600 baud. */
const ANSWER_MS = 500;

export interface Mhz19Settings {
  /** False: the sensor no longer takes a day's lowest value for fresh air. Left out: as the sensor is. */
  readonly baselineCorrection?: boolean;
  readonly warmUpMs?: number;
}

/** MH-Z19B or C: asked for each value. */
export async function openMhz19(uart: Uart, clock: Clock, settings: Mhz19Settings = {}): Promise<ChipOfValues> {
  const { baselineCorrection, warmUpMs = MHZ19_WARM_UP_MS } = settings;
  const sensor = openUartSensor(uart, clock, mhz19Frames);
  const openedMs = clock.monotonic();
  let lastPpm: number | undefined;
  const refused = (message: string): ChipError => new ChipError(`mh-z19 on ${uart.name}`, message);
  if (baselineCorrection !== undefined) await sensor.send(winsenBaseline(baselineCorrection));
  const values = valuesOverUart<Mhz19Sample>({
    what: 'mh-z19',
    uart,
    clock,
    warmUpMs,
    next: () => sensor.ask(winsenRead, ANSWER_MS),
    reading(sample) {
      if (sample.kind === 'warming-up') return warmingUp('mh-z19');
      lastPpm = sample.co2Ppm;
      return { kind: 'values', values: { co2: sample.co2Ppm } };
    },
  });
  return {
    ...values,
    async recalibrate(co2Ppm) {
      if (Math.abs(co2Ppm - ZERO_PPM) > FRESH_PPM)
        throw refused(`it takes fresh air alone, some ${ZERO_PPM} ppm, not ${co2Ppm}: put it outdoors, or correct it by an offset`);
      if (lastPpm === undefined || clock.monotonic() - openedMs < ZERO_AFTER_MS)
        throw refused(`let it measure for ${ZERO_AFTER_MS / 60_000} minutes in fresh air first`);
      await sensor.send(winsenZero);
      return ZERO_PPM - lastPpm;
    },
  };
}

/** ZH03B or ZH06: asked for each value. */
export async function openZh03(uart: Uart, clock: Clock, warmUpMs = ZH03_WARM_UP_MS): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, zh03Frames);
  await sensor.send(winsenQuestionMode);
  return valuesOverUart({
    what: 'zh03',
    uart,
    clock,
    warmUpMs,
    next: () => sensor.ask(winsenRead, ANSWER_MS),
    reading: (sample) => (sample.kind === 'warming-up' ? warmingUp('zh03') : sample),
  });
}
