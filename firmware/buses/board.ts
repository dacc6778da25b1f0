/** What a rig's board gives to the device programs on it: I2C, serial lines, and lines of text that a sketch prints. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../protocol/time.ts';
import { BusError, type I2cBus, type Uart } from './bus.ts';
import { type GpioOutput, openGpioOutput } from './linux-gpio.ts';
import { type OpenI2cBus, openLinuxI2c } from './linux-i2c.ts';
import { type OpenUart, openUart, type UartSettings } from './uart.ts';

export interface Output {
  set(isHigh: boolean): void;
}

export interface Servo {
  /** 0 to 180. */
  to(degrees: number): void;
  /** Where the board drives it to, read back. Rejects with BusError when the board does not answer. */
  degrees(): Promise<number>;
}

export interface Board {
  /** The board's own I2C, or bus N of this machine. Throws BusError when there is none. */
  i2c(number?: number): I2cBus;
  /** A serial line of this machine, held until it is closed. */
  uart(settings: UartSettings): Promise<OpenUart>;
  /** What the board's sketch prints through its own protocol, a line each. Throws BusError when the board has none. */
  lines(): Uart;
  /** A pin that is high or low. Throws BusError when the board has none to give. */
  output(pin: number): Output;
  /** A servo on a pin, turned there at once. Throws BusError when the board has none to give. */
  servo(pin: number, degrees: number): Servo;
  /** What an output is set to, read back: 0 or 1. Rejects with BusError when the board does not answer. */
  pinState(pin: number): Promise<number>;
  /** Whether its supply is too low; undefined where nothing measures it. */
  isSupplyLow(): boolean | undefined;
  /** Settles with the reason when the board is gone; a board that cannot go never settles. */
  readonly gone: Promise<BusError>;
  close(): Promise<void>;
}

/** Buses of this machine, opened at first use and closed together. */
export function machineBuses(clock: Clock): Pick<Board, 'uart' | 'close'> & { i2c(number: number): I2cBus } {
  const buses = new Map<number, OpenI2cBus>();
  const lines = new Set<OpenUart>();
  return {
    i2c(number) {
      const bus = buses.get(number) ?? openLinuxI2c(number);
      buses.set(number, bus);
      return bus;
    },
    async uart(settings) {
      const line = await openUart(settings, clock);
      lines.add(line);
      void line.gone.then(() => lines.delete(line));
      return line;
    },
    async close() {
      for (const bus of buses.values()) bus.close();
      buses.clear();
      await Promise.all([...lines].map((line) => line.close()));
      lines.clear();
    },
  };
}

/** The Pi itself as a board, its sensors on its own pins. */
export async function openPiBoard(clock: Clock, ownI2c: number): Promise<Board> {
  const machine = machineBuses(clock);
  const outputs = new Map<number, GpioOutput>();
  return {
    i2c: (number = ownI2c) => machine.i2c(number),
    uart: machine.uart,
    lines() {
      throw new BusError('refused', 'a Pi prints no lines: name the serial port of the sketch (uart: /dev/serial/by-id/…) in the rig file');
    },
    output(pin) {
      const own = outputs.get(pin) ?? openGpioOutput(pin);
      outputs.set(pin, own);
      return own;
    },
    servo(pin) {
      throw new BusError('refused', `GPIO ${pin} of a Pi keeps no servo still: hang it on an Arduino with StandardFirmata`);
    },
    async pinState(pin) {
      const own = outputs.get(pin);
      if (own === undefined) throw new BusError('refused', `GPIO ${pin} is no output of this rig`);
      return Number(own.isHigh());
    },
    isSupplyLow: piSupplyLow,
    gone: new Promise(() => undefined),
    async close() {
      for (const output of outputs.values()) output.close();
      outputs.clear();
      await machine.close();
    },
  };
}

/** The firmware's under-voltage alarm, as the kernel's raspberrypi-hwmon driver shows it; undefined on other machines. */
export function piSupplyLow(folder = '/sys/class/hwmon'): boolean | undefined {
  try {
    const monitor = readdirSync(folder).find((name) => readFileSync(`${folder}/${name}/name`, 'utf8').trim() === 'rpi_volt');
    return monitor === undefined ? undefined : readFileSync(`${folder}/${monitor}/in0_lcrit_alarm`, 'utf8').trim() === '1';
  } catch {
    return undefined;
  }
}
