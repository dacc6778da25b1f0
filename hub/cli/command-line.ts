/** What every command has at hand: the hub of the data folder, and one way to print for people and for programs. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { textTable } from '../../firmware/text-table.ts';
import { type Client, connect } from './client.ts';

export interface CommandLine {
  readonly program: Command;
  /** Throws {@link CliError} 3 when no hub runs. */
  readonly client: () => Client;
  /** The data folder. */
  readonly data: () => string;
  /** As JSON where `--json` was said, else as the text. */
  readonly show: (value: unknown, text: () => string) => void;
  readonly table: (rows: readonly (readonly string[])[]) => string;
  /** The command takes `--json` behind its name too. */
  readonly withJson: (command: Command) => Command;
}

/** @param program with the options `--data` and `--json` */
export function commandLine(program: Command): CommandLine {
  const data = (): string => resolve(program.opts<{ data: string }>().data);
  return {
    program,
    client: () => connect(data()),
    data,
    show: (value, text) => console.log(program.opts<{ json?: true }>().json ? JSON.stringify(value, null, 2) : text()),
    table: textTable,
    withJson: (command) =>
      command.addOption(new Option('--json', 'print JSON').hideHelp()).hook('preAction', (own) => {
        if (own.opts<{ json?: true }>().json) program.setOptionValue('json', true);
      }),
  };
}
