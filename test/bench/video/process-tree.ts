/** What a program of the hub's process tree takes (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, as Linux shows them to programs on every machine. */
const TICKS = 100;

/** The child of a process whose command line contains a word. Throws when there is none. */
export function childOf(parent: number, word: string): number {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const isChild = new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'utf8'));
      if (isChild && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word)) return Number(name);
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error(`process ${parent} has no child '${word}'`);
}

/** CPU time that a process has used since it began, ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1000;
}

/** Resident memory, MB. */
export const residentMb = (pid: number): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
