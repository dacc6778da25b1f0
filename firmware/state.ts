/** What a device keeps over restarts: a number, or a small record, in a file of its own. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Kept<Value> {
  /** Undefined when nothing was kept, or what was kept is not of its kind. */
  load(): Value | undefined;
  save(value: Value): void;
}
export type KeptValue = Kept<number>;

export const keptValue = (file: string): KeptValue =>
  keptText(file, (text) => {
    const value = Number.parseFloat(text);
    return Number.isFinite(value) ? value : undefined;
  });

/** As JSON; what does not pass `isValue` counts as nothing. */
export const keptRecord = <Value>(file: string, isValue: (value: unknown) => value is Value): Kept<Value> =>
  keptText(file, (text) => {
    const value: unknown = JSON.parse(text);
    return isValue(value) ? value : undefined;
  });

/** Written beside and renamed, so that a power cut leaves the old value or the new one. */
function keptText<Value>(file: string, parse: (text: string) => Value | undefined): Kept<Value> {
  return {
    load() {
      try {
        return parse(readFileSync(file, 'utf8'));
      } catch {
        return undefined;
      }
    },
    save(value) {
      mkdirSync(dirname(file), { recursive: true });
      const handle = openSync(`${file}.new`, 'w');
      writeSync(handle, `${JSON.stringify(value)}\n`);
      fsyncSync(handle);
      closeSync(handle);
      renameSync(`${file}.new`, file);
    },
  };
}
