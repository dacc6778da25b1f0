/**
 * The virtual rig: three Firmata boards on ptys with their chips, three cables to the hub, and a scene around them.
 */
import { mkdirSync } from 'node:fs';
import { type Cable, openCable } from './cable.ts';
import { createVirtualAdxl345 } from './chips/adxl345.ts';
import { createVirtualNau7802 } from './chips/nau7802.ts';
import { createVirtualScd41 } from './chips/scd41.ts';
import { createVirtualBoard, type VirtualBoard } from './firmata.ts';
import { createVirtualBus, type VirtualBus, type VirtualChip } from './i2c.ts';
import { openPty, type Pty } from './pty.ts';
import { createScene, type Scene, type SceneOptions } from './scene.ts';

/** The load cell's true line: what its calibration in the rig file says, so that a true kilogram reads as one. */
const ZERO_COUNTS = 84_000;
const COUNTS_PER_KG = 21_500;
/** Boards repeat what they repeat at least this finely. */
const TICK_MS = 5;

export interface VirtualRigOptions extends Partial<Omit<SceneOptions, 'nowMs'>> {
  readonly folder: string;
  /** Milliseconds that never go back. */
  readonly nowMs?: () => number;
}

/** A board on its own USB cable, which can be pulled. */
export interface BoardPort {
  readonly bus: VirtualBus;
  unplug(): void;
  plug(): void;
}

export interface VirtualRig extends Disposable {
  readonly scene: Scene;
  readonly boards: ReadonlyMap<string, BoardPort>;
  readonly cables: ReadonlyMap<string, Cable>;
}

export function startVirtualRig({ folder, nowMs = () => performance.now(), weightKg = 72.35, ...scenery }: VirtualRigOptions): VirtualRig {
  mkdirSync(folder, { recursive: true });
  const scene = createScene({ nowMs, weightKg, ...scenery });
  const chips: Record<string, VirtualChip> = {
    scale: createVirtualNau7802({ counts: (atMs) => ZERO_COUNTS + COUNTS_PER_KG * scene.load(atMs), nowMs }),
    tracker: createVirtualAdxl345({ accelG: scene.accelG, nowMs }),
    home: createVirtualScd41({ air: scene.air, nowMs }),
  };
  const boards = new Map<string, BoardPort & { tick(): void }>();
  const cables = new Map<string, Cable>();
  for (const [name, chip] of Object.entries(chips)) {
    boards.set(`board-${name}`, openBoard(`${folder}/board-${name}`, createVirtualBus([chip]), nowMs));
    cables.set(name, openCable(folder, name));
  }
  const timer = setInterval(() => {
    for (const board of boards.values()) board.tick();
  }, TICK_MS);
  return {
    scene,
    boards,
    cables,
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const board of boards.values()) board.unplug();
      for (const cable of cables.values()) cable.close();
    },
  };
}

function openBoard(link: string, bus: VirtualBus, nowMs: () => number): BoardPort & { tick(): void } {
  let plugged: { pty: Pty; board: VirtualBoard } | undefined;
  const plug = (): void => {
    if (plugged !== undefined) return;
    const board = createVirtualBoard({ bus, send: (bytes) => plugged?.pty.write(bytes), nowMs });
    plugged = { board, pty: openPty(link, (bytes) => board.receive(bytes)) };
  };
  plug();
  return {
    bus,
    plug,
    unplug() {
      plugged?.pty.close();
      plugged = undefined;
    },
    tick: () => plugged?.board.tick(),
  };
}
