/** What the camera's program says to the hub, a line of JSON each. */
import type { CameraState } from './camera-state.ts';
import type { RecordedClip } from './clip-recorder.ts';

export type ProgramSaid =
  | { readonly wants: 'token' }
  | { readonly clip: RecordedClip & { readonly cause?: string } }
  | { readonly heard: { readonly beganMsAgo: number; readonly lastsMs: number } }
  | { readonly deaf: string }
  | Pick<CameraState, 'state' | 'fps' | 'message'>;

/** Undefined for a line that is none of it: programs print other things too. */
export function saidIn(line: string): ProgramSaid | undefined {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said !== 'object' || said === null) return undefined;
    if ('wants' in said) return { wants: 'token' };
    if ('clip' in said) return said as { clip: RecordedClip };
    if ('heard' in said) return said as { heard: { beganMsAgo: number; lastsMs: number } };
    if ('deaf' in said) return { deaf: String(said.deaf) };
    const { state, fps, message } = said as CameraState;
    return typeof state === 'string' && typeof fps === 'number' ? { state, fps, message } : undefined;
  } catch {
    return undefined;
  }
}
