/** The microphone beside the home camera: the household's switch, what it heard last, and how far its program may go now. */
import type { Microphone } from '../sources/microphone.ts';
import type { CameraState } from '../video/camera-state.ts';
import { openOffSwitch } from '../video/off-switch.ts';

export interface HomeMicrophone {
  /** Undefined where the home has none. */
  state(): CameraState['microphone'];
  /** `off`: nothing runs that could hear; `events`: that something was heard is told, no sound is kept or sent; `live`: who watches hears it. */
  wish(): 'off' | 'events' | 'live';
  heard(beganMsAgo: number, lastsMs: number): void;
  /** Why it hears nothing. */
  deaf(message: string): void;
  /** On disk when this returns. Throws when the disk does not take it; off counts all the same. */
  set(isOn: boolean, by: string): void;
}

export interface HomeMicrophoneOptions {
  /** Left out: the home has none. */
  readonly microphone: Microphone | undefined;
  /** Where the switch is kept. */
  readonly file: string;
  /** Whether who watches may hear the room now. */
  readonly mayBeLive: () => boolean;
  /** UTC milliseconds. */
  readonly now: () => number;
}

export function openHomeMicrophone({ microphone, file, mayBeLive, now }: HomeMicrophoneOptions): HomeMicrophone {
  const kept = openOffSwitch(file, now);
  let message = '';
  let heard: { readonly atUtcMs: number; readonly lastsMs: number } | null = null;
  const isLive = (): boolean => kept.state.isOn && mayBeLive();
  return {
    state: () => (microphone === undefined ? undefined : { name: microphone.name, ...kept.state, isLive: isLive(), message, heard }),
    wish: () => (isLive() ? 'live' : kept.state.isOn ? 'events' : 'off'),
    heard(beganMsAgo, lastsMs) {
      heard = { atUtcMs: now() - beganMsAgo, lastsMs };
      message = '';
    },
    deaf(why) {
      message = why;
    },
    set(isOn, by) {
      message = '';
      kept.set(isOn, by);
    },
  };
}
