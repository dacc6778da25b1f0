import type { ShutterState } from './shutter.ts';

/** How the home camera is, as the page and the command line show it. */
export interface CameraState {
  /** `off`: the hub runs without a camera; `private`: the household switched it off. */
  readonly state: 'off' | 'private' | 'starting' | 'live' | 'fault';
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly message: string;
  readonly name: string;
  /** Of the edge that the picture goes through; empty without one. */
  readonly region: string;
  /** Its edge proved that it stands there; left out without one. */
  readonly isRegionProven?: boolean;
  /** Undefined where the home has none. */
  readonly microphone?: {
    readonly name: string;
    /** Somebody of the household switched it on; off at first. */
    readonly isOn: boolean;
    readonly by: string;
    readonly sinceUtcMs: number | null;
    /** Who watches hears the room: everybody who lives here agreed. */
    readonly isLive: boolean;
    /** Why it hears nothing; empty when all is well. */
    readonly message: string;
    /** What it last heard; null before. */
    readonly heard: { readonly atUtcMs: number; readonly lastsMs: number } | null;
  };
  /** The cover and the light beside it; undefined where the rig has none. */
  readonly shutter?: ShutterState;
  /** Set in state `private`: since when (undefined: not known) and by whom, as the operations log calls them. */
  readonly off?: { readonly sinceUtcMs: number | undefined; readonly by: string };
}
