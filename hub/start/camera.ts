/** The home camera: the one that was named or is found, shown through the hub's own edge. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Config } from '../ops/config.ts';
import type { EdgeProgram } from '../ops/edge-program.ts';
import { Refusal } from '../ops/refusal.ts';
import { type HomeVideo, startHomeVideo } from '../ops/video-program.ts';
import type { People } from '../people/people.ts';
import type { Residencies } from '../people/residencies.ts';
import { HOME } from '../people/subjects.ts';
import { cameraNames, findCamera, pluggedIn } from '../sources/camera.ts';
import { findMicrophone, microphoneNames } from '../sources/microphone.ts';
import { AT_HOME } from '../sync/residency.ts';
import { TargetError } from '../sync/target.ts';
import type { Clips } from '../video/clips.ts';
import type { Shutter } from '../video/shutter.ts';
import { outsideVideoEdge, ownVideoEdge } from '../video/video-edge.ts';
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
  const microphone = config.microphone === false ? 'none' : findMicrophone(config.microphone, camera.kind === 'test');
  if (microphone === undefined)
    throw new Refusal(`the microphone '${config.microphone}' is not known: choose one of ${microphoneNames.join(', ')}`);
  const own = ownVideoEdge({ url: edge.url, token: edge.token, region: AT_HOME });
  const [first, ...rest] = config.videoEdges.map(({ url, region, code, codeFile }) =>
    outsideVideoEdge({
      ...{ url, region, folder: `${config.data}/video-edges/${region}`, now: clock.utc, signal },
      code() {
        if (code !== undefined) return code;
        if (codeFile !== undefined) return readFileSync(codeFile, 'utf8').trim();
        throw new TargetError(
          'refused',
          `this hub is not enrolled at ${url}: ask its operator for a code, and write it beside it (code: …)`,
        );
      },
    }),
  );
  const video = startHomeVideo({
    root,
    data: config.data,
    camera,
    ...(microphone === 'none' ? {} : { microphone }),
    isSoundAgreed: () => people.liveSound.isAgreed,
    edges: first === undefined ? [own] : [first, ...rest],
    outOfRegion: residencies.videoOutOf,
    onRefused: (why) => residencies.refused(HOME, 'camera', why),
    sessions: people.viewSessions,
    isSealed: (region) => config.sealVideo ?? region !== AT_HOME,
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
