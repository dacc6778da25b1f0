/** CO2 and gas sensors on serial lines: MH-Z19, SenseAir S8, MCU680, byte for byte. Sources: beside each driver in firmware/chips. */
import { commandReader, sum, type UartTwin, type UartTwinOptions, word } from './uart-twin.ts';

export interface Co2TwinOptions extends UartTwinOptions {
  readonly co2Ppm: (nowMs: number) => number;
}

export function createMhz19Twin({ send, nowMs, co2Ppm }: Co2TwinOptions): UartTwin {
  const startMs = nowMs();
  let zeroedPpm = 0;
  return {
    tick: () => undefined,
    receive: commandReader(
      (bytes) => (bytes[0] !== 0xff ? 0 : 9),
      (command) => {
        if (command[8] !== (-sum([...command.subarray(1, 8)]) & 0xff)) return;
        if (command[2] === 0x87) zeroedPpm = 400 - co2Ppm(nowMs());
        if (command[2] !== 0x86) return;
        // For the first second its lamp is dark.
        const data = nowMs() - startMs < 1000 ? [0, 0, 0] : [...word(co2Ppm(nowMs()) + zeroedPpm), 62];
        const body = [0x86, ...data, 0, 0, 0];
        send(Uint8Array.of(0xff, ...body, -sum(body) & 0xff));
      },
    ),
  };
}

/** Input registers 1 to 4, as any address. */
export function createS8Twin({ send, nowMs, co2Ppm, status = () => 0 }: Co2TwinOptions & { readonly status?: () => number }): UartTwin {
  const reply = (...body: number[]): void => {
    const crc = crc16(body);
    send(Uint8Array.of(...body, crc & 0xff, crc >> 8));
  };
  return {
    tick: () => undefined,
    receive: commandReader(
      (bytes) => (bytes[0] !== 0xfe ? 0 : 8),
      (command) => {
        if (crc16([...command.subarray(0, 6)]) !== (command[6]! | (command[7]! << 8))) return;
        const [, func, , first, , count] = command as unknown as number[];
        const registers = [status(), 0, 0, Math.round(co2Ppm(nowMs()))];
        if (func !== 0x04 || first! + count! > registers.length) return reply(0xfe, func! | 0x80, func === 0x04 ? 0x02 : 0x01);
        reply(0xfe, 0x04, count! * 2, ...registers.slice(first!, first! + count!).flatMap((value) => word(value)));
      },
    ),
  };
}

function crc16(bytes: readonly number[]): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

export function createMcu680Twin(
  options: UartTwinOptions & {
    readonly air: (nowMs: number) => { readonly temperatureC: number; readonly humidityPercent: number; readonly pressureHpa: number };
  },
): UartTwin {
  const { send, nowMs, air } = options;
  return {
    tick: () => undefined,
    receive: commandReader(
      (bytes) => (bytes[0] !== 0xa5 ? 0 : 4),
      ([, , mode]) => {
        if (mode !== 0x01) return;
        const { temperatureC, humidityPercent, pressureHpa } = air(nowMs());
        const pa = Math.round(pressureHpa * 100);
        const gasOhm = 52_400;
        const body = [
          ...[0x5a, 0x5a, 0x3f, 0x0f, ...word(temperatureC * 100), ...word(humidityPercent * 100)],
          ...[(pa >> 16) & 0xff, (pa >> 8) & 0xff, pa & 0xff, 0x30, 0x2a],
          ...[0, gasOhm >> 16, (gasOhm >> 8) & 0xff, gasOhm & 0xff, ...word(5)],
        ];
        send(Uint8Array.of(...body, sum(body) & 0xff));
      },
    ),
  };
}
