import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface Kept {
  readonly rules: readonly { id: string; words: string; days: number | null; isSettable: boolean }[];
  readonly purges: readonly { at: string; words: string; before: string; removed: number; left: number }[];
}
const spanOf = (days: number | null): string => (days === null ? 'until deleted' : `${days} days`);

export function retentionCommands({ program, withJson, client, show, table }: CommandLine): void {
  const retention = program.command('retention').description('how long what is kept');
  const of = (person: string | undefined): string => (person === undefined ? '' : `?subject=${encodeURIComponent(person)}`);

  withJson(
    retention
      .command('list', { isDefault: true })
      .description('each rule with its time, and the last purges')
      .option('--person <id>', 'of whom you are guardian, or home'),
  ).action(async ({ person }: { person?: string }) => {
    const kept = (await client().get(`/api/v1/retention${of(person)}`)) as Kept;
    show(kept, () =>
      [
        table([['rule', 'kept', 'what'], ...kept.rules.map(({ id, words, days }) => [id, spanOf(days), words])]),
        ...kept.purges.map(({ at, words, removed, left }) => `${at}: ${removed} let go, ${left} left: ${words}`),
      ].join('\n'),
    );
  });

  withJson(
    retention
      .command('set')
      .description('another time for a rule; first says what is older already')
      .argument('<rule>', 'see hearth retention')
      .argument('<days>', 'a number of days, or forever')
      .option('--person <id>', 'of whom you are guardian, or home')
      .option('--yes', 'also where something is older already and goes for ever'),
  ).action(async (rule: string, days: string, { person, yes }: { person?: string; yes?: true }) => {
    if (days !== 'forever' && !/^[1-9]\d{0,4}$/.test(days))
      throw new CliError(exitCodes.usage, `'${days}' is no span: a number of days, or forever`);
    const body = { days: days === 'forever' ? null : Number(days), confirmed: yes === true };
    const { goes } = (await client().put(`/api/v1/retention/${encodeURIComponent(rule)}${of(person)}`, body)) as { goes: number };
    show({ rule, ...body, goes }, () => `${rule}: ${spanOf(body.days)}${goes > 0 ? `; ${goes} are older and go with the next purge` : ''}`);
  });

  withJson(retention.command('run').description('purge now')).action(async () => {
    const run = (await client().post('/api/v1/retention/run')) as { subjects: number; removed: number; left: number };
    show(run, () => `${run.removed} let go, looked through ${run.subjects} vaults; looked again: ${run.left} left`);
  });
}
