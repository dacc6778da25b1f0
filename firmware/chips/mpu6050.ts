/**
 * MPU-6050 (and MPU-6000, MPU-6500 by its id), of which the accelerometer is used.
 * Source: InvenSense MPU-6000/MPU-6050 register map and descriptions, RM-MPU-6000A revision 4.2 (section numbers below).
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { anotherChip, ChipError } from './chip-error.ts';
import { type AccelG, type MotionChip, meanG, minusG } from './motion-chip.ts';

export const MPU6050_ADDRESS = 0x68;
const SELF_TEST_X = 0x0d;
const SMPLRT_DIV = 0x19;
const ACCEL_CONFIG = 0x1c;
const FIFO_EN = 0x23;
const INT_STATUS = 0x3a;
const TEMP_OUT_H = 0x41;
const USER_CTRL = 0x6a;
const PWR_MGMT_1 = 0x6b;
const FIFO_COUNTH = 0x72;
const FIFO_R_W = 0x74;
const WHO_AM_I = 0x75;
/** 4.32; the compatible parts and the many copies answer with other ids. */
const ids = new Set([0x68, 0x70, 0x72, 0x98]);
const DEVICE_RESET = 0x80;
const RESET_MS = 100;
/** 4.28: the gyroscope's oscillator is steadier than the internal one. */
const CLOCK_GYRO_X = 0x01;
/** 4.3: 94 Hz of bandwidth for fast rates, 21 Hz for walking ones; either makes the gyroscope's clock 1 kHz. */
const DLPF_94_HZ = 2;
const DLPF_21_HZ = 4;
const ACCEL_FIFO_EN = 0x08;
const FIFO_ON = 0x40;
const FIFO_RESET = 0x04;
const FIFO_OVERFLOW = 0x10;
const INTERNAL_HZ = 1000;
const SAMPLE_BYTES = 6;
const SAMPLES_PER_READ = 5;
const ranges = {
  2: { code: 0, lsbPerG: 16_384 },
  4: { code: 1, lsbPerG: 8192 },
  8: { code: 2, lsbPerG: 4096 },
  16: { code: 3, lsbPerG: 2048 },
} as const;
const SELF_TEST_ALL = 0xe0;
/** 4.1: self-test at 8 g; the response may differ from the trim by 14 % (product specification, 6.2). */
const SELF_TEST_RANGE = 8;
const MOST_TRIM_CHANGE = 0.14;
const SELF_TEST_SAMPLES = 20;
const SETTLE_MS = 250;

export type Mpu6050Range = keyof typeof ranges;

export interface Mpu6050Settings {
  /** 4 to 200 Hz; the nearest that 1000 Hz divides into is set. */
  readonly rateHz: number;
  readonly rangeG?: Mpu6050Range;
  /** 0x68, or 0x69 with AD0 high. */
  readonly address?: number;
}

export interface Mpu6050 extends MotionChip {
  /** Of the chip, in degrees. */
  temperature(): Promise<number>;
}

