/** Files that the hub made for a person and still holds, each in a folder of theirs: sealed bundles. Erased with the person. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileAtomic } from '../ops/files.ts';

export interface Papers {
  write(subject: string, name: string, text: string): void;
  /** Undefined when it is not there. */
  read(subject: string, name: string): string | undefined;
  remove(subject: string, name: string): void;
  list(subject: string): string[];
  forget(subject: string): void;
  remains(subject: string): number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/;

export function openPapers(folder: string): Papers {
  const pathOf = (subject: string, name?: string): string => {
    for (const part of [subject, ...(name === undefined ? [] : [name])])
      if (!NAME.test(part)) throw new RangeError(`'${part}' is no file name`);
    return name === undefined ? `${folder}/${subject}` : `${folder}/${subject}/${name}`;
  };
  const list = (subject: string): string[] => (existsSync(pathOf(subject)) ? readdirSync(pathOf(subject)).sort() : []);
  return {
    write(subject, name, text) {
      mkdirSync(pathOf(subject), { recursive: true, mode: 0o700 });
      writeFileAtomic(pathOf(subject, name), text);
    },
    read: (subject, name) => (existsSync(pathOf(subject, name)) ? readFileSync(pathOf(subject, name), 'utf8') : undefined),
    remove: (subject, name) => rmSync(pathOf(subject, name), { force: true }),
    list,
    forget: (subject) => rmSync(pathOf(subject), { recursive: true, force: true }),
    remains: (subject) => list(subject).length,
  };
}
