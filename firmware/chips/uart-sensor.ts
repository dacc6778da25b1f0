/**
 * What all sensors on a serial line have in common: some are asked and answer, some send by themselves, all have a deadline.
 */
import { BusError, type Uart } from '../buses/bus.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChipOfValues, ChipReading } from './chip-reading.ts';
import { createFrameReader, type Decoded, type Parse } from './serial-frames.ts';

export interface UartSensor<T> {
  /** Writes a command and waits for the next frame; undefined when nothing came. A fault is given back when no frame followed it in time. */
  ask(command: Uint8Array, withinMs: number): Promise<Decoded<T> | undefined>;
  /** The newest frame that has come, waiting for one; as {@link UartSensor.ask}. */
  newest(withinMs: number): Promise<Decoded<T> | undefined>;
  send(command: Uint8Array): Promise<void>;
}

export function openUartSensor<T>(uart: Uart, clock: Clock, parse: Parse<T>): UartSensor<T> {
  const reader = createFrameReader(parse);
  const newest = async (withinMs: number): Promise<Decoded<T> | undefined> => {
    const untilMs = clock.monotonic() + withinMs;
    let last: Decoded<T> | undefined;
    while (true) {
      const leftMs = untilMs - clock.monotonic();
      if (leftMs <= 0) return last ?? reader.end().at(-1);
      const bytes = await uart.read(leftMs);
      const decoded = bytes.length === 0 ? reader.end() : reader.push(bytes);
      const frame = decoded.findLast(({ kind }) => kind === 'frame');
      if (frame !== undefined) return frame;
      last = decoded.at(-1) ?? last;
    }
  };
  return {
    newest,
    send: (command) => uart.write(command),
    async ask(command, withinMs) {
      // An answer that came too late would be taken for the answer to this.
      uart.discard();
      reader.end();
      await uart.write(command);
      return newest(withinMs);
    },
  };
}

/** Nothing at all came: what a person checks first. */
export const silence = (uart: Uart, what: string): BusError =>
  new BusError(
    'timeout',
    `${what} on ${uart.name} says nothing: check that its TX goes to RX, its supply, and that the port is the right one`,
  );

export interface UartValues<T> {
  /** The chip, for messages. */
  readonly what: string;
  readonly uart: Uart;
  readonly clock: Clock;
  readonly next: () => Promise<Decoded<T> | undefined>;
  readonly reading: (value: T) => ChipReading;
  /** From opening on values are not the room's for so long. */
  readonly warmUpMs: number;
  readonly stop?: () => Promise<void>;
}

/** A sensor on a serial line as a chip that gives values. Silence is an error; a spoiled frame is not. */
export function valuesOverUart<T>({ what, uart, clock, next, reading, warmUpMs, stop }: UartValues<T>): ChipOfValues {
  const warmAtMs = clock.monotonic() + warmUpMs;
  return {
    async read() {
      const decoded = await next();
      if (decoded === undefined) throw silence(uart, what);
      if (decoded.kind === 'fault') return { kind: 'spoiled', message: `${what} on ${uart.name}: ${decoded.message}` };
      const leftMs = warmAtMs - clock.monotonic();
      // Without a countdown: a status is told on change, and would be told each second.
      if (leftMs > 0) return { kind: 'warming-up', message: `${what} is warming up, which takes ${Math.ceil(warmUpMs / 1000)} s` };
      return reading(decoded.value);
    },
    ...(stop === undefined ? {} : { stop }),
  };
}

/** Of a frame that is whole and empty. */
export const warmingUp = (what: string): ChipReading => ({ kind: 'warming-up', message: `${what} is warming up` });
