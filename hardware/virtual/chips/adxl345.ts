/**
 * ADXL345 accelerometer at register level. Source: Analog Devices ADXL345 datasheet, revision G: "Register Map" (table 19),
 * "FIFO", table 7 (data rates), table 1 (256 LSB/g in full resolution).
 */
import { createRegisterChip, type VirtualChip } from '../i2c.ts';

const DEVID = 0x00;
const OFSX = 0x1e;
const BW_RATE = 0x2c;
const POWER_CTL = 0x2d;
const INT_SOURCE = 0x30;
const DATA_FORMAT = 0x31;
const DATAX0 = 0x32;
const DATAZ1 = 0x37;
const FIFO_CTL = 0x38;
const FIFO_STATUS = 0x39;
const ID = 0xe5;
const MEASURE = 0x08;
const FULL_RES = 0x08;
const SELF_TEST = 0x80;
/** What the self-test force adds at 3.3 V, in the middle of table 14 times table 15. */
const SELF_TEST_G = [1.1, -1.1, 1.8] as const;
/** Offset registers: 15.6 mg a step, 8 bits signed (table 1). */
const OFFSET_G_PER_LSB = 0.0156;
const LSB_PER_G = 256;
const FIFO_LEVELS = 32;
/** Rate code 0x0F is 3200 Hz, and each code below is half of it. */
const rateHz = (code: number): number => 3200 / 2 ** (0x0f - (code & 0x0f));

export type AccelG = readonly [x: number, y: number, z: number];

export interface VirtualAdxl345Options {
  readonly accelG: (nowMs: number) => AccelG;
  readonly nowMs: () => number;
  readonly id?: number;
  readonly address?: number;
  /** A proof mass that is stuck does not follow the self-test. */
  readonly isStuck?: boolean;
}

export function createVirtualAdxl345({ accelG, nowMs, id = ID, address = 0x53, isStuck = false }: VirtualAdxl345Options): VirtualChip {
  const registers = new Uint8Array(0x40);
  registers[BW_RATE] = 0x0a;
  const fifo: Uint8Array[] = [];
  let sampledTo = 0;
  let isOverrun = false;
  let output: Uint8Array = new Uint8Array(6);

  const encode = (atMs: number): Uint8Array => {
    const range = 2 << (registers[DATA_FORMAT]! & 3);
    const isFull = (registers[DATA_FORMAT]! & FULL_RES) !== 0;
    const lsbPerG = isFull ? LSB_PER_G : 512 / range;
    const limit = isFull ? range * LSB_PER_G : 512;
    const bytes = new DataView(new ArrayBuffer(6));
    const isTesting = (registers[DATA_FORMAT]! & SELF_TEST) !== 0 && !isStuck;
    accelG(atMs).forEach((own, axis) => {
      const offset = ((registers[OFSX + axis]! << 24) >> 24) * OFFSET_G_PER_LSB;
      const g = own + offset + (isTesting ? SELF_TEST_G[axis]! : 0);
      bytes.setInt16(axis * 2, Math.max(-limit, Math.min(limit - 1, Math.round(g * lsbPerG))), true);
    });
    return new Uint8Array(bytes.buffer);
  };
  const isMeasuring = (): boolean => (registers[POWER_CTL]! & MEASURE) !== 0;
  /** Takes the samples that are due since the last look. */
  const sample = (): void => {
    if (!isMeasuring()) return;
    const periodMs = 1000 / rateHz(registers[BW_RATE]!);
    const due = Math.floor((nowMs() - sampledTo) / periodMs);
    // What the FIFO cannot hold need not be computed, only counted.
    const first = Math.max(1, due - FIFO_LEVELS);
    for (let step = first; step <= due; step++) {
      if (fifo.length >= FIFO_LEVELS) {
        fifo.shift();
        isOverrun = true;
      }
      fifo.push(encode(sampledTo + step * periodMs));
    }
    if (first > 1) isOverrun = true;
    sampledTo += due * periodMs;
    if ((registers[FIFO_CTL]! & 0xc0) === 0) fifo.splice(0, fifo.length - 1);
  };

  return createRegisterChip({
    address,
    onRead(register) {
      if (register === DEVID) return id;
      sample();
      if (register === FIFO_STATUS) return Math.min(fifo.length, FIFO_LEVELS);
      if (register === INT_SOURCE)
        return (fifo.length > 0 ? 0x80 : 0) | (fifo.length > (registers[FIFO_CTL]! & 0x1f) ? 0x02 : 0) | (isOverrun ? 0x01 : 0);
      if (register >= DATAX0 && register <= DATAZ1) {
        if (register === DATAX0) {
          output = fifo.shift() ?? output;
          isOverrun = false;
        }
        return output[register - DATAX0]!;
      }
      return registers[register] ?? 0;
    },
    onWrite(register, value) {
      if (register === POWER_CTL && (value & MEASURE) !== 0 && !isMeasuring()) {
        sampledTo = nowMs();
        fifo.length = 0;
      }
      if (register === FIFO_CTL && (value & 0xc0) === 0) fifo.length = 0;
      if (register < registers.length) registers[register] = value;
    },
  });
}
