/**
 * Brings a rig up: the virtual one where there is no hardware, a device program for each Firmata board, and a serial link
 * to each device.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import type { Command } from '../../firmware/protocol/messages.ts';
import type { Clock } from '../../firmware/protocol/time.ts';
import { isVirtualBoard, parseRig, type Rig as RigFile } from '../../firmware/rig.ts';
import { supervise } from '../ops/supervise.ts';
import type { Found } from './detect.ts';
import type { LinkEvents } from './link.ts';
import { createProgramLine } from './program-line.ts';
import { keepSerialLink, type LinkState, type SerialLink } from './serial.ts';
import { openSerialLine } from './serial-line.ts';

export interface RigEvents {
  /** Events of one link; `name` is its board's or port's. */
  link(name: string): LinkEvents;
  linkState(name: string, state: LinkState): void;
  /** A program of the rig ended and is started again. */
  ended(name: string, reason: string, waitMs: number): void;
}

export interface RigOptions {
  readonly root: string;
  readonly rigFile: string;
  /** Firmata board to use in place of the port that the rig file names. */
  readonly boardPort?: string;
  /** Ports on which devices speak frames themselves. */
  readonly devicePorts: readonly string[];
  readonly runFolder: string;
  readonly stateFolder: string;
  /** Options of the virtual rig's program, such as a recording to play. */
  readonly virtualOptions: readonly string[];
  readonly events: RigEvents;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Rig {
  readonly name: string;
  readonly isVirtual: boolean;
  /** Sends a command over a link. False when the link is unknown or down. */
  command(link: string, channel: number, command: Command): boolean;
  readonly done: Promise<void>;
}

/** Chooses what to bring up from what was found. */
export function chooseRig(
  found: readonly Found[],
  rigFile: string | undefined,
  root: string,
): Pick<RigOptions, 'rigFile' | 'boardPort' | 'devicePorts'> {
  const devicePorts = found.filter(({ kind }) => kind === 'device').map(({ path }) => path);
  const board = found.find(({ kind }) => kind === 'firmata');
  if (rigFile !== undefined) return { rigFile, devicePorts: [] };
  if (board !== undefined) return { rigFile: `${root}hardware/boards/bench/rig.yaml`, boardPort: board.path, devicePorts };
  if (devicePorts.length > 0) return { rigFile: '', devicePorts };
  return { rigFile: `${root}hardware/boards/virtual-home/rig.yaml`, devicePorts: [] };
}

/** Throws SettingsError when the rig file has a mistake. */
export function startRig(options: RigOptions): Rig {
  const { root, rigFile, boardPort, devicePorts, runFolder, stateFolder, virtualOptions, events, clock, signal } = options;
  const rig: RigFile | undefined = rigFile === '' ? undefined : parseRig(readFileSync(rigFile, 'utf8'), rigFile);
  const boards = rig?.boards ?? [];
  const isVirtual = boards.some(isVirtualBoard) && boardPort === undefined;
  const links = new Map<string, SerialLink>();
  const running: Promise<void>[] = [];
  mkdirSync(runFolder, { recursive: true });
  mkdirSync(stateFolder, { recursive: true });

  const program = (
    name: string,
    script: string,
    args: readonly string[],
    onStart?: ReturnType<typeof createProgramLine>['started'],
  ): void => {
    const supervised = supervise(
      { name, command: process.execPath, args: ['--disable-warning=ExperimentalWarning', `${root}${script}`, ...args] },
      { onEnd: ({ reason, waitMs }) => events.ended(name, reason, waitMs), ...(onStart === undefined ? {} : { onStart }) },
      clock,
      signal,
    );
    running.push(supervised.done);
  };
  const link = (name: string, open: Parameters<typeof keepSerialLink>[0]['open']): void => {
    const onState = (state: LinkState): void => events.linkState(name, state);
    const kept = keepSerialLink({ name, open, events: events.link(name), onState, clock, signal });
    links.set(name, kept);
    running.push(kept.done);
  };

  if (isVirtual) program('virtual rig', 'hardware/virtual/main.ts', ['--dir', runFolder, '--rig', rigFile, ...virtualOptions]);
  for (const board of boards) {
    const { name } = board;
    const common = ['--rig', rigFile, '--board', name, '--state', stateFolder];
    if (isVirtualBoard(board) && boardPort === undefined) {
      program(name, 'firmware/main.ts', [...common, '--virtual', runFolder, '--link', `${runFolder}/${name}.device`]);
      link(name, () => openSerialLine(`${runFolder}/${name}.hub`));
    } else {
      const line = createProgramLine();
      const port = boardPort === undefined || board.protocol === 'pi' ? [] : ['--port', boardPort];
      program(name, 'firmware/main.ts', [...common, ...port, '--link', '-'], line.started);
      link(name, line.open);
    }
  }
  for (const path of devicePorts) link(path, () => openSerialLine(path));

  return {
    name: rig?.name ?? 'serial devices',
    isVirtual,
    command: (name, channel, command) => links.get(name)?.command(channel, command) ?? false,
    done: Promise.all(running).then(() => undefined),
  };
}
