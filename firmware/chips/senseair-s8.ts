/**
 * SenseAir S8, CO2, over Modbus at 9600 baud 8N1 (the sensor sends two stop bits, which a receiver of one bears).
 * Source: SenseAir "Modbus on Senseair S8", TDE2067, revision 1.04: register maps (tables 4 to 6), address 0xFE answers as any.
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { modbusAnswers, modbusFrame, modbusRead, READ_HOLDING, READ_INPUT } from './modbus.ts';
import type { Parse, Parsed } from './serial-frames.ts';
import { openUartSensor, valuesOverUart } from './uart-sensor.ts';

const ANY_SENSOR = 0xfe;

export const s8Commands = {
  /** Input registers 1 to 4: meter status, alarm, output, CO2. */
  read: modbusRead(ANY_SENSOR, READ_INPUT, 0x0000, 4),
  co2: modbusRead(ANY_SENSOR, READ_INPUT, 0x0003, 1),
  firmware: modbusRead(ANY_SENSOR, READ_INPUT, 0x001c, 1),
  idHigh: modbusRead(ANY_SENSOR, READ_INPUT, 0x001d, 1),
  idLow: modbusRead(ANY_SENSOR, READ_INPUT, 0x001e, 1),
  /** Holding register 32: hours between two automatic baseline corrections; 0: never. */
  baselinePeriod: modbusRead(ANY_SENSOR, READ_HOLDING, 0x001f, 1),
  /** Function 0x44, in older firmware and in no manual: reads two bytes of memory at 0x0008, the CO2. */
  memoryCo2: modbusFrame(ANY_SENSOR, 0x44, 0x00, 0x08, 0x02),
} as const;

/** Words of an answer to any reading of input registers. */
export const s8InputFrames: Parse<number[]> = modbusAnswers(ANY_SENSOR, READ_INPUT);
export const s8HoldingFrames: Parse<number[]> = modbusAnswers(ANY_SENSOR, READ_HOLDING);

/** Meter status, bit by bit (table 4, IR1). */
const faults = [
  'fatal error',
  'offset regulation error',
  'algorithm error',
  'output error',
  'self-diagnostics error',
  'CO2 out of range',
  'memory error',
] as const;

export interface S8Sample {
  readonly co2Ppm: number;
  /** What the sensor says is wrong with itself; empty when nothing. */
  readonly faults: readonly string[];
}

/** Answers to {@link s8Commands.read} (status to CO2), and to a reading of CO2 alone. */
export const s8Frames: Parse<S8Sample> = (bytes): Parsed<S8Sample> => {
  const parsed = s8InputFrames(bytes);
  if (parsed.kind !== 'frame') return parsed;
  const status = parsed.value.length >= 4 ? parsed.value[0]! : 0;
  const co2 = parsed.value.length >= 4 ? parsed.value[3]! : parsed.value[0]!;
  return {
    kind: 'frame',
    bytes: parsed.bytes,
    // Signed, as table 4 says: a sensor out of calibration goes below zero.
    value: { co2Ppm: (co2 << 16) >> 16, faults: faults.filter((_, bit) => (status & (1 << bit)) !== 0) },
  };
};

const ANSWER_MS = 500;
/** "Warm-up time": the sensor answers at once and is within its accuracy after a minute or so. */
const S8_WARM_UP_MS = 60_000;

/** Asked for each value. Rejects with ChipError when the sensor says that it is broken. */
export async function openSenseairS8(uart: Uart, clock: Clock, warmUpMs = S8_WARM_UP_MS): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, s8Frames);
  return valuesOverUart({
    what: 'senseair-s8',
    uart,
    clock,
    warmUpMs,
    next: () => sensor.ask(s8Commands.read, ANSWER_MS),
    reading({ co2Ppm, faults }) {
      const fatal = faults.filter((fault) => fault !== 'CO2 out of range');
      if (fatal.length > 0) throw new ChipError(`SenseAir S8 on ${uart.name}`, `it reports ${fatal.join(', ')}: replace it`);
      return { kind: 'values', values: { co2: co2Ppm } };
    },
  });
}
