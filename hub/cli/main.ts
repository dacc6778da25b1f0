/**
 * `hearth`: the hub from the command line of its own machine. Each command prints for people, or with --json for programs.
 * Exit codes: 0 done, 1 refused, 2 wrong use, 3 no hub runs, 4 the hub is degraded.
 */
import { CommanderError } from 'commander';
import { CliError, exitCodes } from './client.ts';
import { hearthProgram } from './hearth.ts';

try {
  await hearthProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.refused;
  }
}
