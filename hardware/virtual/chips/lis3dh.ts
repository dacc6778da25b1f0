/**
 * LIS3DH accelerometer at register level. Source: STMicroelectronics LIS3DH datasheet, DocID17530 revision 2: section 8 (registers),
 * table 4 (sensitivity, self-test), 6.1.1 (auto-increment); AN3308 (FIFO: the address wraps at OUT_Z_H).
 */
import type { VirtualChip } from '../i2c.ts';
import type { AccelG } from './adxl345.ts';
import { createSampleQueue } from './sample-queue.ts';

export interface VirtualLis3dhOptions {
  readonly accelG: (nowMs: number) => AccelG;
  readonly nowMs: () => number;
  readonly address?: number;
  readonly id?: number;
  readonly isStuck?: boolean;
}

const CTRL_REG1 = 0x20;
const CTRL_REG4 = 0x23;
const CTRL_REG5 = 0x24;
const OUT_X_L = 0x28;
const OUT_Z_H = 0x2d;
const FIFO_CTRL = 0x2e;
const FIFO_SRC = 0x2f;
const ratesHz = [0, 1, 10, 25, 50, 100, 200, 400] as const;
const digitsMg = [1, 2, 4, 12] as const;
const DEPTH = 32;
/** In the middle of the limits at 2 g. */
const SELF_TEST_G = 0.5;

export function createVirtualLis3dh({ accelG, nowMs, address = 0x18, id = 0x33, isStuck = false }: VirtualLis3dhOptions): VirtualChip {
  const registers = new Uint8Array(0x40);
  registers[CTRL_REG1] = 0x07;
  let pointer = 0;
  let increments = false;
  let output = new Uint8Array(6);

  const encode = (atMs: number): Uint8Array<ArrayBuffer> => {
    const mg = digitsMg[(registers[CTRL_REG4]! >> 4) & 3]!;
    const pull = (registers[CTRL_REG4]! & 0x06) !== 0 && !isStuck ? SELF_TEST_G : 0;
    const view = new DataView(new ArrayBuffer(6));
    accelG(atMs).forEach((g, axis) => {
      const digits = Math.round(((g + pull) * 1000) / mg);
      view.setInt16(axis * 2, Math.max(-2048, Math.min(2047, digits)) << 4, true);
    });
    return new Uint8Array(view.buffer);
  };
  const fifo = createSampleQueue({ nowMs, depth: DEPTH, rateHz: () => ratesHz[registers[CTRL_REG1]! >> 4] ?? 0, take: encode });

  const read = (register: number): number => {
    if (register === 0x0f) return id;
    fifo.sample();
    if (register === FIFO_SRC) return (fifo.isOverrun ? 0x40 : 0) | (fifo.length === 0 ? 0x20 : 0) | (fifo.length & 0x1f);
    if (register >= OUT_X_L && register <= OUT_Z_H) {
      if (register === OUT_X_L) {
        output = (fifo.shift() as Uint8Array<ArrayBuffer> | undefined) ?? output;
        fifo.clearOverrun();
      }
      return output[register - OUT_X_L]!;
    }
    return registers[register] ?? 0;
  };
  return {
    address,
    write([register, ...values]) {
      if (register === undefined) return true;
      pointer = register & 0x7f;
      increments = (register & 0x80) !== 0;
      for (const value of values) {
        if (pointer < registers.length) registers[pointer] = value;
        const bypassed = (registers[FIFO_CTRL]! & 0xc0) === 0 || (registers[CTRL_REG5]! & 0x40) === 0;
        if (pointer === FIFO_CTRL || pointer === CTRL_REG1 || bypassed) fifo.restart();
        if (increments) pointer++;
      }
      return true;
    },
    read: (length) =>
      Uint8Array.from({ length }, () => {
        const value = read(pointer);
        if (increments) pointer = pointer === OUT_Z_H ? OUT_X_L : (pointer + 1) & 0x7f;
        return value;
      }),
  };
}
