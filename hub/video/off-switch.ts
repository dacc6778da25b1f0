/** A switch of the household that is off until somebody switches it on, and when nobody can say how it was left. */
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';

export interface OffSwitch {
  readonly state: { readonly isOn: boolean; readonly by: string; readonly sinceUtcMs: number | null };
  /** On disk when this returns. Throws when the disk does not take it; off counts all the same. */
  set(isOn: boolean, by: string): void;
}

export function openOffSwitch(file: string, now: () => number): OffSwitch {
  let state = read(file);
  return {
    get state() {
      return state;
    },
    set(isOn, by) {
      const next = { isOn, by, sinceUtcMs: now() };
      if (!isOn) state = next;
      writeFileAtomic(file, `${JSON.stringify(next)}\n`);
      state = next;
    },
  };
}

function read(file: string): OffSwitch['state'] {
  const off = { isOn: false, by: '', sinceUtcMs: null };
  try {
    const { isOn, by, sinceUtcMs } = JSON.parse(readFileSync(file, 'utf8')) as OffSwitch['state'];
    return isOn === true && typeof by === 'string' ? { isOn, by, sinceUtcMs } : { ...off, by: String(by ?? ''), sinceUtcMs };
  } catch {
    return off;
  }
}