/** Resets the chip and starts measuring into its FIFO of 1024 bytes. Rejects with ChipError when another chip answers. */
export async function openMpu6050(bus: I2cBus, clock: Clock, settings: Mpu6050Settings): Promise<Mpu6050> {
  const { rangeG = 8, address = MPU6050_ADDRESS } = settings;
  const at = `MPU6050 at ${hex(address)}`;
  const get = async (register: number): Promise<number> => (await bus.read(address, register, 1))[0]!;
  const set = (register: number, ...values: number[]): Promise<void> => bus.write(address, Uint8Array.of(register, ...values));
  const divider = Math.max(0, Math.min(255, Math.round(INTERNAL_HZ / settings.rateHz) - 1));
  const rateHz = INTERNAL_HZ / (divider + 1);

  const id = await get(WHO_AM_I);
  if (!ids.has(id)) throw anotherChip(at, 'id', id, 0x68);
  await set(PWR_MGMT_1, DEVICE_RESET);
  await clock.sleep(RESET_MS);
  await set(PWR_MGMT_1, CLOCK_GYRO_X);
  const start = async (range: Mpu6050Range, selfTest = 0): Promise<void> => {
    await set(SMPLRT_DIV, divider, rateHz > 50 ? DLPF_94_HZ : DLPF_21_HZ);
    await set(ACCEL_CONFIG, selfTest | (ranges[range].code << 3));
    await set(FIFO_EN, 0);
    await set(USER_CTRL, FIFO_RESET);
    await set(USER_CTRL, FIFO_ON);
    await set(FIFO_EN, ACCEL_FIFO_EN);
  };
  const readAt = async (range: Mpu6050Range): Promise<{ samples: AccelG[]; isFull: boolean }> => {
    const isFull = ((await get(INT_STATUS)) & FIFO_OVERFLOW) !== 0;
    if (isFull) {
      // Overwritten byte by byte, the FIFO may begin anywhere in a sample: all of it is given up.
      await start(range);
      return { samples: [], isFull };
    }
    const count = await bus.read(address, FIFO_COUNTH, 2);
    let left = Math.floor(((count[0]! << 8) | count[1]!) / SAMPLE_BYTES);
    const samples: AccelG[] = [];
    while (left > 0) {
      const some = Math.min(left, SAMPLES_PER_READ);
      const bytes = await bus.read(address, FIFO_R_W, some * SAMPLE_BYTES);
      for (let from = 0; from < bytes.length; from += SAMPLE_BYTES)
        samples.push(mpu6050G(bytes.subarray(from, from + SAMPLE_BYTES), range));
      left -= some;
    }
    return { samples, isFull };
  };
  const mean = async (selfTest: number): Promise<AccelG> => {
    await start(SELF_TEST_RANGE, selfTest);
    await clock.sleep(SETTLE_MS);
    await readAt(SELF_TEST_RANGE);
    const samples: AccelG[] = [];
    for (let tries = 0; samples.length < SELF_TEST_SAMPLES; tries++) {
      if (tries === 20) throw new ChipError(at, 'it gives no samples for its self-test: check its supply');
      await clock.sleep(SETTLE_MS);
      samples.push(...(await readAt(SELF_TEST_RANGE)).samples);
    }
    return meanG(samples);
  };
  await start(rangeG);

  return {
    rateHz,
    rangeG,
    read: () => readAt(rangeG),
    async temperature() {
      const bytes = await bus.read(address, TEMP_OUT_H, 2);
      // 4.18: two's complement, 340 a degree.
      return (((bytes[0]! << 24) | (bytes[1]! << 16)) >> 16) / 340 + 36.53;
    },
    async selfTest() {
      try {
        const trims = trimsG(await bus.read(address, SELF_TEST_X, 4));
        const still = await mean(0);
        const changesG = minusG(await mean(SELF_TEST_ALL), still);
        const isPassed = changesG.every((g, axis) => {
          const trim = trims[axis]!;
          return trim > 0 && Math.abs(g / trim - 1) <= MOST_TRIM_CHANGE;
        });
        return { changesG, isPassed };
      } finally {
        await start(rangeG);
      }
    },
  };
}

/** 4.1: five bits of each axis, spread over four registers; the response they stand for, in g. */
export function trimsG(bytes: Uint8Array): AccelG {
  const [x, y, z, shared] = bytes as unknown as [number, number, number, number];
  const code = (high: number, low: number): number => ((high >> 5) << 2) | (low & 0b11);
  const trim = (bits: number): number => (bits === 0 ? 0 : 0.34 * (0.92 / 0.34) ** ((bits - 1) / (2 ** 5 - 2)));
  return [trim(code(x, shared >> 4)), trim(code(y, shared >> 2)), trim(code(z, shared))];
}

/** Six bytes, high byte first. */
export function mpu6050G(bytes: Uint8Array, rangeG: Mpu6050Range): AccelG {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { lsbPerG } = ranges[rangeG];
  return [view.getInt16(0) / lsbPerG, view.getInt16(2) / lsbPerG, view.getInt16(4) / lsbPerG];
}
