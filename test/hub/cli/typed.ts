/** Commands of `hearth` as a person types them, in this process, against a hub that answers on the loopback. */
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { clientOf } from '../../../hub/cli/client.ts';
import type { CommandLine } from '../../../hub/cli/command-line.ts';
import { type TestWeb, TOKEN } from '../web/web.ts';

/** Runs the words of a command line, split at spaces, with a line for what it asks; resolves with what it prints. */
export type Hearth = (words: string | readonly string[], answer?: string) => Promise<string>;

/** `commands` puts those under test on the program. */
export async function typedTo(hub: TestWeb, commands: (line: CommandLine) => void): Promise<Hearth & { readonly origin: string }> {
  const origin = await hub.web.listen({ host: '127.0.0.1', port: 0 });
  const hearth: Hearth = async (words, answer = '') => {
    let said = '';
    const program = new Command('hearth').exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    commands({
      program,
      data: () => hub.folder,
      withJson: (command) => command,
      client: () => clientOf({ port: Number(new URL(origin).port), pid: process.pid }, TOKEN),
      show: (_value, text) => {
        said = text();
      },
      table: (rows) => rows.map((row) => row.join(' | ')).join('\n'),
    });
    const typed = new PassThrough();
    typed.end(`${answer}\n`);
    const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
    Object.defineProperty(process, 'stdin', { value: typed, configurable: true });
    try {
      await program.parseAsync(typeof words === 'string' ? words.split(' ') : [...words], { from: 'user' });
    } finally {
      Object.defineProperty(process, 'stdin', stdin);
    }
    return said;
  };
  return Object.assign(hearth, { origin });
}
