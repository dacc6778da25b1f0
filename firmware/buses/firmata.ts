/**
 * I2C through an Arduino with StandardFirmata: johnny-five's board on firmata-io, over our own serialport.
 *
 * johnny-five answers for the board's handshake and pins; its I2C calls never fail by themselves, so each read here has a
 * limit, and an answer with too few bytes (which is how the sketch reports that nobody acknowledged) is an error.
 */
import type { EventEmitter } from 'node:events';
import firmataIo from 'firmata-io';
import five from 'johnny-five';
import type { SerialPort } from 'serialport';
import type { Clock } from '../protocol/time.ts';
import { type Board, machineBuses } from './board.ts';
import { BusError, hex, type I2cBus, type Uart } from './bus.ts';
import { createSerialPort } from './serial-port.ts';
import { createInbox } from './uart.ts';

/** StandardFirmata's rate. */
const BAUD_RATE = 57_600;
/** Reset, boot loader (up to 2 s) and handshake of an Uno, and once again as much. */
const READY_MS = 8000;
/** A read of 32 bytes takes 15 ms on the line; a board that is busy takes some more. */
const READ_MS = 500;
const PIN_MS = 500;
/** Microseconds of the pulse at 0 and at 180 degrees: of most hobby servos. */
const [NARROW_US, WIDE_US] = [600, 2400] as const;
/** What the board says by itself comes at once after its boot; a board that is up already is asked soon. */
const ASK_VERSION_MS = 300;
/** StandardFirmata's Wire buffer. */
export const LONGEST_I2C_BYTES = 32;

/** The parts of firmata-io's board that are used here; the package has no types of its own. */
interface FirmataIo extends EventEmitter {
  i2cConfig(options: { delay: number }): void;
  i2cWrite(address: number, bytes: number[]): void;
  i2cReadOnce(address: number, register: number, length: number, callback: (bytes: number[]) => void): void;
  i2cReadOnce(address: number, length: number, callback: (bytes: number[]) => void): void;
  sendString(text: string): void;
  queryPinState(pin: number, callback: (state: number) => void): void;
  readonly pins: readonly { readonly supportedModes: readonly number[]; readonly state?: number }[];
  readonly MODES: { readonly OUTPUT: number; readonly SERVO: number };
  removeAllListeners(event?: string): this;
}

/** Opens the board. Rejects with BusError: no such port, no permission, or nothing there that speaks Firmata. */
export async function openFirmataBoard(path: string, clock: Clock, readyWithinMs = READY_MS): Promise<Board> {
  const port = createSerialPort({ path, baudRate: BAUD_RATE });
  port.on('error', () => undefined);
  const gone = new Promise<BusError>((resolve) => {
    port.once('close', () => resolve(new BusError('closed', `the board at ${path} was unplugged`)));
  });
  const machine = machineBuses(clock);
  const close = async (): Promise<void> => {
    await machine.close();
    if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  };
  try {
    const { io, board } = await Promise.race([handshake(port, path, readyWithinMs), gone.then((error) => Promise.reject(error))]);
    const own = i2cOf(io, port);
    const lines = linesOf(io, path, clock, gone);
    return {
      i2c: (number) => (number === undefined ? own : machine.i2c(number)),
      uart: machine.uart,
      lines: () => lines,
      output(pin) {
        const { supportedModes } = io.pins[pin] ?? {};
        if (supportedModes?.includes(io.MODES.OUTPUT) !== true)
          throw new BusError('refused', `the board at ${path} cannot switch pin ${pin}: choose another in the rig file`);
        const own = new five.Pin({ pin, board, mode: io.MODES.OUTPUT });
        return { set: (isHigh) => (isHigh ? own.high() : own.low()) };
      },
      servo(pin, degrees) {
        if (io.pins[pin]?.supportedModes.includes(io.MODES.SERVO) !== true)
          throw new BusError('refused', `the board at ${path} turns no servo on pin ${pin}: choose another in the rig file`);
        const own = new five.Servo({ pin, board, startAt: degrees });
        return {
          to: (next) => void own.to(next),
          async degrees() {
            const pulseUs = await pinStateOf(io, path, pin);
            return Math.round(((pulseUs - NARROW_US) * 180) / (WIDE_US - NARROW_US));
          },
        };
      },
      pinState: (pin) => pinStateOf(io, path, pin),
      isSupplyLow: () => undefined,
      gone,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The board's own word on a pin (Firmata's pin state query), not what was last written to it. */
function pinStateOf(io: FirmataIo, path: string, pin: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const event = `pin-state-${pin}`;
    const late = setTimeout(() => {
      io.removeAllListeners(event);
      reject(new BusError('timeout', `the board at ${path} did not say how pin ${pin} is within ${PIN_MS} ms`));
    }, PIN_MS);
    io.queryPinState(pin, () => {
      clearTimeout(late);
      resolve(io.pins[pin]?.state ?? -1);
    });
  });
}

