/** Listens to the microphone while the household wants it: levels are kept for a moment, no sound is. Whether it goes further, {@link ListeningOptions.onSound} decides. */
import type { Clock } from '../../firmware/protocol/time.ts';
import { MICROPHONE_HZ, type Microphone } from '../sources/microphone.ts';
import { type Capture, startCapture } from './capture.ts';
import { type Intake, pieces } from './intake.ts';
import { initialSound, levelOf, type SoundEvent, soundStep, WINDOW_MS } from './sound.ts';

/** What WebRTC engines take at a time. */
const FRAME_MS = 10;
const FRAME_SAMPLES = (MICROPHONE_HZ * FRAME_MS) / 1000;
const WINDOW_SAMPLES = (MICROPHONE_HZ * WINDOW_MS) / 1000;

export interface Listening {
  /** Starts or ends the microphone's program. */
  set(isOn: boolean): void;
  /** Settles when its program has ended. */
  stop(): Promise<void>;
}

export interface ListeningOptions {
  readonly microphone: Microphone;
  /** Each 10 ms of sound, 48 kHz; the array is used again for the next. */
  readonly onSound: (frame: Int16Array) => void;
  /** Something begins or ceases to be heard. */
  readonly onLoud: (isLoud: boolean) => void;
  readonly onEvent: (event: SoundEvent) => void;
  readonly onTrouble: (message: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

export function startListening({ microphone, onSound, onLoud, onEvent, onTrouble, clock, random }: ListeningOptions): Listening {
  let running: { readonly stop: AbortController; readonly capture: Capture } | undefined;
  let last: Promise<void> = Promise.resolve();
  const end = (): void => {
    running?.stop.abort();
    if (running !== undefined) last = running.capture.done;
    running = undefined;
    onLoud(false);
  };
  return {
    set(isOn) {
      if (isOn === (running !== undefined)) return;
      if (!isOn) return end();
      const stop = new AbortController();
      const newIntake = (): Intake =>
        soundIntake(
          onSound,
          (state, event) => {
            onLoud(state);
            if (event !== undefined) onEvent(event);
          },
          clock,
        );
      const { command, args } = microphone;
      running = { stop, capture: startCapture({ command, args, newIntake, onTrouble, clock, random, signal: stop.signal }) };
    },
    async stop() {
      end();
      await last;
    },
  };
}

/** Sound as it comes, cut into frames, and into windows of them. */
function soundIntake(
  onFrame: (frame: Int16Array) => void,
  onWindow: (isLoud: boolean, ended: SoundEvent | undefined) => void,
  clock: Clock,
): Intake {
  const window = new Int16Array(WINDOW_SAMPLES);
  const frame = new Int16Array(FRAME_SAMPLES);
  let filled = 0;
  let sound = initialSound;
  return pieces(new Uint8Array(frame.buffer), () => {
    onFrame(frame);
    window.set(frame, filled);
    filled += frame.length;
    if (filled < window.length) return;
    filled = 0;
    const [next, ended] = soundStep(sound, levelOf(window), clock.monotonic());
    sound = next;
    onWindow(sound.event !== undefined, ended);
  });
}
