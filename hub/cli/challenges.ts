import { Option } from 'commander';
import type { CommandLine } from './command-line.ts';

interface ChallengeJson {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly to: string;
  readonly terms: string;
  readonly isOpen: boolean;
  readonly host: string | null;
}
interface Offer {
  readonly terms: string;
  readonly termsHash: string;
}
interface Standing {
  readonly members: readonly { readonly name: string; readonly isYou: boolean; readonly state: string; readonly steps: number | null }[];
  readonly sum: number | null;
}

export function challengeCommands({ program, client, show, table, withJson }: CommandLine): void {
  const challenge = program.command('challenge').description('compare steps with friends or a team');
  const at = (id: string): string => `/api/v1/challenges/${encodeURIComponent(id)}`;
  withJson(challenge.command('list', { isDefault: true }).description('those that you take part in, or took')).action(async () => {
    const rows = (await client().get('/api/v1/challenges')) as ChallengeJson[];
    show(rows, () =>
      rows.length === 0
        ? 'you take part in no challenge'
        : table([
            ['id', 'name', 'kind', 'until', '', 'run by'],
            ...rows.map(({ id, name, kind, to, isOpen, host }) => [id, name, kind, to, isOpen ? 'open' : 'over', host ?? 'this hub']),
          ]),
    );
  });
  withJson(
    challenge
      .command('new')
      .description('make one, agreeing to its terms yourself; prints a link for one friend')
      .argument('<name>', 'what it is called')
      .addOption(
        new Option('--kind <kind>', 'friends: each sees each; team: the sum alone').choices(['friends', 'team']).default('friends'),
      )
      .requiredOption('--from <day>', 'first day, like 2026-12-01')
      .requiredOption('--to <day>', 'day after the last')
      .option('--words <text>', 'what you add to the terms')
      .option('--as <name>', 'how you are called in it'),
  ).action(async (name: string, options: { kind: string; from: string; to: string; words?: string; as?: string }) => {
    const made = (await client().post('/api/v1/challenges', { name, ...options })) as { challenge: ChallengeJson; receipt: string };
    const { link } = (await client().post(`${at(made.challenge.id)}/invitations`)) as { link: string };
    show({ ...made, link }, () => `${made.challenge.terms}\n\nid ${made.challenge.id}\nlink, behind this hub's address: /${link}`);
  });
  withJson(challenge.command('invite').description('another link, for one friend, once').argument('<id>', 'see hearth challenge')).action(
    async (id: string) => {
      const invited = (await client().post(`${at(id)}/invitations`)) as { link: string };
      show(invited, () => `/${invited.link}`);
    },
  );
  withJson(challenge.command('terms').description('what a link asks you to agree to').argument('<link>', 'the whole link')).action(
    async (link: string) => {
      const offer = (await client().post('/api/v1/challenges/terms', { link })) as Offer;
      show(offer, () => `${offer.terms}\n\nto agree: hearth challenge join '${link}' --agree ${offer.termsHash}`);
    },
  );
  withJson(
    challenge
      .command('join')
      .description('take part, agreeing to the terms by their hash')
      .argument('<link>', 'the whole link')
      .requiredOption('--agree <hash>', 'of the terms that you read: see hearth challenge terms')
      .option('--as <name>', 'how you are called in it')
      .option('--show-own', 'of a team: show your own number')
      .option('--address <url>', 'under which the other hub reaches this one'),
  ).action(async (link: string, options: { agree: string; as?: string; showOwn?: true; address?: string }) => {
    const { agree, as, showOwn = false, address } = options;
    const more = { ...(as === undefined ? {} : { as }), ...(address === undefined ? {} : { address }) };
    const body = { link, termsHash: agree, showsOwn: showOwn, ...more };
    const joined = (await client().post('/api/v1/challenges/join', body)) as { challenge: ChallengeJson; receipt: string };
    show(joined, () => `you take part: ${joined.challenge.id}\nsigned: ${joined.receipt}`);
  });
  withJson(challenge.command('look').description('how it stands, asked now').argument('<id>', 'see hearth challenge')).action(
    async (id: string) => {
      const { members, sum } = (await client().get(at(id))) as Standing;
      show({ members, sum }, () =>
        table([
          ...members.map(({ name, isYou, state, steps }) => [
            isYou ? `${name} (you)` : name,
            state === 'away' ? 'does not answer' : steps === null ? 'in the sum alone' : String(steps),
          ]),
          ['all', sum === null ? 'not shown: it would tell a single number' : String(sum)],
        ]),
      );
    },
  );
  withJson(challenge.command('leave').description('leave at once; one that you made ends').argument('<id>', 'see hearth challenge')).action(
    async (id: string) => {
      const left = (await client().delete(at(id))) as { left: boolean };
      show(left, () => (left.left ? 'left' : 'there was nothing to leave'));
    },
  );
}
