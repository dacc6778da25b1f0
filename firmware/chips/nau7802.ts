/**
 * NAU7802, 24-bit ADC for load cells. Source: Nuvoton NAU7802 datasheet, revision 1.7 (section numbers below).
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { anotherChip, ChipError } from './chip-error.ts';

export const NAU7802_ADDRESS = 0x2a;
/** Registers, section 11. */
const PU_CTRL = 0x00;
const CTRL1 = 0x01;
const CTRL2 = 0x02;
const OCAL1_B2 = 0x03;
const OCAL2_B2 = 0x0a;
const I2C_CONTROL = 0x11;
const ADCO_B2 = 0x12;
const ADC = 0x15;
const PGA_PWR = 0x1c;
const DEVICE_REVISION = 0x1f;
/** PU_CTRL bits, 11.1. */
const RR = 0x01;
const PUD = 0x02;
const PUA = 0x04;
const PUR = 0x08;
const CS = 0x10;
const CR = 0x20;
const AVDDS = 0x80;
/** CTRL1, 11.2: gain in bits 2:0, LDO voltage in bits 5:3. */
const gainCodes = { 1: 0, 2: 1, 4: 2, 8: 3, 16: 4, 32: 5, 64: 6, 128: 7 } as const;
const ldoCodes = { 4.5: 0, 4.2: 1, 3.9: 2, 3.6: 3, 3.3: 4, 3: 5, 2.7: 6, 2.4: 7 } as const;
/** CTRL2, 11.3: mode of calibration in bits 1:0, start, error, rate in bits 6:4, channel in bit 7. */
const CALS = 0x04;
const CAL_ERR = 0x08;
const rateCodes = { 10: 0, 20: 1, 40: 2, 80: 3, 320: 7 } as const;
const CHANNEL_2 = 0x80;
const calibrationModes = { internal: 0b00, offset: 0b10, gain: 0b11 } as const;
/** I2C_CONTROL, 11.14: the chip's own temperature sensor in place of the input. */
const TS = 0x02;
/** ADC, 11.21: chopper clock off, as section 9.1.4 asks for. */
const CHOPPER_OFF = 0x30;
/** PGA_PWR, 11.26: the capacitor between the Vin2 pins, which halves the noise at gain 128; not with a cell on channel 2. */
const PGA_CAP = 0x80;
const REVISION = 0x0f;
/** Power-up takes 200 us (7.2), a calibration up to 344 ms at 10 Hz; several times that. */
const POWER_UP_MS = 200;
const CALIBRATION_MS = 1000;
/** Conversions until the filter has settled on a new input (8.1). */
const SETTLING_CONVERSIONS = 6;
/** 9.4: 109 mV at 25 degrees, 390 uV a degree, at gain 2 and LDO reference. */
const TEMPERATURE_GAIN = 2;
const TEMPERATURE_AT_25_V = 0.109;
const TEMPERATURE_V_PER_K = 0.000_39;
const FULL_SCALE = 2 ** 23;
export const NAU7802_MAX_COUNTS = FULL_SCALE - 1;
export const NAU7802_MIN_COUNTS = -FULL_SCALE;

export type Nau7802Rate = keyof typeof rateCodes;
export type Nau7802Gain = keyof typeof gainCodes;
export type Nau7802Ldo = keyof typeof ldoCodes;
export type Nau7802Channel = 1 | 2;

export interface Nau7802Settings {
  readonly rateHz: Nau7802Rate;
  readonly gain?: Nau7802Gain;
  /** Voltage of the chip's regulator, which feeds the cell; at least 0.3 V below its supply. */
  readonly ldoV?: Nau7802Ldo;
  readonly channel?: Nau7802Channel;
}

export interface Nau7802 {
  /** The newest conversion in counts, -8,388,608 to 8,388,607; undefined while none is ready. */
  read(): Promise<number | undefined>;
  /** Switches to a channel and calibrates its offset. The next conversions are the other cell's. */
  select(channel: Nau7802Channel): Promise<void>;
  /**
   * `internal`: the front end's own offset, input cut off; `offset`: what the cell gives now becomes zero; `gain`: it becomes full scale.
   * Rejects with ChipError when the chip finds the input out of its range.
   */
  calibrate(mode: keyof typeof calibrationModes): Promise<void>;
  /** What the last offset calibration of the channel takes off, in counts. */
  offset(): Promise<number>;
  /** Of the chip itself, in degrees; within some 5 K of the truth, its changes within 1 K. Takes some conversions of the cell away. */
  temperature(): Promise<number>;
}

