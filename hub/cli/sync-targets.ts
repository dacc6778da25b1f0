/** `hearth sync add …` and what one does with a target: allow, test, pause, take away. A secret is asked for, never taken as an argument. */
import { type Command, Option } from 'commander';
import { categories } from '../../firmware/protocol/quantities.ts';
import { targetKinds } from '../sync/settings.ts';
import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';
import { readSecret } from './secret.ts';

interface AddOptions {
  readonly target: (typeof targetKinds)[number];
  readonly secret: boolean;
  readonly json?: true;
  readonly mostMb?: string;
  readonly keep?: string;
  readonly [setting: string]: unknown;
}

const secretNames = { mqtt: 'Password', influx: 'Token', webhook: 'Signing secret', edge: 'Enrolment code', file: '' } as const;

export function targetCommands(sync: Command, { client, show, withJson }: CommandLine): void {
  const say = (answer: unknown): void => show(answer, () => (answer as { says: string }).says);
  const path = (target: string, more = ''): string => `/api/v1/sync/targets/${encodeURIComponent(target)}${more}`;
  withJson(
    sync
      .command('add')
      .description('add a target; it gets nothing until somebody allows it theirs')
      .argument('<name>', 'of your choice: lower-case letters, digits, hyphens')
      .addOption(new Option('--target <kind>', 'what it is').choices([...targetKinds]).makeOptionMandatory())
      .option('--url <address>', 'edge, mqtt, influx, webhook')
      .option('--region <region>', 'where it stands, when that is not this home: france, …')
      .option('--username <name>', 'mqtt')
      .option('--prefix <word>', 'mqtt: first level of topics')
      .option('--org <name>', 'influx')
      .option('--bucket <name>', 'influx')
      .option('--folder <folder>', 'file')
      .option('--most-mb <number>', 'file: of one file')
      .option('--keep <number>', 'file: files kept')
      .option('--no-secret', 'mqtt: the broker asks for no password')
      .addHelpText('after', '\nA password, token, key or enrolment code is asked for, or read from standard input.'),
  ).action(async (name: string, { target, secret, json: _json, mostMb, keep, ...settings }: AddOptions) => {
    const hub = client();
    const question = secretNames[target];
    const given = question === '' || !secret ? '' : await readSecret(`${question} of '${name}': `);
    const numbers = { ...(mostMb === undefined ? {} : { mostMb: Number(mostMb) }), ...(keep === undefined ? {} : { keep: Number(keep) }) };
    say(await hub.post('/api/v1/sync/targets', { name, target, ...settings, ...numbers, ...(given === '' ? {} : { secret: given }) }));
  });
  withJson(
    sync
      .command('allow')
      .description('what a target may have of you; without categories nothing more')
      .argument('<target>')
      .argument('[categories...]', categories.join(', '))
      .option('--home', 'of the home’s own values instead')
      .option('--person <id>', 'of somebody whose guardian you are'),
  ).action(async (target: string, given: string[], { home, person }: { home?: true; person?: string }) => {
    const wrong = given.find((one) => !(categories as readonly string[]).includes(one));
    if (wrong !== undefined) throw new CliError(exitCodes.usage, `'${wrong}' is no category: choose of ${categories.join(', ')}`);
    const subject = home ? '?subject=home' : person === undefined ? '' : `?subject=${encodeURIComponent(person)}`;
    const answer = await client().put(path(target, `/allowed${subject}`), { categories: given });
    show(answer, () => (given.length === 0 ? `${target}: nothing more goes there` : `${target}: may have ${given.join(', ')}`));
  });
  withJson(sync.command('test').description('send a test that holds nothing of anybody').argument('<target>')).action(
    async (target: string) => {
      const answer = (await client().post(path(target, '/test'))) as { isWell: boolean; says: string };
      say(answer);
      if (!answer.isWell) process.exitCode = exitCodes.refused;
    },
  );
  for (const [word, paused, description] of [
    ['pause', true, 'send nothing for now; it gets what it missed when it goes on'],
    ['resume', false, 'go on with a paused target'],
  ] as const)
    withJson(sync.command(word).description(description).argument('<target>')).action(async (target: string) =>
      say(await client().put(path(target), { paused })),
    );
  withJson(sync.command('secret').description('a new password, token, key or enrolment code; it is asked for').argument('<target>')).action(
    async (target: string) => {
      const hub = client();
      say(await hub.put(path(target, '/secret'), { secret: await readSecret(`New secret of '${target}': `) }));
    },
  );
  withJson(
    sync
      .command('remove')
      .description('take a target away')
      .argument('<target>')
      .option('--erase', 'once it has deleted everything it got from this hub'),
  ).action(async (target: string, { erase }: { erase?: true }) => say(await client().delete(path(target, erase ? '?erase=true' : ''))));
}
