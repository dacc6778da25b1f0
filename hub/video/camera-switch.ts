/**
 * The camera's switch as the household last left it. It outlives restarts and power cuts, and when nobody can say how it was left, the
 * camera is off: a file that cannot be read is no reason to look into somebody's room.
 */
import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';

export type SwitchState =
  | { readonly kind: 'on' }
  | {
      readonly kind: 'off';
      /** Undefined when the file could not be read. */
      readonly sinceUtcMs: number | undefined;
      /** Who, as the operations log calls them. */
      readonly by: string;
    };

export interface CameraSwitch {
  readonly state: SwitchState;
  /** On disk when this returns. Throws when the disk does not take it. */
  set(next: SwitchState): void;
}

const UNREADABLE: SwitchState = { kind: 'off', sinceUtcMs: undefined, by: 'hub' };

/** Without a file nobody has ever touched the switch: the camera is on. */
export function openCameraSwitch(file: string): CameraSwitch {
  let state: SwitchState = existsSync(file) ? read(file) : { kind: 'on' };
  return {
    get state() {
      return state;
    },
    set(next) {
      // Off counts at once even if the disk refuses it; on counts only once it is kept.
      if (next.kind === 'off') state = next;
      writeFileAtomic(file, `${JSON.stringify(next)}\n`);
      state = next;
    },
  };
}

function read(file: string): SwitchState {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof kept !== 'object' || kept === null || !('kind' in kept)) return UNREADABLE;
    if (kept.kind === 'on') return { kind: 'on' };
    const { sinceUtcMs, by } = kept as { sinceUtcMs?: unknown; by?: unknown };
    return typeof sinceUtcMs === 'number' && typeof by === 'string' ? { kind: 'off', sinceUtcMs, by } : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}
