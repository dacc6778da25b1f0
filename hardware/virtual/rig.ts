/**
 * The virtual rig: for each board of a rig file that is virtual, a Firmata board on a pty with its chips, a serial port for each chip or
 * instrument on one, a cable to the hub, and a scene around them all.
 */
import { mkdirSync } from 'node:fs';
import {
  chipsOf,
  isVirtualAir,
  isVirtualBoard,
  type Rig,
  type RigDevice,
  VIRTUAL,
  virtualAir,
  virtualBoard,
  virtualUart,
} from '../../firmware/rig.ts';
import { type Cable, openCable } from './cable.ts';
import { createVirtualBoard, type VirtualBoard } from './firmata.ts';
import { createVirtualBus, type VirtualBus, type VirtualChip } from './i2c.ts';
import { openPty, type Pty } from './pty.ts';
import { startNeighbourhood } from './radio/neighbourhood.ts';
import { createVirtualRadio, type RadioPort, type VirtualRadio } from './radio/radio.ts';
import { createScene, type Scene, type SceneOptions } from './scene.ts';
import { i2cTwins, type TwinPlace, uartTwins } from './twins.ts';
import type { UartTwin } from './uart/uart-twin.ts';

/** A load cell's true line where the rig file gives none: an instrument is calibrated itself. */
const UNCALIBRATED = { zeroCounts: 84_000, countsPerKg: 21_500, date: '' };
/** Of the virtual adapter; C0:FF:EE is nobody's. */
const HUB_ADDRESS = 'C0:FF:EE:00:00:01';
const BOARD_ADDRESSES = 'C0:FF:EE:00:01:';
const DEVICE_ADDRESS = '00:24:E4:11:22:33';
/** Boards repeat what they repeat at least this finely. */
const TICK_MS = 5;

export interface VirtualRigOptions extends Partial<Omit<SceneOptions, 'nowMs'>> {
  readonly folder: string;
  readonly rig: Rig;
  /** Milliseconds that never go back. */
  readonly nowMs?: () => number;
}

/** A board or a serial chip on its own USB cable, which can be pulled. */
export interface VirtualPort {
  unplug(): void;
  plug(): void;
}
export interface BoardPort extends VirtualPort {
  readonly bus: VirtualBus;
  /** What an output pin is set to; undefined while the board is out, or for another pin. */
  output(pin: number): number | undefined;
  /** Degrees of a servo; undefined while the board is out, or for another pin. */
  servo(pin: number): number | undefined;
}

export interface VirtualRig extends Disposable {
  readonly scene: Scene;
  readonly boards: ReadonlyMap<string, BoardPort>;
  /** Serial chips by device and chip: `uart-bench-air-pms5003`. */
  readonly uarts: ReadonlyMap<string, VirtualPort>;
  readonly cables: ReadonlyMap<string, Cable>;
  readonly radio: VirtualRadio;
  /** The hub's own Bluetooth adapter. */
  readonly adapter: RadioPort;
}

