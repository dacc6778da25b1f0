/**
 * A pin of the Pi's header that is high or low: /dev/gpiochipN, the character device's second interface.
 *
 * Source: Linux include/uapi/linux/gpio.h (struct gpio_v2_line_request, gpio_v2_line_values, the flags and request numbers), layouts of 64-bit
 * little-endian Linux. The header's pins are lines of chip 0, numbered as the Pi's documentation numbers GPIOs.
 */
import { BusError } from './bus.ts';
import { type Libc, LibcError, systemLibc } from './libc.ts';

const GET_LINE = 0xc250b407;
const GET_VALUES = 0xc010b40e;
const SET_VALUES = 0xc010b40f;
const REQUEST_BYTES = 592;
const CONSUMER_AT = 256;
const FLAGS_AT = 288;
const LINES_AT = 560;
const FD_AT = 588;
const FLAG_OUTPUT = 1n << 3n;
const EBUSY = 16;
const EACCES = 13;

export interface GpioOutput {
  set(isHigh: boolean): void;
  /** What the pin is at, read from the hardware. */
  isHigh(): boolean;
  /** Gives the pin back; the kernel lets go of it then. */
  close(): void;
}

/** Takes a pin as an output, low at first. Throws BusError: no such chip or pin, taken by another program, or no right to it. */
export function openGpioOutput(pin: number, libc: Libc = systemLibc(), chip = 0): GpioOutput {
  const path = `/dev/gpiochip${chip}`;
  const request = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(request.buffer);
  view.setUint32(0, pin, true);
  request.set(Buffer.from('hearth'), CONSUMER_AT);
  view.setBigUint64(FLAGS_AT, FLAG_OUTPUT, true);
  view.setUint32(LINES_AT, 1, true);
  const asked = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explain(path, pin, error);
    }
  };
  const device = asked(() => libc.open(path));
  try {
    asked(() => libc.ioctl(device, GET_LINE, request));
  } finally {
    libc.close(device);
  }
  const line = view.getInt32(FD_AT, true);
  /** Bits, then the mask of those that are meant: the one line that was asked for. */
  const values = (bits: bigint): Uint8Array => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, bits, true);
    new DataView(bytes.buffer).setBigUint64(8, 1n, true);
    return bytes;
  };
  return {
    set: (isHigh) => asked(() => libc.ioctl(line, SET_VALUES, values(isHigh ? 1n : 0n))),
    isHigh() {
      const read = values(0n);
      asked(() => libc.ioctl(line, GET_VALUES, read));
      return read[0] === 1;
    },
    close: () => libc.close(line),
  };
}

function explain(path: string, pin: number, error: unknown): BusError {
  if (!(error instanceof LibcError)) throw error;
  if (error.errno === EBUSY) return new BusError('refused', `GPIO ${pin} is used by another program: choose another pin in the rig file`);
  if (error.errno === EACCES)
    return new BusError('refused', `GPIO ${pin}: no right to ${path}: add the user to the group gpio (sudo usermod -aG gpio $USER)`);
  return new BusError('refused', `GPIO ${pin} cannot be switched (${path}: errno ${error.errno}): is that a pin of this machine's header?`);
}
