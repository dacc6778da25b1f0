/** `hearth disclosures` and `hearth processors`: what authorities were given, and who works with data for the household. */
import type { CommandLine } from './command-line.ts';

interface Recorded {
  readonly name: string;
  readonly authority: string;
  readonly what: string;
  readonly disclosed: string;
  readonly tell: string | null;
  readonly told: string | null;
}

export function disclosureCommands({ program, withJson, client, show, table }: CommandLine): void {
  const disclosures = program.command('disclosures').description('what authorities were given, and when its person is told');
  withJson(disclosures.command('list', { isDefault: true }).description('those that were written down, and when each is told')).action(
    async () => {
      const all = (await client().get('/api/v1/disclosures/recorded')) as Recorded[];
      show(all, () =>
        all.length === 0
          ? 'none'
          : table(
              all.map(({ name, authority, what, disclosed, tell, told }) => [
                disclosed,
                name,
                authority,
                what,
                told === null ? `to be told from ${tell}` : `told ${told}`,
              ]),
            ),
      );
    },
  );
  withJson(
    disclosures
      .command('add')
      .description('write one down; its person is told at once, or when the law allows it')
      .argument('<person>', 'see hearth people')
      .requiredOption('--authority <name>', 'who was given it')
      .requiredOption('--basis <law>', 'the law or order')
      .requiredOption('--what <words>', 'what was given')
      .option('--tell <date>', 'from when they may be told, where telling is forbidden until then'),
  ).action(async (person: string, given: { authority: string; basis: string; what: string; tell?: string }) => {
    const { authority, basis, what, tell } = given;
    const body = { person, authority, basis, what, ...(tell === undefined ? {} : { tell }) };
    const answer = (await client().post('/api/v1/disclosures', body)) as { told: boolean };
    show(answer, () => (answer.told ? 'written down, and told' : `written down; to be told from ${tell}`));
  });
  withJson(program.command('processors').description('who works with data for the household, and what each can get at most')).action(
    async () => {
      const all = (await client().get('/api/v1/processors')) as { id: string; words: string; gets: string[]; used: string[] }[];
      show(all, () =>
        table(all.map(({ id, words, gets, used }) => [id, used.length === 0 ? 'not used' : used.join(', '), gets.join(', '), words])),
      );
    },
  );
}
