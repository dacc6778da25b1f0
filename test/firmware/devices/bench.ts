/** A device program on a board of the test's: chips in memory, a clock on which waiting is passing time, and everything it said. */
import type { Board } from '../../../firmware/buses/board.ts';
import type { I2cBus, Uart } from '../../../firmware/buses/bus.ts';
import type { DeviceProgram } from '../../../firmware/devices/device.ts';
import type { Reading } from '../../../firmware/protocol/measurement.ts';
import type { DeviceStatus } from '../../../firmware/protocol/messages.ts';
import type { QuantityId } from '../../../firmware/protocol/quantities.ts';
import { type Clock, monotonicMs, utcMs } from '../../../firmware/protocol/time.ts';
import type { VirtualChip } from '../../../hardware/virtual/i2c.ts';
import type { UartTwin } from '../../../hardware/virtual/uart/uart-twin.ts';
import { busOf } from '../chips/bus.ts';

export interface Bench {
  readonly clock: Clock;
  readonly nowMs: () => number;
  /** Sets UTC without touching monotonic time. */
  setUtc(ms: number): void;
  /** Lets time pass at once, as when the machine slept. */
  skip(ms: number): void;
  /** Runs the program until the clock has come this far, then stops it. */
  run(program: DeviceProgram, board: Board, untilMs: number): Promise<void>;
  readonly measured: Reading[];
  readonly lives: Reading[];
  readonly statuses: DeviceStatus[];
  of(quantity: QuantityId): number[];
}

export function createBench(): Bench {
  let now = 0;
  let zeroUtcMs = Date.UTC(2026, 0, 1);
  let endMs = Number.POSITIVE_INFINITY;
  let stop = new AbortController();
  const pass = (ms: number): void => {
    now += ms;
    if (now >= endMs) stop.abort();
  };
  const clock: Clock = {
    monotonic: () => monotonicMs(now),
    utc: () => utcMs(zeroUtcMs + now),
    async sleep(ms) {
      pass(ms);
    },
  };
  const measured: Reading[] = [];
  const lives: Reading[] = [];
  const statuses: DeviceStatus[] = [];
  return {
    clock,
    nowMs: () => now,
    setUtc(ms) {
      zeroUtcMs = ms - now;
    },
    skip: pass,
    measured,
    lives,
    statuses,
    of: (quantity) => measured.filter((one) => one.quantity === quantity).map(({ value }) => value),
    async run(program, board, untilMs) {
      endMs = untilMs;
      stop = new AbortController();
      await program.run({
        board,
        clock,
        signal: stop.signal,
        measured: (readings) => void measured.push(...readings),
        live: (readings) => void lives.push(...readings),
        status(status) {
          const last = statuses.at(-1);
          if (last?.state !== status.state || last.message !== status.message || last.plate !== status.plate) statuses.push(status);
        },
      });
    },
  };
}

export const boardWith = (bus: I2cBus, uart?: Uart): Board => ({
  i2c: () => bus,
  uart: async () => ({ ...uart!, gone: new Promise(() => undefined), close: async () => undefined }),
  lines: () => uart!,
  output() {
    throw new Error('this board has no pin');
  },
  servo() {
    throw new Error('this board has no pin');
  },
  pinState: async () => 0,
  isSupplyLow: () => undefined,
  gone: new Promise(() => undefined),
  close: async () => undefined,
});
export const boardOf = (...chips: VirtualChip[]): Board => boardWith(busOf(...chips));

/** A serial line in memory to a twin: reading lets time pass until the twin has sent something. */
export function uartTo(clock: Clock, create: (send: (bytes: Uint8Array) => void) => UartTwin): Uart {
  let sent: number[] = [];
  const twin = create((bytes) => sent.push(...bytes));
  return {
    name: '/dev/test',
    async write(bytes) {
      twin.receive(bytes);
    },
    async read(withinMs) {
      const untilMs = clock.monotonic() + withinMs;
      twin.tick();
      while (sent.length === 0 && clock.monotonic() < untilMs) {
        await clock.sleep(10);
        twin.tick();
      }
      return Uint8Array.from(sent.splice(0));
    },
    discard() {
      sent = [];
    },
  };
}
