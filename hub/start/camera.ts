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
import { plainWhipServer } from '../video/plain-whip.ts';
import type { Shutter } from '../video/shutter.ts';
import { outsideVideoEdge, ownVideoEdge, type VideoEdge } from '../video/video-edge.ts';
import type { Listeners } from './listeners.ts';

export interface OwnCameraOptions {
  readonly root: string;
  readonly config: Config;
  /** The hub's own; undefined where it runs without. */
  readonly edge: EdgeProgram | undefined;
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
  const { root, config, people, residencies, clips, shutter, tell, say, clock, signal } = options;
  if (config.camera === false) return undefined;
  const [first, ...rest] = edgesOf(options);
  if (first === undefined) {
    say('Camera: none, since there is no edge to show it through: name one under videoEdges, or start without --no-edge.');
    return undefined;
  }
  const named = config.camera === true ? undefined : config.camera;
  const camera = findCamera(named);
  if (camera === undefined) throw new Refusal(`the camera '${named}' is not known: choose one of ${cameraNames.join(', ')}`);
  say(`Camera: ${camera.name}${camera.kind === 'test' && named === undefined ? ' (no camera found)' : ''}`);
  const microphone = config.microphone === false ? 'none' : findMicrophone(config.microphone, camera.kind === 'test');
  if (microphone === undefined)
    throw new Refusal(`the microphone '${config.microphone}' is not known: choose one of ${microphoneNames.join(', ')}`);
  const video = startHomeVideo({
    root,
    data: config.data,
    camera,
    ...(microphone === 'none' ? {} : { microphone }),
    isSoundAgreed: () => people.liveSound.isAgreed,
    edges: [first, ...rest],
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

/** Those that the settings name, else the hub's own where it runs. */
function edgesOf({ config, edge, clock, signal }: OwnCameraOptions): VideoEdge[] {
  if (config.videoEdges.length === 0) return edge === undefined ? [] : [ownVideoEdge({ ...edge, region: AT_HOME })];
  const secretOf = (given: string | undefined, file: string | undefined, missing: string): string => {
    if (given !== undefined) return given;
    if (file !== undefined) return readFileSync(file, 'utf8').trim();
    throw new TargetError('refused', missing);
  };
  return config.videoEdges.map(({ url, whip, whep, region, ...secrets }) => {
    if (whip !== undefined) {
      const token = (): string => secretOf(secrets.token, secrets.tokenFile, `${whip} needs a token: write it beside it (token: …)`);
      return plainWhipServer({ whip, whep, region, token, watchToken: secrets.watchToken, now: clock.utc });
    }
    const missing = `this hub is not enrolled at ${url}: ask its operator for a code, and write it beside it (code: …)`;
    const code = (): string => secretOf(secrets.code, secrets.codeFile, missing);
    return outsideVideoEdge({ url: url!, region, folder: `${config.data}/video-edges/${region}`, code, now: clock.utc, signal });
  });
}
