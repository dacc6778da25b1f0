/** `hearth recovery-kit` and `hearth restore-kit`: the machine's key on paper and back. They work on the folder, whether a hub runs or not. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { exportKit, RISK, restoreKit } from '../store/recovery-kit.ts';
import type { CommandLine } from './command-line.ts';

export function recoveryCommands({ program, data }: CommandLine): void {
  program
    .command('recovery-kit')
    .description('the key that opens this hub’s data on another machine, to be written on paper')
    .option('--output <file>', 'file instead of standard output, readable by you alone')
    .action(({ output }: { output?: string }) => {
      const kit = exportKit(data());
      const text = `${kit}\n`;
      if (output === undefined) process.stdout.write(text);
      else writeFileSync(output, text, { mode: 0o600, flag: 'wx' });
      console.error(RISK);
    });

  program
    .command('restore-kit')
    .description('puts the key of a recovery kit back; the kit comes from a file or is typed, never as an argument that others could see')
    .option('--file <file>', 'file that holds the kit')
    .action(async ({ file }: { file?: string }) => {
      const kit = file === undefined ? await typed('Recovery kit: ') : readFileSync(file, 'utf8');
      const opened = restoreKit(data(), kit);
      console.log(`The kit opens ${opened} ${opened === 1 ? 'key' : 'keys'} of ${data()}. Restart the hub if it runs.`);
    });
}

async function typed(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
