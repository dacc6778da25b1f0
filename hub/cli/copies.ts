/** `hearth copies`: everything of who runs the hub onto a stick or into a folder by itself. */
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { CommandLine } from './command-line.ts';

interface Copies {
  readonly places: readonly string[];
  readonly settings: { readonly place: string; readonly every: string; readonly keep: number; readonly sealed: boolean } | null;
  readonly trouble: { readonly message: string; readonly since: string } | null;
  readonly made: readonly { readonly at: string; readonly file: string; readonly bytes: number }[];
}

export function copyCommands({ program, withJson, client, show, table }: CommandLine): void {
  const command = program.command('copies').description('everything onto a stick or into a folder by itself');
  withJson(command.command('list', { isDefault: true }).description('when, where to, and those that were made')).action(async () => {
    const all = (await client().get('/api/v1/copies')) as Copies;
    const { settings, trouble, places, made } = all;
    show(all, () =>
      [
        settings === null
          ? 'none are made'
          : `each ${settings.every} to ${settings.place}, ${settings.keep} kept, ${settings.sealed ? 'sealed' : 'not sealed'}`,
        ...(trouble === null ? [] : [`failed since ${trouble.since}: ${trouble.message}`]),
        `places now: ${places.join(', ') || 'none: plug a drive in, or name a folder under copies in hearth.yaml'}`,
        table(made.map(({ at, file, bytes }) => [at, `${(bytes / 2 ** 20).toFixed(1)} MB`, file])),
      ].join('\n'),
    );
  });
  withJson(
    command
      .command('set')
      .description('where to, how often, how many')
      .argument('<place>', 'one of the places of hearth copies')
      .addOption(new Option('--every <span>').choices(['day', 'week', 'month']).default('week'))
      .option('--keep <number>', 'copies that stay there', '4')
      .option('--passphrase-file <file>', 'seals them with its first line; without it they are open to whoever finds them'),
  ).action(async (place: string, { every, keep, passphraseFile }: { every: string; keep: string; passphraseFile?: string }) => {
    const passphrase = passphraseFile === undefined ? undefined : readFileSync(passphraseFile, 'utf8').split(/\r?\n/)[0];
    const set = await client().put('/api/v1/copies', {
      place,
      every,
      keep: Number(keep),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
    show(set, () => `each ${every} to ${place}`);
  });
  withJson(command.command('off').description('no more; those that there are stay')).action(async () => {
    show(await client().delete('/api/v1/copies'), () => 'no more copies');
  });
  withJson(command.command('run').description('make one now, and read it back')).action(async () => {
    const made = (await client().post('/api/v1/copies/run')) as { place: string; file: string; bytes: number };
    show(made, () => `${made.place}/${made.file}: ${(made.bytes / 2 ** 20).toFixed(1)} MB, read back`);
  });
}
