/**
 * The microphone's sound on its way into the live picture. It goes only while everybody who lives here agreed to it: else no connection has
 * a track for it, and nothing encodes it.
 */
import type { Clock } from '../../firmware/protocol/time.ts';
import { MICROPHONE_HZ } from '../sources/microphone.ts';
import { type OpusEncoder, startOpus } from './opus.ts';

/** How the engine of the camera's way takes sound. */
export interface SoundWay {
  begin(): void;
  /** 10 ms, 48 kHz; the array is used again for the next. */
  frame(samples: Int16Array): void;
  end(): void;
}

export interface LiveSound {
  readonly isOn: boolean;
  set(isOn: boolean): void;
  frame(samples: Int16Array): void;
  /** The engine is there. */
  through(way: SoundWay): void;
}

/** @param onChange the connection has to have a track for it, or none, from now on */
export function createLiveSound(onChange: () => void): LiveSound {
  let isOn = false;
  let way: SoundWay | undefined;
  return {
    get isOn() {
      return isOn;
    },
    set(next) {
      if (next === isOn) return;
      isOn = next;
      if (isOn) way?.begin();
      else way?.end();
      onChange();
    },
    frame(samples) {
      if (isOn) way?.frame(samples);
    },
    through(next) {
      way = next;
      if (isOn) way.begin();
    },
  };
}

/** libwebrtc encodes it by itself. */
export const rawSound = (source: { onData(data: { samples: Int16Array; sampleRate: number }): void }): SoundWay => ({
  begin: () => undefined,
  frame: (samples) => source.onData({ samples: samples.slice(), sampleRate: MICROPHONE_HZ }),
  end: () => undefined,
});

/** An encoder that ended is started again no sooner. */
const AGAIN_MS = 1000;

/** An encoder of ours, where the engine passes through. */
export function opusSound(send: (packet: Buffer) => void, onTrouble: (message: string) => void, clock: Clock): SoundWay {
  let encoder: OpusEncoder | undefined;
  let startedAtMs = Number.NEGATIVE_INFINITY;
  const begin = (): void => {
    startedAtMs = clock.monotonic();
    encoder = startOpus(send, (message) => {
      encoder = undefined;
      onTrouble(message);
    });
  };
  return {
    begin,
    frame(samples) {
      if (encoder === undefined && clock.monotonic() - startedAtMs > AGAIN_MS) begin();
      encoder?.encode(samples);
    },
    end() {
      encoder?.stop();
      encoder = undefined;
    },
  };
}
