/** Runs the devices of a rig file on this machine: opens the boards, measures, and speaks frames with the hub on one line. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Peripheral } from './bluetooth/peripheral.ts';
import { runBoard } from './board-programs.ts';
import { systemClock } from './clock.ts';
import type { DeviceProgram } from './devices/device.ts';
import type { Done } from './devices/load-line.ts';
import { programOf } from './devices/programs.ts';
import { keepLink } from './link.ts';
import { openBoard } from './open-board.ts';
import type { Command } from './protocol/messages.ts';
import { bluetoothOf, onVirtualRig, parseRig, type RigBoard } from './rig.ts';
import { bootClockOf, machineNowMs, openSpool, type Spool } from './spool.ts';
import { createUplink } from './uplink.ts';
import { watchedBySystemd } from './watchdog.ts';

const VERSION = '0.1.0';
const RESEND_TICK_MS = 100;
/** A power cut costs at most so much of what the hub has not yet; an SD card bears a flush each 5 s for years. */
const FLUSH_MS = 5000;

export interface RunOptions {
  readonly rig: string;
  /** Boards by name; none: all of the rig file. */
  readonly boards: readonly string[];
  /** In place of the port of the one Firmata board. */
  readonly port?: string | undefined;
  /** A serial port, or `-` for standard input and output; undefined: on the air alone. */
  readonly link: string | undefined;
  /** Folder for what is kept over restarts, the outbox among it. */
  readonly state: string;
  /** Folder of the virtual rig, for ports that the rig file calls `virtual`. */
  readonly virtual?: string | undefined;
}

/** What a person got wrong, in a sentence. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/** The boards of the rig file that were asked for. Throws SettingsError or RunError. */
export function boardsOf({ rig: file, boards: names, port, virtual }: Pick<RunOptions, 'rig' | 'boards' | 'port' | 'virtual'>): RigBoard[] {
  const parsed = parseRig(readRig(file), file);
  const rig = virtual === undefined ? parsed : onVirtualRig(parsed, virtual);
  const known = rig.boards.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RunError(`${file} has no board '${unknown}': one of ${known.join(', ')}`);
  const boards = rig.boards.filter(({ name }) => names.length === 0 || names.includes(name));
  if (port === undefined) return boards;
  if (boards.length !== 1 || boards[0]!.protocol !== 'firmata')
    throw new RunError('--port stands in for the port of one Firmata board: name that board with --board');
  return [{ ...boards[0]!, port }];
}

function readRig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RunError(`the rig file ${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Runs until the signal. Throws SettingsError or RunError before it begins; afterwards every failure is tried again. */
export async function runDevices(options: RunOptions, signal: AbortSignal): Promise<void> {
  const boards = boardsOf(options);
  const onBoards = boards.map((board) => board.devices.map((device) => programOf(device, options.state)));
  const programs = onBoards.flat();
  const boot = randomBytes(4).readUInt32LE();
  const spool = spoolIn(`${options.state}/outbox-${boards.map(({ name }) => name).join('-')}.sqlite`.slice(0, 250), boot);
  void watchedBySystemd(process.env, { clock: systemClock, failed: console.error, signal });
  const air = boards.flatMap((board) => bluetoothOf(board) ?? []);
  if (options.link === undefined && air.length === 0)
    throw new RunError(`nobody would hear these devices: give --link PORT, or write 'bluetooth: true' beside a board of ${options.rig}`);
  const link = options.link === undefined ? undefined : keepLink(options.link, systemClock, signal);
  const peripherals: Peripheral[] = [];
  const uplink = createUplink({
    firmware: VERSION,
    boot,
    devices: programs,
    clock: systemClock,
    write(bytes) {
      link?.write(bytes);
      for (const peripheral of peripherals) peripheral.write(bytes);
    },
    spool,
    onSpoolTrouble: (message) => console.error(`measurements are not kept on disk until the hub has them: ${message}`),
    onCommand(channel, command) {
      const program = programs[channel];
      const done = program === undefined ? undefined : obey(program, command);
      // A cover's own word comes once it has moved.
      if (done !== undefined && command.name !== 'shutter')
        uplink.status(channel, { state: 'running', message: done.ok ? '' : done.message });
      if (command.name === 'calibrate') uplink.introduce();
    },
  });
  link?.start(uplink);
  // Loaded where it is used: the others do without its megabytes.
  if (air.length > 0) {
    const { startPeripheral } = await import('./bluetooth/peripheral.ts');
    // Libraries print what must not stand between the frames of a hub.
    if (options.link === '-') console.log = console.error;
    for (const [index, board] of boards.entries()) {
      const chosen = bluetoothOf(board);
      if (chosen === undefined) continue;
      const lineOf = (central: number): string => `air-${board.name}-${central}`;
      const line = {
        connected: (central: number) => uplink.connected(lineOf(central)),
        receive: (central: number, bytes: Uint8Array) => uplink.receive(bytes, lineOf(central)),
        gone: (central: number) => uplink.gone(lineOf(central)),
      };
      const served = { ...chosen, devices: onBoards[index]!, line, firmware: VERSION, state: options.state };
      peripherals.push(startPeripheral({ ...served, log: console.error, clock: systemClock, signal }));
    }
  }
  const resend = setInterval(() => uplink.tick(), RESEND_TICK_MS);
  const flush = setInterval(() => flushed(spool), FLUSH_MS);
  let channel = 0;
  await Promise.all(
    boards.map((board, index) =>
      runBoard({
        open: () => openBoard(board, systemClock),
        programs: onBoards[index]!.map((program) => ({ channel: channel++, program })),
        uplink: {
          ...uplink,
          measured(channel, readings) {
            uplink.measured(channel, readings);
            for (const peripheral of peripherals) peripheral.measured(programs[channel]!.id, readings);
          },
          live(channel, readings) {
            uplink.live(channel, readings);
            for (const peripheral of peripherals) peripheral.live(programs[channel]!.id, readings);
          },
        },
        clock: systemClock,
        signal,
      }),
    ),
  );
  clearInterval(resend);
  clearInterval(flush);
  flushed(spool);
  spool?.[Symbol.dispose]();
}

/** What a program says to a command; undefined when it has nothing to do with it. */
function obey(program: DeviceProgram, command: Command): Done | undefined {
  switch (command.name) {
    case 'tare':
      return program.tare?.();
    case 'sample':
      return program.sample?.();
    case 'calibrate':
      return program.calibrate?.(command.calibration);
    case 'temperature':
      program.temperature?.(command.celsius);
      return undefined;
    case 'recalibrate': {
      const done = program.recalibrate?.(command.co2Ppm);
      // What comes of it is said later.
      return done?.ok === true ? undefined : done;
    }
    case 'alarm':
      return program.alarm?.(command.isOn);
    case 'shutter':
      return program.shutter?.({ isOpen: command.isOpen, isLit: command.isLit });
    case 'identify':
    case 'capture':
      return undefined;
  }
}

/** A disk that cannot be written leaves the outbox in memory: measuring goes on. */
function spoolIn(file: string, boot: number): Spool | undefined {
  try {
    return openSpool({ file, clock: bootClockOf(boot), machineNowMs });
  } catch (error) {
    console.error(`measurements are not kept on disk until the hub has them: ${file}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function flushed(spool: Spool | undefined): void {
  try {
    spool?.flush();
  } catch (error) {
    console.error(`measurements could not be forced to the disk: ${error instanceof Error ? error.message : error}`);
  }
}
