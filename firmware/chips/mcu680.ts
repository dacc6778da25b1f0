/**
 * MCU680 boards (GYMCU680 and like): a BME680 behind a small controller that speaks serial, 9600 baud 8N1.
 *
 * Source: GYMCU680 module description, "serial protocol": 5A 5A, what is in it (0x3F: everything), number of data bytes, data high byte
 * first, sum of all before it. Temperature and humidity in hundredths, pressure in Pa over three bytes, then four bits of accuracy and twelve of
 * the index of Bosch's BSEC, gas resistance in ohm over four bytes, height in m.
 */
import type { Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues } from './chip-reading.ts';
import { type Parse, parserOf, sumOf } from './serial-frames.ts';
import { openUartSensor, valuesOverUart, warmingUp } from './uart-sensor.ts';

export type Mcu680Sample =
  | {
      readonly kind: 'values';
      readonly temperatureC: number;
      readonly humidityPercent: number;
      readonly pressureHpa: number;
      /** 0: not yet calibrated, to 3: well calibrated (BSEC). */
      readonly iaqAccuracy: number;
      readonly iaq: number;
      readonly gasOhm: number;
      readonly heightM: number;
    }
  | { readonly kind: 'warming-up' };

const EVERYTHING = 0x3f;
const DATA_BYTES = 15;

export const mcu680Frames: Parse<Mcu680Sample> = parserOf<Mcu680Sample>({
  name: 'mcu680',
  header: [0x5a, 0x5a, EVERYTHING, DATA_BYTES],
  lengthOf: () => 4 + DATA_BYTES + 1,
  checksums: (frame) => ({ wanted: sumOf(frame, 0, 4 + DATA_BYTES) & 0xff, found: frame[4 + DATA_BYTES]! }),
  decode: (frame) => {
    if (sumOf(frame, 4, 4 + DATA_BYTES) === 0) return { kind: 'warming-up' };
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const index = view.getUint16(11);
    return {
      kind: 'values',
      temperatureC: view.getInt16(4) / 100,
      humidityPercent: view.getUint16(6) / 100,
      pressureHpa: ((view.getUint16(8) << 8) | view.getUint8(10)) / 100,
      iaqAccuracy: index >> 12,
      iaq: index & 0x0fff,
      gasOhm: view.getUint32(13),
      heightM: view.getInt16(17),
    };
  },
});

/** Sends one frame (01) or goes on by itself (02); the checksum is the sum of the three before it. */
export const mcu680Commands = {
  readOnce: Uint8Array.of(0xa5, 0x56, 0x01, 0xfc),
  active: Uint8Array.of(0xa5, 0x56, 0x02, 0xfd),
} as const;

const ANSWER_MS = 1500;

/** Asked for each value: the board answers with its last measurement. */
export async function openMcu680(uart: Uart, clock: Clock): Promise<ChipOfValues> {
  const sensor = openUartSensor(uart, clock, mcu680Frames);
  return valuesOverUart({
    what: 'mcu680',
    uart,
    clock,
    warmUpMs: 0,
    next: () => sensor.ask(mcu680Commands.readOnce, ANSWER_MS),
    reading(sample) {
      if (sample.kind === 'warming-up') return warmingUp('mcu680');
      const { temperatureC: temperature, humidityPercent: humidity, pressureHpa: pressure, gasOhm: gas_resistance, iaq } = sample;
      // The index means nothing until the board has calibrated itself.
      return { kind: 'values', values: { temperature, humidity, pressure, gas_resistance, ...(sample.iaqAccuracy > 0 ? { iaq } : {}) } };
    },
  });
}
