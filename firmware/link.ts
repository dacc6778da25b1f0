/** The line to the hub, kept for ever: a serial port that is opened again when it is gone, or the standard streams. */
import type { SerialPort } from 'serialport';
import { createSerialPort } from './buses/serial-port.ts';
import type { Clock } from './protocol/time.ts';

const BAUD_RATE = 115_200;
const REOPEN_MS = 500;
/** More unsent bytes than this mean that the hub does not read: what follows is dropped and sent again later. */
const MOST_UNSENT_BYTES = 32 * 1024;

export interface Receiver {
  receive(bytes: Uint8Array): void;
  connected(): void;
}

export interface KeptLink {
  readonly write: (bytes: Uint8Array) => void;
  start(receiver: Receiver): void;
}

export function keepLink(path: string, clock: Clock, signal: AbortSignal): KeptLink {
  return path === '-' ? standardStreams() : keptPort(path, clock, signal);
}

function standardStreams(): KeptLink {
  return {
    write: (bytes) => {
      if (process.stdout.writableLength < MOST_UNSENT_BYTES) process.stdout.write(bytes);
    },
    start(receiver) {
      process.stdin.on('data', (bytes: Buffer) => receiver.receive(bytes));
      // The hub is gone, and with it the reason to run.
      process.stdin.on('end', () => process.exit(0));
      receiver.connected();
    },
  };
}

function keptPort(path: string, clock: Clock, signal: AbortSignal): KeptLink {
  let port: SerialPort | undefined;
  const openOnce = async (receiver: Receiver): Promise<void> => {
    const opening = createSerialPort({ path, baudRate: BAUD_RATE });
    opening.on('error', () => undefined);
    const isOpen = await new Promise<boolean>((resolve) => opening.open((error) => resolve(error === null)));
    if (!isOpen) return;
    port = opening;
    opening.on('data', (bytes: Buffer) => receiver.receive(bytes));
    receiver.connected();
    await new Promise<void>((resolve) => opening.once('close', () => resolve()));
    port = undefined;
  };
  return {
    write: (bytes) => {
      if (port?.isOpen === true && port.writableLength < MOST_UNSENT_BYTES) port.write(bytes);
    },
    start(receiver) {
      const run = async (): Promise<void> => {
        while (!signal.aborted) {
          await openOnce(receiver);
          await clock.sleep(REOPEN_MS, signal).catch(() => undefined);
        }
      };
      void run();
    },
  };
}
