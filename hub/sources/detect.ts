/**
 * What is attached: USB serial ports under their stable names, and what speaks on them.
 *
 * Only USB ports are tried: opening a console port of the Pi, or a modem, could do harm. An Arduino restarts when its port
 * is opened, so each port is listened to for a few seconds.
 */
import { readdirSync } from 'node:fs';
import { createSerialPort } from '../../firmware/buses/serial-port.ts';
import { createFrameDecoder, encodeFrame } from '../../firmware/protocol/frame.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import { explain } from './serial-line.ts';

const BY_ID = '/dev/serial/by-id';
/** StandardFirmata's rate (Firmata protocol: `Firmata.begin(57600)`). */
const FIRMATA_BAUD_RATE = 57_600;
const DEVICE_BAUD_RATE = 115_200;
/** The Optiboot loader of an Uno takes up to 2 s before the sketch runs; twice that. */
const FIRMATA_WAIT_MS = 4000;
const DEVICE_WAIT_MS = 2000;
/** Firmata protocol 2.5: REPORT_VERSION asks, and the answer begins with the same byte. */
const REPORT_VERSION = 0xf9;

export type Found =
  | { readonly kind: 'firmata'; readonly path: string }
  | { readonly kind: 'device'; readonly path: string }
  | { readonly kind: 'unknown'; readonly path: string; readonly message: string };

/** Every USB serial port and what answers on it. An empty list: nothing is attached. */
export async function detectHardware(clock: Clock, folder = BY_ID): Promise<Found[]> {
  return Promise.all(portsIn(folder).map((path) => probe(path, clock)));
}

export function portsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** Asks one port who it is: first as a Firmata board, then as a device that speaks Hearth's own frames. */
export async function probe(path: string, clock: Clock): Promise<Found> {
  try {
    const isFirmata = await ask(path, FIRMATA_BAUD_RATE, Uint8Array.of(REPORT_VERSION), FIRMATA_WAIT_MS, clock, firmataVersion);
    if (isFirmata) return { kind: 'firmata', path };
    const identify = encodeFrame({ type: 'command', channel: 0, boot: 0, sequence: 0, command: { name: 'identify' } });
    const isDevice = await ask(path, DEVICE_BAUD_RATE, identify, DEVICE_WAIT_MS, clock, anyFrame);
    if (isDevice) return { kind: 'device', path };
  } catch (error) {
    return { kind: 'unknown', path, message: error instanceof Error ? error.message : String(error) };
  }
  return {
    kind: 'unknown',
    path,
    message: `${path} answers neither Firmata nor Hearth's frames: flash StandardFirmata, or name it in a rig file`,
  };
}

/** A test of the bytes received so far, made anew for each port. */
type Recognise = () => (chunk: Uint8Array) => boolean;

/** The version report: F9, major 2, minor (Firmata protocol, "Query/Report protocol version"). */
const firmataVersion: Recognise = () => {
  let before: [number, number] = [0, 0];
  return (chunk) => {
    for (const byte of chunk) {
      if (before[0] === REPORT_VERSION && before[1] === 2 && byte < 0x80) return true;
      before = [before[1], byte];
    }
    return false;
  };
};

const anyFrame: Recognise = () => {
  const decoder = createFrameDecoder();
  return (chunk) => decoder.push(chunk).some(({ kind }) => kind === 'frame');
};

async function ask(
  path: string,
  baudRate: number,
  question: Uint8Array,
  waitMs: number,
  clock: Clock,
  recognise: Recognise,
): Promise<boolean> {
  const port = createSerialPort({ path, baudRate });
  await new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(explain(path, error)))));
  const answered = new AbortController();
  const isIt = recognise();
  port.on('error', () => undefined);
  port.on('data', (chunk: Uint8Array) => {
    if (isIt(chunk)) answered.abort();
  });
  // Asked again each half second: what is sent while the boot loader runs is lost.
  for (let waited = 0; waited < waitMs && !answered.signal.aborted; waited += 500) {
    port.write(question);
    await clock.sleep(500, answered.signal).catch(() => undefined);
  }
  await new Promise<void>((resolve) => port.close(() => resolve()));
  return answered.signal.aborted;
}
