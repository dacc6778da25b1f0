/** A serial line to a chip or an instrument: the Pi's own UART, or a USB adapter, through serialport. */

import type { Clock } from '../protocol/time.ts';
import { BusError, type Uart } from './bus.ts';
import { createSerialPort } from './serial-port.ts';

/** A sensor that sends by itself sends some 40 bytes a second; what nobody has read for a minute is of no use. */
const MOST_UNREAD_BYTES = 4096;

export interface OpenUart extends Uart {
  /** Settles with the reason when the port is gone. */
  readonly gone: Promise<BusError>;
  close(): Promise<void>;
}

export interface UartSettings {
  readonly path: string;
  readonly baudRate: number;
  /** 8N1 but for instruments that say otherwise. */
  readonly dataBits?: 7 | 8;
  readonly parity?: 'none' | 'even' | 'odd';
}

/** Rejects with BusError: no such port, no right to it, or in use. */
export async function openUart({ path, baudRate, dataBits = 8, parity = 'none' }: UartSettings, clock: Clock): Promise<OpenUart> {
  const port = createSerialPort({ path, baudRate, dataBits, parity, stopBits: 1 });
  port.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(explainPort(path, error)))));
  const inbox = createInbox(clock);
  port.on('data', (bytes: Uint8Array) => inbox.take(bytes));
  const gone = new Promise<BusError>((resolve) => {
    port.once('close', () => {
      const error = new BusError('closed', `${path} was unplugged`);
      inbox.end(error);
      resolve(error);
    });
  });
  return {
    name: path,
    gone,
    read: inbox.read,
    discard: inbox.discard,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!port.isOpen) return reject(new BusError('closed', `${path} was unplugged`));
        port.write(bytes, (error) => (error ? reject(new BusError('closed', `${path}: ${error.message}`)) : resolve()));
      }),
    async close() {
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
      port.destroy();
    },
  };
}

/** Bytes that came, and one reader who waits for them. */
export function createInbox(clock: Clock) {
  let chunks: Uint8Array[] = [];
  let length = 0;
  let ended: BusError | undefined;
  let wake = (): void => undefined;
  const drain = (): Uint8Array => {
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    chunks = [];
    length = 0;
    return bytes;
  };
  return {
    take(bytes: Uint8Array): void {
      chunks.push(bytes);
      length += bytes.length;
      while (length > MOST_UNREAD_BYTES && chunks.length > 1) length -= chunks.shift()!.length;
      wake();
    },
    end(error: BusError): void {
      ended = error;
      wake();
    },
    discard: (): void => void drain(),
    async read(withinMs: number): Promise<Uint8Array> {
      if (length === 0 && ended === undefined) {
        const over = new AbortController();
        const came = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([came, clock.sleep(withinMs, over.signal).catch(() => undefined)]);
        over.abort();
      }
      if (length > 0) return drain();
      if (ended !== undefined) throw ended;
      return new Uint8Array(0);
    },
  };
}

/** What a person does about a port that does not open. */
export function explainPort(path: string, error: Error): BusError {
  const text = error.message;
  if (/no such file|ENOENT|ENXIO|cannot find/i.test(text)) return new BusError('closed', `${path} is not there: ${hintFor(path)}`);
  if (/permission denied|EACCES/i.test(text))
    return new BusError(
      'refused',
      `no right to open ${path}: add the user to the group dialout ('sudo usermod -aG dialout $USER'), log in again`,
    );
  if (/lock|busy|EBUSY/i.test(text))
    return new BusError(
      'refused',
      `${path} is in use: by another program, or as the console ('sudo raspi-config', Serial Port, login shell: No)`,
    );
  return new BusError('closed', `${path} could not be opened: ${text}`);
}

const hintFor = (path: string): string =>
  /serial0|ttyAMA|ttyS/.test(path)
    ? "switch the Pi's UART on ('sudo raspi-config', Interface Options, Serial Port, hardware: Yes) and restart"
    : "is its cable plugged in? List the ports with 'ls /dev/serial/by-id'";
