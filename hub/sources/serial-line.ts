import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { SerialPort } from 'serialport';
import { createSerialPort } from '../../firmware/buses/serial-port.ts';
import { type Line, LineError } from './line.ts';

/** Fast enough for hundreds of readings a second, and every microcontroller and USB bridge keeps it. */
const BAUD_RATE = 115_200;
/** More unsent bytes than this mean that nobody reads at the other end: what follows is dropped. */
const MOST_UNSENT_BYTES = 64 * 1024;
/** A device that sends faster than the hub commits is held back by the line itself from here on. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** Opens a serial port, 115,200 baud, 8N1. Rejects with {@link LineError}. */
export async function openSerialLine(path: string): Promise<Line> {
  const port = createSerialPort({ path, baudRate: BAUD_RATE, highWaterMark: MOST_UNREAD_BYTES });
  await new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(explain(path, error)))));
  // An error is followed by 'close', which ends the iteration; without a listener it would end the process.
  port.on('error', () => undefined);
  return {
    incoming: bytesOf(port),
    write(bytes) {
      if (port.isOpen && port.writableLength < MOST_UNSENT_BYTES) port.write(bytes, () => undefined);
    },
    async close() {
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
      port.destroy();
    },
  };
}

async function* bytesOf(port: SerialPort): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of port) yield chunk as Uint8Array;
  } catch {
    // The cable was pulled: for the reader this is the end of the line, as a close is.
  }
}

/** Turns the operating system's words into what a person does about it. */
export function explain(path: string, error: Error): LineError {
  const text = error.message;
  if (/no such file|ENOENT|ENXIO|cannot find/i.test(text))
    return new LineError('absent', `${path} is not there: is the cable plugged in?`, { cause: error });
  if (/permission denied|EACCES/i.test(text)) {
    const group = groupOf(path);
    return new LineError(
      'permission',
      `no permission to open ${path}: join its group with 'sudo usermod -aG ${group} ${userInfo().username}', then log in again`,
      { cause: error },
    );
  }
  if (/lock|busy|EBUSY/i.test(text)) return new LineError('busy', `${path} is in use by another program: close it`, { cause: error });
  return new LineError('other', `${path} could not be opened: ${text}`, { cause: error });
}

/** Name of the group that owns the port; Debian's is dialout. */
function groupOf(path: string): string {
  try {
    const { gid } = statSync(path);
    const row = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((line) => line.split(':')[2] === String(gid));
    const name = row?.split(':')[0];
    return name === undefined || name === 'root' ? 'dialout' : name;
  } catch {
    return 'dialout';
  }
}
