/**
 * LIS3DH, three-axis accelerometer. Source: STMicroelectronics LIS3DH datasheet, DocID17530 revision 2 (section 8: registers; table 4:
 * sensitivity; 2.1 note on self-test) and application note AN3308 (self-test procedure, FIFO).
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { anotherChip, ChipError } from './chip-error.ts';
import { type AccelG, type MotionChip, meanG, minusG } from './motion-chip.ts';

export const LIS3DH_ADDRESS = 0x18;
const WHO_AM_I = 0x0f;
const CTRL_REG1 = 0x20;
const CTRL_REG4 = 0x23;
const CTRL_REG5 = 0x24;
const OUT_X_L = 0x28;
const FIFO_CTRL_REG = 0x2e;
const FIFO_SRC_REG = 0x2f;
/** Set in a register's number, it counts up from read to read (6.1.1). */
const AUTO_INCREMENT = 0x80;
const ID = 0x33;
const ALL_AXES = 0x07;
const BDU = 0x80;
const HIGH_RESOLUTION = 0x08;
const SELF_TEST_0 = 0x02;
const FIFO_EN = 0x40;
const BYPASS = 0x00;
const STREAM = 0x80;
const OVERRUN = 0x40;
const SAMPLES = 0x1f;
const rateCodes = { 1: 1, 10: 2, 25: 3, 50: 4, 100: 5, 200: 6, 400: 7 } as const;
/** 8.11: full scale code, and mg a digit of the 12 left-justified bits in high resolution (table 4). */
const ranges = { 2: { code: 0, mg: 1 }, 4: { code: 1, mg: 2 }, 8: { code: 2, mg: 4 }, 16: { code: 3, mg: 12 } } as const;
/** A read through Firmata is 32 bytes at most: five samples. */
const SAMPLES_PER_READ = 5;
const SAMPLE_BYTES = 6;
/** Table 4: 17 to 360 digits of 4 mg at 2 g. */
const SELF_TEST_MIN_G = 0.068;
const SELF_TEST_MAX_G = 1.44;
const SELF_TEST_SAMPLES = 5;
const SETTLE_MS = 90;

export type Lis3dhRate = keyof typeof rateCodes;
export type Lis3dhRange = keyof typeof ranges;

export interface Lis3dhSettings {
  readonly rateHz: Lis3dhRate;
  readonly rangeG?: Lis3dhRange;
  /** 0x18, or 0x19 with SDO high. */
  readonly address?: number;
}

/** Starts measuring into the FIFO of 32. Rejects with ChipError when another chip answers. */
export async function openLis3dh(bus: I2cBus, clock: Clock, settings: Lis3dhSettings): Promise<MotionChip> {
  const { rateHz, rangeG = 8, address = LIS3DH_ADDRESS } = settings;
  const at = `LIS3DH at ${hex(address)}`;
  const set = (register: number, value: number): Promise<void> => bus.write(address, Uint8Array.of(register, value));
  const id = (await bus.read(address, WHO_AM_I, 1))[0]!;
  if (id !== ID) throw anotherChip(at, 'id', id, ID);

  const start = async (range: Lis3dhRange, rate: Lis3dhRate, selfTest: number): Promise<void> => {
    await set(CTRL_REG1, (rateCodes[rate] << 4) | ALL_AXES);
    await set(CTRL_REG4, BDU | HIGH_RESOLUTION | (ranges[range].code << 4) | selfTest);
    await set(CTRL_REG5, FIFO_EN);
    // Through bypass the FIFO is emptied (8.20).
    await set(FIFO_CTRL_REG, BYPASS);
    await set(FIFO_CTRL_REG, STREAM);
  };
  const readAt = async (range: Lis3dhRange): Promise<{ samples: AccelG[]; isFull: boolean }> => {
    const source = (await bus.read(address, FIFO_SRC_REG, 1))[0]!;
    // Full shows as overrun with the count at 31 or wrapped to nothing.
    const isFull = (source & OVERRUN) !== 0;
    let left = isFull ? 32 : source & SAMPLES;
    const samples: AccelG[] = [];
    while (left > 0) {
      const count = Math.min(left, SAMPLES_PER_READ);
      // In FIFO modes the address goes from OUT_Z_H back to OUT_X_L, so several samples come in one read.
      const bytes = await bus.read(address, OUT_X_L | AUTO_INCREMENT, count * SAMPLE_BYTES);
      for (let from = 0; from < bytes.length; from += SAMPLE_BYTES) samples.push(lis3dhG(bytes.subarray(from, from + SAMPLE_BYTES), range));
      left -= count;
    }
    return { samples, isFull };
  };
  const mean = async (selfTest: number): Promise<AccelG> => {
    await start(2, 50, selfTest);
    await clock.sleep(SETTLE_MS);
    await readAt(2);
    const samples: AccelG[] = [];
    for (let tries = 0; samples.length < SELF_TEST_SAMPLES; tries++) {
      if (tries === 10) throw new ChipError(at, 'it gives no samples for its self-test: check its supply');
      await clock.sleep(SETTLE_MS);
      samples.push(...(await readAt(2)).samples);
    }
    return meanG(samples);
  };
  await start(rangeG, rateHz, 0);

  return {
    rateHz,
    rangeG,
    read: () => readAt(rangeG),
    async selfTest() {
      try {
        const still = await mean(0);
        const changesG = minusG(await mean(SELF_TEST_0), still);
        return { changesG, isPassed: changesG.every((g) => Math.abs(g) >= SELF_TEST_MIN_G && Math.abs(g) <= SELF_TEST_MAX_G) };
      } finally {
        await start(rangeG, rateHz, 0);
      }
    },
  };
}

/** Six bytes, low byte first; twelve bits, left-justified. */
export function lis3dhG(bytes: Uint8Array, rangeG: Lis3dhRange): AccelG {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const axis = (from: number): number => ((view.getInt16(from, true) >> 4) * ranges[rangeG].mg) / 1000;
  return [axis(0), axis(2), axis(4)];
}
