/** `hearth studies`: joining, reading each number before it goes, and the ledger of what went. */
import { writeFileSync } from 'node:fs';
import type { CommandLine } from './command-line.ts';

interface Studies {
  readonly studies: readonly { id: string; words: string; question: string; joined: string | null; epsilon: number; leastHomes: number }[];
  readonly to: string | null;
  readonly budget: { readonly spent: number; readonly year: number };
  readonly ledger: readonly { number: number; state: string; sent: string | null; to: string | null; payload: string }[];
}

export function studyCommands({ program, withJson, client, show, table }: CommandLine): void {
  const command = program.command('studies').description('joining a study anonymously, and each number before it goes');
  withJson(command.command('list', { isDefault: true }).description('what may be joined, and every number so far')).action(async () => {
    const all = (await client().get('/api/v1/studies')) as Studies;
    show(all, () =>
      [
        table(all.studies.map(({ id, joined, words }) => [id, joined === null ? 'not joined' : `joined ${joined}`, words])),
        `goes to: ${all.to ?? 'nowhere: set `statistics` in hearth.yaml'}; epsilon of this year: ${all.budget.spent} of ${all.budget.year}`,
        ...all.ledger.map(
          ({ number, state, sent, to, payload }) => `${number} ${state}${sent === null ? '' : ` ${sent} to ${to}`}: ${payload}`,
        ),
      ].join('\n'),
    );
  });
  for (const [name, join, words] of [
    ['join', true, 'give one number a round, read by you before it goes'],
    ['leave', false, 'give nothing more'],
  ] as const)
    withJson(command.command(name).description(words).argument('<study>', 'see hearth studies')).action(async (study: string) => {
      const { receipt } = (await client().put(`/api/v1/studies/${encodeURIComponent(study)}`, { join })) as { receipt: string };
      show({ study, join, receipt }, () => `${study}: ${join ? 'joined' : 'left'}\nsigned: ${receipt}`);
    });
  withJson(
    command.command('file').description('writes a number to a file, to hand in by another way').argument('<number>').argument('<file>'),
  ).action(async (number: string, file: string) => {
    const answer = await client().raw('POST', `/api/v1/statistics/${encodeURIComponent(number)}/file`);
    const payload = await answer.text();
    writeFileSync(file, payload, { mode: 0o600 });
    show({ file, payload }, () => `${file}: ${payload.trim()}`);
  });
  for (const [name, send] of [
    ['send', true],
    ['keep', false],
  ] as const)
    withJson(
      command
        .command(name)
        .description(send ? 'a number that you read' : 'never let it go')
        .argument('<number>', 'see hearth studies'),
    ).action(async (number: string) => {
      const done = (await client().post(`/api/v1/statistics/${encodeURIComponent(number)}`, { send })) as {
        state: string;
        to: string | null;
      };
      show(done, () => `${done.state}${done.to === null ? '' : ` to ${done.to}`}`);
    });
}
