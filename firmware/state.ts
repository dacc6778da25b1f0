/** One number of a device kept over restarts, in a file of its own. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface KeptValue {
  /** Undefined when nothing was kept, or what was kept is not a number. */
  load(): number | undefined;
  save(value: number): void;
}

/** Written beside and renamed, so that a power cut leaves the old value or the new one. */
export function keptValue(file: string): KeptValue {
  return {
    load() {
      try {
        const value = Number.parseFloat(readFileSync(file, 'utf8'));
        return Number.isFinite(value) ? value : undefined;
      } catch {
        return undefined;
      }
    },
    save(value) {
      mkdirSync(dirname(file), { recursive: true });
      const handle = openSync(`${file}.new`, 'w');
      writeSync(handle, `${value}\n`);
      fsyncSync(handle);
      closeSync(handle);
      renameSync(`${file}.new`, file);
    },
  };
}
