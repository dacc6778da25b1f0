/**
 * The Pi's own I2C: /dev/i2c-N, whole transfers with a repeated start through the ioctl I2C_RDWR.
 *
 * Source: Linux Documentation/i2c/dev-interface.rst; include/uapi/linux/i2c.h (struct i2c_msg, flags) and i2c-dev.h (I2C_RDWR, struct
 * i2c_rdwr_ioctl_data); Documentation/i2c/fault-codes.rst (what each errno of a transfer means). Layouts are those of 64-bit little-endian
 * Linux, which is all that Hearth runs on. A transfer of 32 bytes at 100 kHz holds the program for 3 ms.
 */
import { BusError, hex, type I2cBus } from './bus.ts';
import { type Libc, LibcError, systemLibc } from './libc.ts';

const I2C_RDWR = 0x0707;
const I2C_M_RD = 0x0001;
const MSG_BYTES = 16;
const RDWR_BYTES = 16;
/** The kernel refuses more (i2c-dev.c, i2cdev_ioctl_rdwr). */
const LONGEST_TRANSFER_BYTES = 8192;

/** errno values of Linux on x86-64 and arm64. */
const EIO = 5;
const ENXIO = 6;
const ENOENT = 2;
const EACCES = 13;
const EPERM = 1;
const EBUSY = 16;
const EAGAIN = 11;
const EREMOTEIO = 121;
const ETIMEDOUT = 110;

export interface OpenI2cBus extends I2cBus {
  close(): void;
}

/** Opens bus N of this machine. Throws BusError: switched off, or no right to it. */
export function openLinuxI2c(number: number, libc: Libc = systemLibc()): OpenI2cBus {
  const path = `/dev/i2c-${number}`;
  let fd: number | undefined;
  try {
    fd = libc.open(path);
  } catch (error) {
    throw explainOpen(path, error);
  }
  const transfer = (address: number, messages: readonly Message[]): void => {
    if (fd === undefined) throw new BusError('closed', `${path} is closed`);
    const { argument, keep } = encodeTransfer(libc, address, messages);
    try {
      libc.ioctl(fd, I2C_RDWR, argument);
    } catch (error) {
      throw explainTransfer(path, address, error);
    } finally {
      // The structures point into these: they must outlive the call.
      keep.length = 0;
    }
  };
  return {
    async write(address, bytes) {
      transfer(address, [{ isRead: false, bytes }]);
    },
    async read(address, register, length) {
      const bytes = new Uint8Array(length);
      const ask: Message[] = register === null ? [] : [{ isRead: false, bytes: Uint8Array.of(register) }];
      transfer(address, [...ask, { isRead: true, bytes }]);
      return bytes;
    },
    close() {
      if (fd !== undefined) libc.close(fd);
      fd = undefined;
    },
  };
}

export interface Message {
  readonly isRead: boolean;
  readonly bytes: Uint8Array;
}

/** struct i2c_rdwr_ioctl_data, pointing at an array of struct i2c_msg, each pointing at its bytes. */
export function encodeTransfer(
  libc: Pick<Libc, 'addressOf'>,
  address: number,
  messages: readonly Message[],
): { argument: Uint8Array; keep: Uint8Array[] } {
  const structures = new Uint8Array(messages.length * MSG_BYTES);
  const view = new DataView(structures.buffer);
  for (const [index, { isRead, bytes }] of messages.entries()) {
    if (bytes.length > LONGEST_TRANSFER_BYTES) throw new RangeError(`a transfer of ${bytes.length} bytes is longer than the kernel takes`);
    const at = index * MSG_BYTES;
    view.setUint16(at, address, true);
    view.setUint16(at + 2, isRead ? I2C_M_RD : 0, true);
    view.setUint16(at + 4, bytes.length, true);
    view.setBigUint64(at + 8, libc.addressOf(bytes), true);
  }
  const argument = new Uint8Array(RDWR_BYTES);
  const data = new DataView(argument.buffer);
  data.setBigUint64(0, libc.addressOf(structures), true);
  data.setUint32(8, messages.length, true);
  return { argument, keep: [structures, ...messages.map(({ bytes }) => bytes)] };
}

function explainOpen(path: string, error: unknown): BusError {
  const errno = error instanceof LibcError ? error.errno : 0;
  if (errno === ENOENT || errno === ENXIO)
    return new BusError('refused', `${path} is not there: switch I2C on ('sudo raspi-config', Interface Options, I2C) and restart the Pi`);
  if (errno === EACCES || errno === EPERM)
    return new BusError('refused', `no right to ${path}: add the user to the group i2c ('sudo usermod -aG i2c $USER'), log in again`);
  return new BusError('refused', `${path} could not be opened: ${error instanceof Error ? error.message : error}`);
}

function explainTransfer(path: string, address: number, error: unknown): BusError {
  const errno = error instanceof LibcError ? error.errno : 0;
  switch (errno) {
    case ENXIO:
    case EREMOTEIO:
      return new BusError('nack', `nobody answers at I2C address ${hex(address)} of ${path}: check its wiring and its supply`);
    case ETIMEDOUT:
    case EAGAIN:
    case EBUSY:
    case EIO:
      return new BusError(
        'stuck',
        `${path} is stuck (errno ${errno}): a chip holds SDA or SCL low. Switch the sensors' supply off and on; if it comes back, look for a short, a missing pull-up, or cables that are too long`,
      );
    default:
      return new BusError(
        'timeout',
        `a transfer with ${hex(address)} on ${path} failed: ${error instanceof Error ? error.message : error}`,
      );
  }
}