export function startVirtualRig(options: VirtualRigOptions): VirtualRig {
  const { folder, rig, nowMs = () => performance.now(), weightKg = 72.35, ...scenery } = options;
  mkdirSync(folder, { recursive: true });
  const scene = createScene({ nowMs, weightKg, ...scenery });
  const boards = new Map<string, BoardPort & Ticking>();
  const uarts = new Map<string, VirtualPort & Ticking>();
  const cables = new Map<string, Cable>();
  for (const board of rig.boards.filter(isVirtualBoard)) {
    if (board.protocol === 'firmata' && board.port === VIRTUAL) {
      const chips = board.devices.flatMap((device) => chipsOnI2c(device, scene, nowMs));
      boards.set(`board-${board.name}`, openBoard(virtualBoard(folder, board.name), busOf(board.name, chips), nowMs));
    }
    for (const device of board.devices) {
      for (const { chip, uart } of chipsOf(device)) {
        if (uart !== VIRTUAL) continue;
        const place = placeOf(device, scene, nowMs);
        uarts.set(
          `uart-${device.id}-${chip}`,
          openUartChip(virtualUart(folder, device.id, chip), (send) => uartTwins[chip]!(place, send)),
        );
      }
    }
    cables.set(board.name, openCable(folder, board.name));
  }
  const radio = createVirtualRadio(scenery.seed);
  const adapter = radio.openPort(`${folder}/hci`, HUB_ADDRESS);
  // For a peripheral program of the maker's own, on the same air.
  radio.openPort(`${folder}/hci-device`, DEVICE_ADDRESS);
  // Devices that are on the air as well: each board with an adapter of its own.
  for (const [index, { name }] of rig.boards.filter(({ bluetooth }) => isVirtualAir(bluetooth)).entries())
    radio.openPort(virtualAir(folder, name), `${BOARD_ADDRESSES}${String(index + 1).padStart(2, '0')}`);
  startNeighbourhood(radio.air, scene.air, nowMs);
  const timer = setInterval(() => {
    for (const port of [...boards.values(), ...uarts.values()]) port.tick();
  }, TICK_MS);
  return {
    scene,
    boards,
    uarts,
    cables,
    radio,
    adapter,
    [Symbol.dispose]() {
      clearInterval(timer);
      radio[Symbol.dispose]();
      for (const port of [...boards.values(), ...uarts.values()]) port.unplug();
      for (const cable of cables.values()) cable.close();
    },
  };
}

interface Ticking {
  tick(): void;
}

function placeOf(device: RigDevice, scene: Scene, nowMs: () => number, address?: number): TwinPlace {
  const calibration = (device.kind === 'scale' || device.kind === 'bed' ? device.calibration : undefined) ?? UNCALIBRATED;
  return { scene, nowMs, address, calibration };
}

/** Chips that hang on a board's own I2C. */
const chipsOnI2c = (device: RigDevice, scene: Scene, nowMs: () => number): VirtualChip[] =>
  chipsOf(device).flatMap(({ chip, uart, i2c, address }) => {
    const twin = uart === undefined && i2c === undefined ? i2cTwins[chip] : undefined;
    return twin === undefined ? [] : [twin(placeOf(device, scene, nowMs, address))];
  });

/** Two chips at one address would answer at once, as they would on wires. */
function busOf(board: string, chips: readonly VirtualChip[]): VirtualBus {
  const twice = chips.find(({ address }, index) => chips.findIndex((other) => other.address === address) !== index);
  if (twice !== undefined) throw new Error(`board ${board} has two chips at I2C address 0x${twice.address.toString(16)}`);
  return createVirtualBus(chips);
}

function openBoard(link: string, bus: VirtualBus, nowMs: () => number): BoardPort & Ticking {
  let plugged: { pty: Pty; board: VirtualBoard } | undefined;
  const plug = (): void => {
    if (plugged !== undefined) return;
    const board = createVirtualBoard({ bus, send: (bytes) => plugged?.pty.write(bytes), nowMs });
    plugged = { board, pty: openPty(link, (bytes) => board.receive(bytes)) };
  };
  plug();
  return {
    bus,
    output: (pin) => plugged?.board.output(pin),
    servo: (pin) => plugged?.board.servo(pin),
    plug,
    unplug() {
      plugged?.pty.close();
      plugged = undefined;
    },
    tick: () => plugged?.board.tick(),
  };
}

/** The chip keeps its state while its cable is out, as one with a supply of its own does. */
function openUartChip(link: string, create: (send: (bytes: Uint8Array) => void) => UartTwin): VirtualPort & Ticking {
  let pty: Pty | undefined;
  const twin = create((bytes) => pty?.write(bytes));
  const plug = (): void => {
    pty ??= openPty(link, (bytes) => twin.receive(bytes));
  };
  plug();
  return {
    plug,
    unplug() {
      pty?.close();
      pty = undefined;
    },
    tick: () => twin.tick(),
  };
}
