/**
 * BME280 at register level. Source: Bosch Sensortec BME280 datasheet BST-BME280-DS002, revision 1.23: 5.4 (registers), 3.3 (modes), and
 * 4.2.3 (integer formulas), by which it finds the raw readings that stand for the air; a driver that computes in doubles has to agree.
 */
import { createRegisterChip, type VirtualChip } from '../i2c.ts';

export interface VirtualBme280Options {
  readonly nowMs: () => number;
  readonly air: (nowMs: number) => { readonly temperatureC: number; readonly pressureHpa: number; readonly humidityPercent: number };
  readonly address?: number;
  /** 0x60: BME280; 0x58: BMP280, which has no humidity. */
  readonly id?: number;
}

/** Trimming of a chip: T and P as the worked example of the BMP280 datasheet (3.12), H as a usual chip's. */
const T = [27_504, 26_435, -1000] as const;
const P = [36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000] as const;
const H = [75, 362, 0, 324, 50, 30] as const;

const MEASURE_MS = 9.3;

export function createVirtualBme280({ nowMs, air, address = 0x76, id = 0x60 }: VirtualBme280Options): VirtualChip {
  const registers = trimmedRegisters();
  let readyAtMs = 0;
  const measure = (): void => {
    readyAtMs = nowMs() + MEASURE_MS;
    const { temperatureC, pressureHpa, humidityPercent } = air(nowMs());
    const temperature = rawFor((raw) => fineOf(raw).degrees / 100, temperatureC, 20);
    const { fine } = fineOf(temperature);
    // More pressure and more humidity: fewer and more counts.
    const pressure = rawFor((raw) => -pressureOf(raw, fine) / 25_600, -pressureHpa, 20);
    const humidity = rawFor((raw) => humidityOf(raw, fine) / 1024, humidityPercent, 16);
    registers.set([pressure >> 12, (pressure >> 4) & 0xff, (pressure << 4) & 0xf0], 0xf7);
    registers.set([temperature >> 12, (temperature >> 4) & 0xff, (temperature << 4) & 0xf0], 0xfa);
    registers.set(id === 0x60 ? [humidity >> 8, humidity & 0xff] : [0, 0], 0xfd);
  };
  return createRegisterChip({
    address,
    onRead(register) {
      if (register === 0xd0) return id;
      if (register === 0xf3) return nowMs() < readyAtMs ? 0x08 : 0;
      return registers[register]!;
    },
    onWrite(register, value) {
      if (register === 0xe0 && value === 0xb6) registers.set(trimmedRegisters());
      if (register < 0xf2 || register > 0xf5) return;
      registers[register] = value;
      // Forced mode: one measurement, then asleep again.
      if (register === 0xf4 && (value & 0b11) !== 0) {
        measure();
        registers[0xf4] = value & ~0b11;
      }
    },
  });
}

function trimmedRegisters(): Uint8Array {
  const registers = new Uint8Array(256);
  const view = new DataView(registers.buffer);
  for (const [index, value] of T.entries()) view.setInt16(0x88 + index * 2, value, true);
  for (const [index, value] of P.entries()) view.setInt16(0x8e + index * 2, value, true);
  view.setUint8(0xa1, H[0]);
  view.setInt16(0xe1, H[1], true);
  view.setUint8(0xe3, H[2]);
  view.setInt8(0xe4, H[3] >> 4);
  view.setUint8(0xe5, (H[3] & 0x0f) | ((H[4] & 0x0f) << 4));
  view.setInt8(0xe6, H[4] >> 4);
  view.setInt8(0xe7, H[5]);
  registers.set([0x80, 0, 0, 0x80, 0, 0, 0x80, 0], 0xf7);
  return registers;
}

/** The raw reading whose value comes nearest; `valueAt` grows with it. */
function rawFor(valueAt: (raw: number) => number, wanted: number, bits: number): number {
  let low = 0;
  let high = 2 ** bits - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 4.2.3, 32-bit integers: hundredths of a degree, and t_fine. */
function fineOf(raw: number): { degrees: number; fine: number } {
  const first = (((raw >> 3) - (T[0] << 1)) * T[1]) >> 11;
  const second = (((((raw >> 4) - T[0]) * ((raw >> 4) - T[0])) >> 12) * T[2]) >> 14;
  const fine = first + second;
  return { fine, degrees: (fine * 5 + 128) >> 8 };
}

/** 4.2.3, 64-bit integers: Pa in Q24.8. */
function pressureOf(raw: number, fine: number): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = P.map(BigInt) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  let first = BigInt(fine) - 128_000n;
  let second = first * first * p6;
  second += (first * p5) << 17n;
  second += p4 << 35n;
  first = ((first * first * p3) >> 8n) + ((first * p2) << 12n);
  first = (((1n << 47n) + first) * p1) >> 33n;
  if (first === 0n) return 0;
  let pressure = 1_048_576n - BigInt(raw);
  pressure = (((pressure << 31n) - second) * 3125n) / first;
  first = (p9 * (pressure >> 13n) * (pressure >> 13n)) >> 25n;
  second = (p8 * pressure) >> 19n;
  return Number(((pressure + first + second) >> 8n) + (p7 << 4n));
}

/** 4.2.3, 32-bit integers: % in Q22.10. */
function humidityOf(raw: number, fine: number): number {
  const [h1, h2, h3, h4, h5, h6] = H.map(BigInt) as [bigint, bigint, bigint, bigint, bigint, bigint];
  const x = BigInt(fine) - 76_800n;
  const left = ((BigInt(raw) << 14n) - (h4 << 20n) - h5 * x + 16_384n) >> 15n;
  const right = ((((((x * h6) >> 10n) * (((x * h3) >> 11n) + 32_768n)) >> 10n) + 2_097_152n) * h2 + 8192n) >> 14n;
  let value = left * right;
  value -= ((((value >> 15n) * (value >> 15n)) >> 7n) * h1) >> 4n;
  if (value < 0n) value = 0n;
  if (value > 419_430_400n) value = 419_430_400n;
  return Number(value >> 12n);
}
