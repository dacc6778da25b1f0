/**
 * NAU7802, 24-bit ADC for load cells. Source: Nuvoton NAU7802 datasheet, revision 1.7 (section numbers below).
 */
import { hex, type I2cBus } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import { ChipError } from './chip-error.ts';

export const NAU7802_ADDRESS = 0x2a;
/** Registers, section 11. */
const PU_CTRL = 0x00;
const CTRL1 = 0x01;
const CTRL2 = 0x02;
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
/** CTRL1, 11.2: LDO 3.0 V (bits 5:3 = 101), gain 128 (bits 2:0 = 111). */
const LDO_3V0 = 0b101 << 3;
const GAIN_128 = 0b111;
/** CTRL2, 11.3: offset calibration of the front end, its error, and the rate in bits 6:4. */
const CALS = 0x04;
const CAL_ERR = 0x08;
const rateCodes = { 10: 0, 20: 1, 40: 2, 80: 3, 320: 7 } as const;
/** ADC, 11.21: chopper clock off, as section 9.1.4 asks for. */
const CHOPPER_OFF = 0x30;
/** PGA_PWR, 11.26: the capacitor between Vin2 pins, which halves the noise at gain 128. */
const PGA_CAP = 0x80;
const REVISION = 0x0f;
/** Power-up takes 200 us (7.2), a calibration up to 344 ms at 10 Hz; several times that. */
const POWER_UP_MS = 50;
const CALIBRATION_MS = 1000;

export type Nau7802Rate = keyof typeof rateCodes;

export interface Nau7802 {
  /** The newest conversion in counts, -8,388,608 to 8,388,607; undefined while none is ready. */
  read(): Promise<number | undefined>;
}

/**
 * Powers the chip up, gain 128, LDO 3.0 V, and calibrates its offset. Rejects with ChipError when another chip answers or the
 * calibration fails, with BusError when none answers.
 */
export async function openNau7802(bus: I2cBus, clock: Clock, rateHz: Nau7802Rate): Promise<Nau7802> {
  const at = `NAU7802 at ${hex(NAU7802_ADDRESS)}`;
  const get = async (register: number): Promise<number> => (await bus.read(NAU7802_ADDRESS, register, 1))[0]!;
  const set = (register: number, value: number): Promise<void> => bus.write(NAU7802_ADDRESS, Uint8Array.of(register, value));
  const until = async (ready: () => Promise<boolean>, withinMs: number, what: string): Promise<void> => {
    const startMs = clock.monotonic();
    while (!(await ready())) {
      if (clock.monotonic() - startMs > withinMs) throw new ChipError(at, `${what} did not end within ${withinMs} ms: check its supply`);
      await clock.sleep(5);
    }
  };

  const revision = (await get(DEVICE_REVISION)) & 0x0f;
  if (revision !== REVISION) {
    throw new ChipError(
      at,
      `the chip says revision ${hex(revision)} where a NAU7802 says ${hex(REVISION)}: another chip is at this address`,
    );
  }
  await set(PU_CTRL, RR);
  await set(PU_CTRL, PUD);
  await until(async () => ((await get(PU_CTRL)) & PUR) !== 0, POWER_UP_MS * 4, 'power-up');
  await set(PU_CTRL, PUD | PUA | AVDDS);
  await set(CTRL1, LDO_3V0 | GAIN_128);
  await set(ADC, CHOPPER_OFF);
  await set(PGA_PWR, PGA_CAP);
  const rate = rateCodes[rateHz] << 4;
  await set(CTRL2, rate | CALS);
  await until(async () => ((await get(CTRL2)) & CALS) === 0, CALIBRATION_MS, 'offset calibration');
  if (((await get(CTRL2)) & CAL_ERR) !== 0) throw new ChipError(at, 'its offset calibration failed: is the load cell wired?');
  await set(PU_CTRL, PUD | PUA | AVDDS | CS);

  return {
    async read() {
      if (((await get(PU_CTRL)) & CR) === 0) return undefined;
      const [high, middle, low] = (await bus.read(NAU7802_ADDRESS, ADCO_B2, 3)) as unknown as [number, number, number];
      // 24-bit two's complement, most significant byte first (11.18).
      return ((high << 24) | (middle << 16) | (low << 8)) >> 8;
    },
  };
}
