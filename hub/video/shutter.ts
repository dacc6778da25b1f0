/**
 * The cover and the light beside the home camera, where the rig has them: told what the camera's switch says, again and again, and asked what
 * they did. One that does not answer stops nothing: the camera's programs are gone all the same, and the page says what is wrong.
 */
import type { Command, DeviceStatus } from '../../firmware/protocol/messages.ts';
import type { Clock } from '../../firmware/protocol/time.ts';

/** The device closes by itself when it was told nothing for four times as long. */
const SAY_AGAIN_MS = 5000;
/** A servo's whole way, read back, over a serial line. */
const ANSWER_WITHIN_MS = 3000;
const LOOK_MS = 50;

/** `isLit`: the light says that the camera may see. */
export interface ShutterPosition {
  readonly isOpen: boolean;
  readonly isLit: boolean;
}

export interface ShutterState {
  /** `moving`: it has not said yet that it is where it should be. */
  readonly cover: 'open' | 'closed' | 'moving';
  readonly isLit: boolean;
  /** Why it is not as it should be; empty when it is. */
  readonly trouble: string;
}

/** What is known of a device of that kind. */
export interface ShutterDevice {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly connected: boolean;
  readonly message: string;
  readonly shutter?: DeviceStatus['shutter'] | undefined;
}

export interface Shutter {
  /** Resolves once all of them are there, or did not get there in time: {@link Shutter.state} says so. Never rejects. */
  set(position: ShutterPosition): Promise<void>;
  /** Undefined where none is fitted. Of several the one that is worst off. */
  state(): ShutterState | undefined;
}

export interface ShutterOptions {
  readonly devices: () => readonly ShutterDevice[];
  readonly command: (device: string, command: Command) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function openShutter({ devices, command, clock, signal }: ShutterOptions): Shutter {
  let wanted: ShutterPosition = { isOpen: false, isLit: false };
  let wantedSinceMs = clock.monotonic();
  const fitted = (): ShutterDevice[] => devices().filter(({ kind }) => kind === 'shutter');
  const isThere = ({ connected, shutter }: ShutterDevice): boolean =>
    connected && shutter !== undefined && shutter.isOpen === wanted.isOpen && shutter.isLit === wanted.isLit;
  const say = (): void => {
    for (const { id } of fitted()) command(id, { name: 'shutter', ...wanted });
  };
  const stateOf = (device: ShutterDevice): ShutterState => {
    const { name, connected, message, shutter } = device;
    const isLate = clock.monotonic() - wantedSinceMs > ANSWER_WITHIN_MS;
    const cover = isThere(device) ? (wanted.isOpen ? 'open' : 'closed') : 'moving';
    const where = shutter === undefined ? 'it has not said where it is' : `it is ${shutter.isOpen ? 'open' : 'closed'}`;
    const trouble = isThere(device) || !isLate ? '' : message !== '' ? message : connected ? where : 'it does not answer';
    return { cover, isLit: shutter?.isLit ?? false, trouble: trouble === '' ? '' : `The shutter ‘${name}’: ${trouble}` };
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      say();
      await clock.sleep(SAY_AGAIN_MS, signal).catch(() => undefined);
    }
  };
  void run();
  return {
    async set(position) {
      wanted = position;
      wantedSinceMs = clock.monotonic();
      say();
      while (!signal.aborted && clock.monotonic() - wantedSinceMs <= ANSWER_WITHIN_MS && wanted === position) {
        if (fitted().every(isThere)) return;
        await clock.sleep(LOOK_MS, signal).catch(() => undefined);
      }
    },
    state() {
      const states = fitted().map(stateOf);
      return states.find(({ trouble }) => trouble !== '') ?? states.find(({ cover }) => cover === 'moving') ?? states[0];
    },
  };
}
