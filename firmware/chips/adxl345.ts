/**
 * ADXL345, three-axis accelerometer. Source: Analog Devices ADXL345 datasheet, revision G ("Register Map", "FIFO", "Self-Test").
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { anotherChip, ChipError } from './chip-error.ts';
import { type AccelG, type MotionChip, meanG, minusG } from './motion-chip.ts';

export const ADXL345_ADDRESS = 0x53;
const DEVID = 0x00;
const OFSX = 0x1e;
const BW_RATE = 0x2c;
const POWER_CTL = 0x2d;
const DATA_FORMAT = 0x31;
const DATAX0 = 0x32;
const FIFO_CTL = 0x38;
const FIFO_STATUS = 0x39;
const ID = 0xe5;
const MEASURE = 0x08;
const SELF_TEST = 0x80;
const FULL_RES = 0x08;
const FIFO_STREAM = 0x80;
const FIFO_OFF = 0x00;
const ENTRIES = 0x3f;
/** Full resolution keeps 3.9 mg a step in every range (table 1); offset registers have 15.6 mg a step. */
const G_PER_LSB = 1 / 256;
const OFFSET_G_PER_LSB = 0.0156;
const rateCodes = { 12.5: 0x07, 25: 0x08, 50: 0x09, 100: 0x0a, 200: 0x0b, 400: 0x0c } as const;
const rangeCodes = { 2: 0, 4: 1, 8: 2, 16: 3 } as const;
/** The FIFO holds 32 samples and the output register one more. */
const MOST_SAMPLES = 33;
/** "Self-Test": 0.1 s of samples before and after; changes at 2.5 V (table 14) times what 3.3 V makes of them (table 15). */
const SELF_TEST_SAMPLES = 10;
const SELF_TEST_MS = 150;
const selfTestG = [
  { min: 0.2, max: 2.1 * 1.77 },
  { min: -2.1 * 1.77, max: -0.2 },
  { min: 0.3, max: 3.4 * 1.47 },
] as const;

export type Adxl345Rate = keyof typeof rateCodes;
export type Adxl345Range = keyof typeof rangeCodes;
export type { AccelG };

export interface Adxl345Settings {
  readonly rateHz: Adxl345Rate;
  readonly rangeG?: Adxl345Range;
  readonly address?: number;
  /** Added by the chip to each axis; a step is 15.6 mg. */
  readonly offsetG?: AccelG;
}

/**
 * Starts measuring into the FIFO, whose clock is the chip's own: samples keep their spacing however late they are fetched.
 * Rejects with ChipError when another chip answers.
 */
export async function openAdxl345(bus: I2cBus, settings: Adxl345Rate | Adxl345Settings, clock?: Clock): Promise<MotionChip> {
  const {
    rateHz,
    rangeG = 16,
    address = ADXL345_ADDRESS,
    offsetG = [0, 0, 0] as AccelG,
  } = typeof settings === 'number' ? { rateHz: settings } : settings;
  const at = `ADXL345 at ${hex(address)}`;
  const set = (register: number, ...values: number[]): Promise<void> => bus.write(address, Uint8Array.of(register, ...values));
  const id = (await bus.read(address, DEVID, 1))[0]!;
  if (id !== ID) throw anotherChip(at, 'id', id, ID);
  const format = FULL_RES | rangeCodes[rangeG];
  await set(POWER_CTL, 0);
  await set(OFSX, ...offsetG.map((g) => Math.max(-128, Math.min(127, Math.round(g / OFFSET_G_PER_LSB))) & 0xff));
  await set(BW_RATE, rateCodes[rateHz]);
  await set(DATA_FORMAT, format);
  const start = async (): Promise<void> => {
    await set(FIFO_CTL, FIFO_OFF);
    await set(FIFO_CTL, FIFO_STREAM);
    await set(POWER_CTL, MEASURE);
  };
  await start();

  const read = async (): Promise<{ samples: AccelG[]; isFull: boolean }> => {
    const waiting = Math.min(MOST_SAMPLES, (await bus.read(address, FIFO_STATUS, 1))[0]! & ENTRIES);
    const samples: AccelG[] = [];
    // Each sample in a read of its own: the end of the read is what moves the FIFO on ("FIFO", retrieving data).
    for (let count = 0; count < waiting; count++) samples.push(decodeAccelG(await bus.read(address, DATAX0, 6)));
    return { samples, isFull: waiting >= MOST_SAMPLES - 1 };
  };
  /** A tenth of a second's mean at 100 Hz, after the filter has settled. */
  const mean = async (ofFormat: number): Promise<AccelG> => {
    await set(DATA_FORMAT, ofFormat);
    await clock?.sleep(SELF_TEST_MS);
    await read();
    const samples: AccelG[] = [];
    for (let tries = 0; samples.length < SELF_TEST_SAMPLES; tries++) {
      if (tries === 10) throw new ChipError(at, 'it gives no samples for its self-test: check its supply');
      await clock?.sleep(SELF_TEST_MS);
      samples.push(...(await read()).samples);
    }
    return meanG(samples);
  };

  return {
    rateHz,
    rangeG,
    read,
    async selfTest() {
      if (clock === undefined) throw new TypeError('a self-test needs the clock that openAdxl345 was not given');
      await set(BW_RATE, rateCodes[100]);
      try {
        const still = await mean(FULL_RES | rangeCodes[16]);
        const changesG = minusG(await mean(FULL_RES | rangeCodes[16] | SELF_TEST), still);
        return { changesG, isPassed: changesG.every((g, axis) => g >= selfTestG[axis]!.min && g <= selfTestG[axis]!.max) };
      } finally {
        await set(BW_RATE, rateCodes[rateHz]);
        await set(DATA_FORMAT, format);
        await start();
      }
    },
  };
}

/** DATAX0 to DATAZ1: three 16-bit two's complement numbers, low byte first. */
export function decodeAccelG(bytes: Uint8Array): AccelG {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return [view.getInt16(0, true) * G_PER_LSB, view.getInt16(2, true) * G_PER_LSB, view.getInt16(4, true) * G_PER_LSB];
}