/**
 * Powers the chip up, sets gain, regulator and channel, and calibrates its offset. Rejects with ChipError when another chip answers or
 * the calibration fails, with BusError when none answers.
 */
export async function openNau7802(bus: I2cBus, clock: Clock, settings: Nau7802Rate | Nau7802Settings): Promise<Nau7802> {
  const { rateHz, gain = 128, ldoV = 3, channel: first = 1 } = typeof settings === 'number' ? { rateHz: settings } : settings;
  const at = `NAU7802 at ${hex(NAU7802_ADDRESS)}`;
  let channel: Nau7802Channel = first;
  const get = async (register: number): Promise<number> => (await bus.read(NAU7802_ADDRESS, register, 1))[0]!;
  const set = (register: number, value: number): Promise<void> => bus.write(NAU7802_ADDRESS, Uint8Array.of(register, value));
  const until = async (ready: () => Promise<boolean>, withinMs: number, what: string): Promise<void> => {
    const startMs = clock.monotonic();
    while (!(await ready())) {
      if (clock.monotonic() - startMs > withinMs) throw new ChipError(at, `${what} did not end within ${withinMs} ms: check its supply`);
      await clock.sleep(5);
    }
  };
  const control2 = (): number => (rateCodes[rateHz] << 4) | (channel === 2 ? CHANNEL_2 : 0);
  const control1 = (ofGain: Nau7802Gain): number => (ldoCodes[ldoV] << 3) | gainCodes[ofGain];
  const calibrate = async (mode: keyof typeof calibrationModes): Promise<void> => {
    await set(CTRL2, control2() | CALS | calibrationModes[mode]);
    await until(async () => ((await get(CTRL2)) & CALS) === 0, CALIBRATION_MS, `${mode} calibration`);
    if (((await get(CTRL2)) & CAL_ERR) !== 0)
      throw new ChipError(at, `its ${mode} calibration failed: the input is out of range; is the load cell wired (E+, E-, A+, A-)?`);
  };
  const convert = async (): Promise<number> => signed24(await bus.read(NAU7802_ADDRESS, ADCO_B2, 3));

  const revision = (await get(DEVICE_REVISION)) & 0x0f;
  if (revision !== REVISION) {
    throw anotherChip(at, 'revision', revision, REVISION);
  }
  await set(PU_CTRL, RR);
  await set(PU_CTRL, PUD);
  await until(async () => ((await get(PU_CTRL)) & PUR) !== 0, POWER_UP_MS, 'power-up');
  await set(PU_CTRL, PUD | PUA | AVDDS);
  await set(CTRL1, control1(gain));
  await set(ADC, CHOPPER_OFF);
  await set(PGA_PWR, channel === 2 ? 0 : PGA_CAP);
  await calibrate('internal');
  await set(PU_CTRL, PUD | PUA | AVDDS | CS);

  return {
    calibrate,
    async read() {
      return ((await get(PU_CTRL)) & CR) === 0 ? undefined : convert();
    },
    async select(wanted) {
      channel = wanted;
      // The capacitor would join the second cell's inputs.
      if (wanted === 2) await set(PGA_PWR, 0);
      await calibrate('internal');
    },
    async offset() {
      const magnitude = signed24(await bus.read(NAU7802_ADDRESS, channel === 2 ? OCAL2_B2 : OCAL1_B2, 3));
      // Bit 23 is the sign of a magnitude (11.4), not two's complement.
      return magnitude < 0 ? -(magnitude + FULL_SCALE) : magnitude;
    },
    async temperature() {
      await set(I2C_CONTROL, TS);
      await set(CTRL1, control1(TEMPERATURE_GAIN));
      await clock.sleep((SETTLING_CONVERSIONS * 1000) / rateHz);
      const volts = ((await convert()) / FULL_SCALE) * (ldoV / TEMPERATURE_GAIN);
      await set(I2C_CONTROL, 0);
      await set(CTRL1, control1(gain));
      await clock.sleep((SETTLING_CONVERSIONS * 1000) / rateHz);
      return 25 + (volts - TEMPERATURE_AT_25_V) / TEMPERATURE_V_PER_K;
    },
  };
}

/** 24-bit two's complement, most significant byte first (11.18). */
export const signed24 = (bytes: Uint8Array): number => ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8)) >> 8;
