/**
 * What shows and covers the home camera: a light that is on while the camera may see, and a servo that moves a cover before its lens. Closed
 * and dark until the hub says otherwise, and again when the hub falls silent: nothing opens by itself. What the hub is told is read back
 * from the board's pins, not remembered.
 */
import { BusError } from '../buses/bus.ts';
import type { ShutterDevice } from '../rig.ts';
import type { DeviceProgram } from './device.ts';

/** A hobby servo turns 60 degrees in 0.2 s: the whole way, and once again as much. */
const TRAVEL_MS = 800;
const LOOK_MS = 50;
/** A board that was reset forgets its pins: that is noticed within this. */
const READ_BACK_MS = 2000;
/** The hub says it again each five seconds. */
export const WITHOUT_HUB_MS = 20_000;

export interface ShutterPosition {
  readonly isOpen: boolean;
  readonly isLit: boolean;
}
/** A board that is busy answers late: that must not close what is well. */
const TRIES = 3;
const CLOSED: ShutterPosition = { isOpen: false, isLit: false };
const isSame = (a: ShutterPosition, b: ShutterPosition): boolean => a.isOpen === b.isOpen && a.isLit === b.isLit;

export function createShutter(device: ShutterDevice): DeviceProgram {
  const { led, servo, openDegrees = 90, closedDegrees = 0 } = device;
  let wanted = CLOSED;
  let isTold = false;
  /** When the hub last said something; kept when the board is lost for a moment. */
  let toldMs: number | undefined;
  return {
    id: device.id,
    kind: 'shutter',
    name: device.name,
    quantities: [],
    shutter(position) {
      wanted = position;
      isTold = true;
      return { ok: true };
    },
    async run({ board, clock, status, signal }) {
      const light = led === undefined ? undefined : board.output(led);
      const cover = servo === undefined ? undefined : board.servo(servo, wanted.isOpen ? openDegrees : closedDegrees);
      const turnTo = (isOpen: boolean): number => (isOpen ? openDegrees : closedDegrees);
      const readBack = async ({ isOpen, isLit }: ShutterPosition): Promise<void> => {
        if (cover !== undefined && (await patiently(() => cover.degrees())) !== turnTo(isOpen))
          throw new BusError('refused', `the cover on pin ${servo} did not ${isOpen ? 'open' : 'close'}: look whether its servo is wired`);
        if (led !== undefined && (await patiently(() => board.pinState(led))) !== Number(isLit))
          throw new BusError('refused', `the light on pin ${led} did not go ${isLit ? 'on' : 'off'}`);
      };
      let present: ShutterPosition | undefined;
      toldMs ??= clock.monotonic();
      let readMs = 0;
      try {
        while (!signal.aborted) {
          const nowMs = clock.monotonic();
          if (isTold) toldMs = nowMs;
          isTold = false;
          if (nowMs - toldMs > WITHOUT_HUB_MS) wanted = CLOSED;
          const next = wanted;
          if (present === undefined || !isSame(present, next)) {
            const isMoving = present?.isOpen !== next.isOpen;
            // A light that goes on goes on before the cover opens; one that goes off, after it has closed.
            if (next.isLit) light?.set(true);
            if (isMoving) cover?.to(turnTo(next.isOpen));
            if (isMoving && cover !== undefined) await clock.sleep(TRAVEL_MS, signal).catch(() => undefined);
            if (signal.aborted) break;
            if (!next.isLit) light?.set(false);
            await readBack(next);
            present = next;
            readMs = clock.monotonic();
            status({ state: 'running', message: '', shutter: next });
          } else if (nowMs - readMs > READ_BACK_MS) {
            await readBack(present);
            readMs = nowMs;
          }
          await clock.sleep(LOOK_MS, signal).catch(() => undefined);
        }
      } finally {
        // Whatever ended it: as closed as the board still lets it. The light stays while the camera may see and this is tried again.
        try {
          cover?.to(closedDegrees);
          if (signal.aborted) light?.set(false);
        } catch {
          // The board is gone, and with it the servo's power.
        }
      }
    },
  };
}

/** Reads again when the board did not answer in time. */
async function patiently(read: () => Promise<number>): Promise<number> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await read();
    } catch (error) {
      if (left === 0 || !(error instanceof BusError) || error.kind !== 'timeout') throw error;
    }
  }
}