/** Firmata strings (sysex 0x71) as lines of a serial port: a sketch that adds a chip to StandardFirmata reports with `Firmata.sendString`. */
function linesOf(io: FirmataIo, path: string, clock: Clock, gone: Promise<BusError>): Uart {
  const inbox = createInbox(clock);
  io.on('string', (text: string) => inbox.take(Buffer.from(`${text.replaceAll('\0', '')}\n`, 'latin1')));
  void gone.then(inbox.end);
  return {
    name: path,
    read: inbox.read,
    discard: inbox.discard,
    async write(bytes) {
      io.sendString(Buffer.from(bytes).toString('latin1').trimEnd());
    },
  };
}

/** johnny-five waits for the port's own `open`, so it is given the port before that is opened. */
function handshake(port: SerialPort, path: string, readyWithinMs: number): Promise<{ io: FirmataIo; board: unknown }> {
  return new Promise((resolve, reject) => {
    const silent = setTimeout(() => {
      reject(
        new BusError('timeout', `nothing at ${path} speaks Firmata: flash the sketch StandardFirmata (Arduino IDE, Examples, Firmata)`),
      );
    }, readyWithinMs);
    const fail = (error: BusError): void => {
      clearTimeout(silent);
      reject(error);
    };
    const io = new firmataIo.Firmata(port, { reportVersionTimeout: ASK_VERSION_MS }) as FirmataIo;
    const board = new five.Board({ io, repl: false, debug: false, sigint: false, timeout: readyWithinMs });
    board.once('ready', () => {
      clearTimeout(silent);
      resolve({ io, board });
    });
    io.on('error', (error: Error) => fail(new BusError('timeout', `the board at ${path}: ${error.message}`)));
    board.on('error', (error: Error) => fail(new BusError('timeout', `the board at ${path}: ${error.message}`)));
    port.open((error) => {
      if (error !== null) fail(new BusError('closed', `the board's port ${path} cannot be opened: ${error.message}`));
    });
  });
}

/** One request at a time: answers carry the address and register alone, so two equal reads could not be told apart. */
function i2cOf(io: FirmataIo, port: SerialPort): I2cBus {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  io.i2cConfig({ delay: 0 });

  const readOnce = (address: number, register: number | null, length: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const event = `I2C-reply-${address}-${register ?? 0}`;
      const late = setTimeout(() => {
        io.removeAllListeners(event);
        reject(
          new BusError(
            'timeout',
            `the board did not answer a read of ${hex(address)} within ${READ_MS} ms: a chip may hold SDA or SCL low. Switch the sensors' supply off and on`,
          ),
        );
      }, READ_MS);
      const take = (bytes: number[]): void => {
        clearTimeout(late);
        if (bytes.length < length) {
          reject(new BusError('nack', `nobody answers at I2C address ${hex(address)}: check its wiring and its supply`));
        } else {
          resolve(Uint8Array.from(bytes));
        }
      };
      if (register === null) io.i2cReadOnce(address, length, take);
      else io.i2cReadOnce(address, register, length, take);
    });

  const ifOpen = (): void => {
    if (!port.isOpen) throw new BusError('closed', 'the board is gone');
  };
  return {
    write: (address, bytes) =>
      inTurn(async () => {
        ifOpen();
        io.i2cWrite(address, [...bytes]);
      }),
    read: (address, register, length) =>
      inTurn(async () => {
        ifOpen();
        if (length > LONGEST_I2C_BYTES) throw new RangeError(`a read of ${length} bytes is longer than the board's ${LONGEST_I2C_BYTES}`);
        return readOnce(address, register, length);
      }),
  };
}
