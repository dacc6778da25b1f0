import type { Readable, Writable } from 'node:stream';
import type { Line } from './line.ts';

/** More unsent bytes than this mean that the program does not read: what follows is dropped. */
const MOST_UNSENT_BYTES = 64 * 1024;

/** A line over the standard streams of a program of this machine, which may start again: each start is a new line. */
export interface ProgramLine {
  /** For the supervisor: the program has started, these are its streams. */
  started(streams: { stdin: Writable; stdout: Readable }): void;
  /** Resolves with the line of the running program, or of its next start. */
  open(): Promise<Line>;
}

export function createProgramLine(): ProgramLine {
  let next = Promise.withResolvers<Line>();
  return {
    started({ stdin, stdout }) {
      const line: Line = {
        incoming: stdout,
        write: (bytes) => {
          if (stdin.writable && stdin.writableLength < MOST_UNSENT_BYTES) stdin.write(bytes);
        },
        async close() {
          stdout.destroy();
        },
      };
      next.resolve(line);
    },
    async open() {
      const line = await next.promise;
      next = Promise.withResolvers<Line>();
      return line;
    },
  };
}
