/** The home camera: the one that was named or is found, shown through the hub's own edge. */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Config } from '../ops/config.ts';
import type { EdgeProgram } from '../ops/edge-program.ts';
import { Refusal } from '../ops/refusal.ts';
import { type HomeVideo, startHomeVideo } from '../ops/video-program.ts';
import type { People } from '../people/people.ts';
import type { Residencies } from '../people/residencies.ts';
import { HOME } from '../people/subjects.ts';
import { cameraNames, findCamera, pluggedIn } from '../sources/camera.ts';
import type { Clips } from '../video/clips.ts';
import type { Shutter } from '../video/shutter.ts';
import type { Listeners } from './listeners.ts';

export interface OwnCameraOptions {
  readonly root: string;
  readonly config: Config;
  readonly edge: EdgeProgram;
  readonly people: People;
  readonly residencies: Residencies;
  readonly clips: Clips;
  readonly shutter: Shutter;
  readonly tell: Listeners['tell'];
  readonly say: (text: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Undefined where the hub is to run without one. Throws Refusal when the camera that was named is not known. */
export function startOwnCamera(options: OwnCameraOptions): HomeVideo | undefined {
  const { root, config, edge, people, residencies, clips, shutter, tell, say, clock, signal } = options;
  if (config.camera === false) return undefined;
  const named = config.camera === true ? undefined : config.camera;
  const camera = findCamera(named);
  if (camera === undefined) throw new Refusal(`the camera '${named}' is not known: choose one of ${cameraNames.join(', ')}`);
  say(`Camera: ${camera.name}${camera.kind === 'test' && named === undefined ? ' (no camera found)' : ''}`);
  const at = { url: edge.url, token: edge.token, region: 'home' };
  const video = startHomeVideo({
    root,
    data: config.data,
    camera,
    edge: at,
    outOfRegion: residencies.videoOutOf,
    onRefused: (why) => residencies.refused(HOME, 'camera', why),
    sessions: people.viewSessions,
    isSealed: config.sealVideo ?? at.region !== 'home',
    clips,
    // What a person named stays, whatever is plugged in.
    changed: named === undefined ? pluggedIn : () => undefined,
    shutter,
    onChange: (state) => tell({ type: 'video', camera: state }),
    clock,
    signal,
  });
  if (video.state().state === 'private') say('The camera is switched off and stays off until somebody switches it on.');
  return video;
}
