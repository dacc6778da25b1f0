/** The video program as the hub keeps it: started, started again, and its last word on the camera. */
import type { Clock } from '../../firmware/protocol/time.ts';
import type { Camera } from '../sources/camera.ts';
import type { CameraState } from '../web/house.ts';
import { supervise } from './supervise.ts';

export interface VideoProgram {
  readonly state: () => CameraState;
  readonly pid: () => number | undefined;
  readonly done: Promise<void>;
}

export function startVideoProgram(options: {
  readonly root: string;
  readonly camera: Camera;
  /** WHIP endpoint. */
  readonly url: string;
  readonly token: string;
  readonly onChange: (state: CameraState) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): VideoProgram {
  const { root, camera, url, token, onChange, clock, signal } = options;
  const dark = { fps: 0, width: camera.width, height: camera.height, name: camera.name };
  let state: CameraState = { ...dark, state: 'starting', message: '' };
  const set = (next: CameraState): void => {
    const changed = next.state !== state.state || next.message !== state.message;
    state = next;
    if (changed) onChange(next);
  };
  const supervised = supervise(
    {
      name: 'video',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', `${root}hub/video/main.ts`],
      env: { HEARTH_VIDEO: JSON.stringify({ camera, url, token }) },
    },
    {
      onLine(line) {
        const said = stateIn(line);
        if (said !== undefined) set(said);
      },
      onEnd: ({ reason }) => set({ ...dark, state: 'starting', message: `the video program ended (${reason}) and starts again` }),
    },
    clock,
    signal,
  );
  return { state: () => state, pid: () => supervised.pid, done: supervised.done };
}

function stateIn(line: string): CameraState | undefined {
  try {
    const said = JSON.parse(line) as CameraState;
    return typeof said.state === 'string' && typeof said.fps === 'number' ? said : undefined;
  } catch {
    return undefined;
  }
}
