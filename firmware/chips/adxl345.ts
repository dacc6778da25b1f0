/**
 * ADXL345, three-axis accelerometer. Source: Analog Devices ADXL345 datasheet, revision G ("Register Map", "FIFO").
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import { ChipError } from './chip-error.ts';

export const ADXL345_ADDRESS = 0x53;
const DEVID = 0x00;
const BW_RATE = 0x2c;
const POWER_CTL = 0x2d;
const DATA_FORMAT = 0x31;
const DATAX0 = 0x32;
const FIFO_CTL = 0x38;
const FIFO_STATUS = 0x39;
const ID = 0xe5;
const MEASURE = 0x08;
const FULL_RES_16G = 0x0b;
const FIFO_STREAM = 0x80;
const FIFO_OFF = 0x00;
const ENTRIES = 0x3f;
/** Full resolution keeps 3.9 mg a step in every range (table 1). */
const G_PER_LSB = 1 / 256;
const rateCodes = { 25: 0x08, 50: 0x09, 100: 0x0a } as const;
/** The FIFO holds 32 samples and the output register one more. */
const MOST_SAMPLES = 33;

export type Adxl345Rate = keyof typeof rateCodes;
export type AccelG = readonly [x: number, y: number, z: number];

export interface Adxl345 {
  /** The samples since the last call, oldest first, in g; `isFull` when the FIFO was full, so that samples may be missing. */
  read(): Promise<{ samples: AccelG[]; isFull: boolean }>;
}

/**
 * Starts measuring into the FIFO, whose clock is the chip's own: samples keep their spacing however late they are fetched.
 * Rejects with ChipError when another chip answers.
 */
export async function openAdxl345(bus: I2cBus, rateHz: Adxl345Rate): Promise<Adxl345> {
  const set = (register: number, value: number): Promise<void> => bus.write(ADXL345_ADDRESS, Uint8Array.of(register, value));
  const id = (await bus.read(ADXL345_ADDRESS, DEVID, 1))[0]!;
  if (id !== ID) {
    throw new ChipError(
      `ADXL345 at ${hex(ADXL345_ADDRESS)}`,
      `the chip says id ${hex(id)} where an ADXL345 says ${hex(ID)}: another chip is at this address`,
    );
  }
  await set(POWER_CTL, 0);
  await set(BW_RATE, rateCodes[rateHz]);
  await set(DATA_FORMAT, FULL_RES_16G);
  await set(FIFO_CTL, FIFO_OFF);
  await set(FIFO_CTL, FIFO_STREAM);
  await set(POWER_CTL, MEASURE);
  return {
    async read() {
      const waiting = Math.min(MOST_SAMPLES, (await bus.read(ADXL345_ADDRESS, FIFO_STATUS, 1))[0]! & ENTRIES);
      const samples: AccelG[] = [];
      for (let count = 0; count < waiting; count++) samples.push(decodeAccelG(await bus.read(ADXL345_ADDRESS, DATAX0, 6)));
      return { samples, isFull: waiting >= MOST_SAMPLES - 1 };
    },
  };
}

/** DATAX0 to DATAZ1: three 16-bit two's complement numbers, low byte first. */
export function decodeAccelG(bytes: Uint8Array): AccelG {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return [view.getInt16(0, true) * G_PER_LSB, view.getInt16(2, true) * G_PER_LSB, view.getInt16(4, true) * G_PER_LSB];
}
