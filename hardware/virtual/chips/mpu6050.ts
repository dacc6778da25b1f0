/**
 * MPU-6050 at register level, accelerometer part. Source: InvenSense RM-MPU-6000A revision 4.2: 3 (register map), 4.2 (rate), 4.5 (range),
 * 4.29 to 4.31 (FIFO of 1024 bytes), 4.1 (self-test codes).
 */
import { createRegisterChip, type VirtualChip } from '../i2c.ts';
import type { AccelG } from './adxl345.ts';
import { createSampleQueue } from './sample-queue.ts';

export interface VirtualMpu6050Options {
  readonly accelG: (nowMs: number) => AccelG;
  readonly nowMs: () => number;
  readonly address?: number;
  readonly id?: number;
  readonly isStuck?: boolean;
}

const SELF_TEST_X = 0x0d;
const SMPLRT_DIV = 0x19;
const ACCEL_CONFIG = 0x1c;
const FIFO_EN = 0x23;
const USER_CTRL = 0x6a;
const PWR_MGMT_1 = 0x6b;
const SLEEP = 0x40;
/** Whole samples that the FIFO holds. */
const DEPTH = 170;
/** Five-bit code of each axis: 16 stands for a trim of 0.34 * (0.92 / 0.34) ^ (15 / 30) g. */
const TRIM_CODE = 16;
const TRIM_G = 0.34 * Math.sqrt(0.92 / 0.34);

export function createVirtualMpu6050({ accelG, nowMs, address = 0x68, id = 0x68, isStuck = false }: VirtualMpu6050Options): VirtualChip {
  let registers = resetRegisters();
  let current = new Uint8Array(0);
  const isMeasuring = (): boolean =>
    (registers[PWR_MGMT_1]! & SLEEP) === 0 && (registers[USER_CTRL]! & 0x40) !== 0 && (registers[FIFO_EN]! & 0x08) !== 0;
  const encode = (atMs: number): Uint8Array<ArrayBuffer> => {
    const lsbPerG = 16_384 / 2 ** ((registers[ACCEL_CONFIG]! >> 3) & 3);
    const view = new DataView(new ArrayBuffer(6));
    accelG(atMs).forEach((g, axis) => {
      const pull = (registers[ACCEL_CONFIG]! & (0x80 >> axis)) !== 0 && !isStuck ? TRIM_G : 0;
      view.setInt16(axis * 2, Math.max(-32_768, Math.min(32_767, Math.round((g + pull) * lsbPerG))));
    });
    return new Uint8Array(view.buffer);
  };
  const fifo = createSampleQueue({
    nowMs,
    depth: DEPTH,
    rateHz: () => (isMeasuring() ? 1000 / (registers[SMPLRT_DIV]! + 1) : 0),
    take: encode,
  });
  return createRegisterChip({
    address,
    // The FIFO's own register stays where it is while bytes come out of it.
    isFixed: (register) => register === 0x74,
    onRead(register) {
      if (register === 0x75) return id;
      fifo.sample();
      if (register === 0x3a) return fifo.isOverrun ? 0x10 : 0;
      const waiting = current.length + fifo.length * 6;
      if (register === 0x72) return waiting >> 8;
      if (register === 0x73) return waiting & 0xff;
      if (register === 0x74) {
        if (current.length === 0) current = (fifo.shift() as Uint8Array<ArrayBuffer> | undefined) ?? new Uint8Array(0);
        const [byte] = current;
        current = current.subarray(1);
        return byte ?? 0;
      }
      // 25 degrees (4.18).
      if (register === 0x41 || register === 0x42) return (((25 - 36.53) * 340) >> (register === 0x41 ? 8 : 0)) & 0xff;
      return registers[register] ?? 0;
    },
    onWrite(register, value) {
      if (register === PWR_MGMT_1 && (value & 0x80) !== 0) {
        registers = resetRegisters();
        return;
      }
      fifo.sample();
      registers[register] = value;
      if (register === USER_CTRL && (value & 0x04) !== 0) {
        fifo.restart();
        current = new Uint8Array(0);
        registers[USER_CTRL] = value & ~0x04;
      }
      if (register === FIFO_EN || register === SMPLRT_DIV) fifo.restart();
    },
  });
}

function resetRegisters(): Uint8Array {
  const registers = new Uint8Array(0x80);
  registers[PWR_MGMT_1] = SLEEP;
  const high = (TRIM_CODE >> 2) << 5;
  const low = TRIM_CODE & 0b11;
  registers.set([high, high, high, (low << 4) | (low << 2) | low], SELF_TEST_X);
  return registers;
}
