/**
 * NAU7802 24-bit ADC at register level. Source: Nuvoton NAU7802 datasheet, revision 1.7: section 11 (registers), 7.2 (power-up),
 * 7.4 (calibration), 8.1 (conversion rate), 9.4 (temperature sensor).
 */
import { createRegisterChip, type VirtualChip } from '../i2c.ts';

const PU_CTRL = 0x00;
const CTRL1 = 0x01;
const CTRL2 = 0x02;
const OCAL1_B2 = 0x03;
const OCAL2_B2 = 0x0a;
const I2C_CONTROL = 0x11;
const ADCO_B2 = 0x12;
const PGA_PWR = 0x1c;
const DEVICE_REVISION = 0x1f;
/** Table 11.1: REG 0x1F reads 0x0F in its low nibble. */
const REVISION = 0x0f;
const RR = 0x01;
const PUD = 0x02;
const PUR = 0x08;
const CS = 0x10;
const CR = 0x20;
const CALS = 0x04;
const CAL_ERR = 0x08;
const CALMOD = 0x03;
const CHANNEL_2 = 0x80;
const TS = 0x02;
const POWER_UP_MS = 0.2;
/** CRS, REG 0x02 bits 6:4, in samples a second. */
const ratesHz: Readonly<Record<number, number>> = { 0: 10, 1: 20, 2: 40, 3: 80, 7: 320 };
/** The digital filter needs four conversions after a start before its output is settled. */
const SETTLING_CONVERSIONS = 4;
const MAX_COUNTS = 0x7f_ffff;
const MIN_COUNTS = -0x80_0000;

export interface VirtualNau7802Options {
  /** Load in counts at gain 128 at a time, on a channel; clipped to 24 bits as the converter does. */
  readonly counts: (nowMs: number, channel: 1 | 2) => number;
  readonly nowMs: () => number;
  /** Low nibble of the revision register; another value is another chip. */
  readonly revision?: number;
  /** Temperature of the chip. */
  readonly temperatureC?: (nowMs: number) => number;
  /** Part by which its oscillator is off: 0.02 converts 2 % too often. */
  readonly drift?: number;
  /** True: a calibration ends with its error bit, as with an open input. */
  readonly failsCalibration?: () => boolean;
}

export function createVirtualNau7802(options: VirtualNau7802Options): VirtualChip {
  const { counts, nowMs, revision = REVISION, temperatureC = () => 25, drift = 0, failsCalibration = () => false } = options;
  let registers = new Uint8Array(0x20);
  let poweredAtMs = Number.POSITIVE_INFINITY;
  let startedAtMs = Number.POSITIVE_INFINITY;
  let calibratedAtMs = Number.NEGATIVE_INFINITY;
  let hasFailed = false;
  let taken = 0;
  let latched = new Uint8Array(3);
  let zero: Record<1 | 2, number> = { 1: 0, 2: 0 };

  const rateHz = (): number => (ratesHz[(registers[CTRL2]! >> 4) & 7] ?? 10) * (1 + drift);
  const channel = (): 1 | 2 => ((registers[CTRL2]! & CHANNEL_2) !== 0 ? 2 : 1);
  const conversions = (): number => {
    const isRunning = (registers[PU_CTRL]! & CS) !== 0 && nowMs() >= calibratedAtMs;
    return isRunning ? Math.max(0, Math.floor(((nowMs() - startedAtMs) * rateHz()) / 1000) - SETTLING_CONVERSIONS + 1) : 0;
  };
  const gain = (): number => 2 ** (registers[CTRL1]! & 7);
  const ldoV = (): number => 4.5 - 0.3 * ((registers[CTRL1]! >> 3) & 7);
  const input = (): number => {
    if ((registers[I2C_CONTROL]! & TS) !== 0) return ((0.109 + 0.000_39 * (temperatureC(nowMs()) - 25)) / (ldoV() / gain())) * 2 ** 23;
    // With a cell on channel 2 and the capacitor switched on, the second input is shorted through it.
    if (channel() === 2 && (registers[PGA_PWR]! & 0x80) !== 0) return 0;
    return (counts(nowMs(), channel()) * gain()) / 128 - zero[channel()];
  };
  const latch = (): void => {
    taken = conversions();
    const value = Math.round(Math.min(MAX_COUNTS, Math.max(MIN_COUNTS, input())));
    latched = Uint8Array.of((value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
  };
  const calibrate = (mode: number): void => {
    hasFailed = failsCalibration();
    if (hasFailed) return;
    if (mode === 0b10) zero[channel()] = 0;
    if (mode === 0b10) zero[channel()] = input();
    const at = channel() === 2 ? OCAL2_B2 : OCAL1_B2;
    const magnitude = Math.abs(Math.round(zero[channel()]));
    registers.set([(magnitude >> 16) | (zero[channel()] < 0 ? 0x80 : 0), (magnitude >> 8) & 0xff, magnitude & 0xff], at);
  };

  return createRegisterChip({
    address: 0x2a,
    onRead(register) {
      if (register === PU_CTRL) {
        const isUp = nowMs() >= poweredAtMs + POWER_UP_MS;
        return (registers[PU_CTRL]! & ~(PUR | CR)) | (isUp ? PUR : 0) | (conversions() > taken ? CR : 0);
      }
      if (register === CTRL2)
        return (registers[CTRL2]! & ~(nowMs() >= calibratedAtMs ? CALS | CAL_ERR : CAL_ERR)) | (hasFailed ? CAL_ERR : 0);
      if (register === DEVICE_REVISION) return revision;
      if (register === ADCO_B2 && conversions() > 0) latch();
      if (register >= ADCO_B2 && register < ADCO_B2 + 3) return latched[register - ADCO_B2]!;
      return registers[register] ?? 0;
    },
    onWrite(register, value) {
      if (register === PU_CTRL && (value & RR) !== 0) {
        registers = new Uint8Array(0x20);
        poweredAtMs = startedAtMs = Number.POSITIVE_INFINITY;
        taken = 0;
        zero = { 1: 0, 2: 0 };
      }
      if (register === PU_CTRL && (value & PUD) !== 0 && (registers[PU_CTRL]! & PUD) === 0) poweredAtMs = nowMs();
      if (register === PU_CTRL && (value & CS) !== 0 && (registers[PU_CTRL]! & CS) === 0) startedAtMs = nowMs();
      if (register < registers.length) registers[register] = value;
      if (register === CTRL2) {
        // A new rate, channel or calibration restarts the filter.
        startedAtMs = nowMs();
        taken = 0;
        if ((value & CALS) !== 0) {
          calibratedAtMs = startedAtMs = nowMs() + 1000 / rateHz();
          calibrate(value & CALMOD);
        }
      }
    },
  });
}
