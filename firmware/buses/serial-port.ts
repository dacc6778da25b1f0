/**
 * A serial port that notices when its line is gone.
 *
 * After a hang-up (a pulled USB cable, a pty whose other side closed) Linux answers each read with 0 bytes, for ever (`hung_up_tty_read`
 * in drivers/tty/tty_io.c). serialport 13 takes 0 bytes for "nothing yet" and reads again at once: if the cable is pulled while bytes
 * arrive, the port never closes and a core is busy for ever. So the binding's read is replaced here by one that ends the port.
 * Ports are opened non-blocking with VMIN 1, where "nothing yet" is EAGAIN and never 0.
 */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { LinuxBindingInterface, LinuxOpenOptions } from '@serialport/bindings-cpp';
import { SerialPort } from 'serialport';

const readBytes = promisify(read);

/** The parts of the Linux binding's open port that its read works on. */
interface OpenPort {
  readonly isOpen: boolean;
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', then: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

export interface SerialPortOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits?: 7 | 8;
  readonly parity?: 'none' | 'even' | 'odd';
  readonly stopBits?: 1 | 2;
  /** Bytes that wait unread before the line is held back. */
  readonly highWaterMark?: number;
}

/** A closed port, to be opened with `open()`. Emits `close` when the line is gone. */
export function createSerialPort(options: SerialPortOptions): SerialPort {
  // Hearth runs on Linux alone.
  const native = SerialPort.binding as LinuxBindingInterface;
  const binding = {
    list: () => native.list(),
    async open(how: LinuxOpenOptions) {
      const port: OpenPort = await native.open(how);
      port.read = (buffer, offset, length) => readUntilGone(port, buffer, offset, length);
      return port;
    },
  };
  const settings = { ...options, binding, autoOpen: false };
  return new SerialPort(settings);
}

/** Rejects with `canceled` when the port was closed by us, with `disconnect` when the line is gone. */
async function readUntilGone(
  port: OpenPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  for (;;) {
    if (!port.isOpen || port.fd === null) throw Object.assign(new Error('the port is closed'), { canceled: true });
    try {
      const { bytesRead } = await readBytes(port.fd, buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('the line is gone');
      return { buffer, bytesRead };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK' && code !== 'EINTR') throw Object.assign(error as Error, { disconnect: true });
    }
    // Closed while the read was on its way: the poller is destroyed, and asking it again would end the process (a null pointer in native code).
    if (!port.isOpen) continue;
    await new Promise<void>((resolve, reject) => port.poller.once('readable', (error) => (error === null ? resolve() : reject(error))));
  }
}
