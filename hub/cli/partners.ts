import type { CommandLine } from './command-line.ts';

interface Partner {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly region: string;
  readonly policyUrl: string;
}
interface Added {
  readonly partner: Partner;
  readonly clientSecret: string | null;
  readonly webhookSecret: string | null;
  readonly scopes: readonly string[];
}

export function partnerCommands({ program, client, show, table, withJson }: CommandLine): void {
  const partners = program.command('partners').description('programs outside the hub that may ask people for a link');
  withJson(partners.command('list', { isDefault: true }).description('who may ask, and who waits to be looked at')).action(async () => {
    const rows = (await client().get('/api/v1/partners')) as Partner[];
    show(rows, () =>
      rows.length === 0
        ? 'there are no partners'
        : table([
            ['client id', 'name', 'state', 'keeps data in', 'privacy policy'],
            ...rows.map(({ id, name, state, region, policyUrl }) => [id, name, state, region, policyUrl]),
          ]),
    );
  });
  withJson(
    partners
      .command('add')
      .description('let a partner ask people for a link; prints what it needs, once')
      .argument('<name>', 'what people read')
      .requiredOption('--policy <url>', 'its privacy policy')
      .requiredOption('--region <words>', 'where it keeps data, like Ireland')
      .requiredOption('--redirect <url...>', 'where answers go; several, one after another')
      .option('--webhook <url>', 'where it is told that there is something new')
      .option('--confidential', 'it has a server that keeps a secret'),
  ).action(
    async (
      name: string,
      options: { policy: string; region: string; redirect: string[]; webhook?: string; confidential?: true },
    ): Promise<void> => {
      const { policy, region, redirect, webhook, confidential = false } = options;
      const added = (await client().post('/api/v1/partners', {
        name,
        policyUrl: policy,
        region,
        redirectUris: redirect,
        ...(webhook === undefined ? {} : { webhookUrl: webhook }),
        confidential,
      })) as Added;
      show(added, () =>
        table([
          ['client_id', added.partner.id],
          ...(added.clientSecret === null ? [] : [['client_secret', added.clientSecret]]),
          ...(added.webhookSecret === null ? [] : [['webhook secret', added.webhookSecret]]),
          ['scopes', added.scopes.join(' ')],
          ['how to go on', '/page/partners.html of the hub'],
        ]),
      );
    },
  );
  withJson(
    partners.command('approve').description('let one that registered itself ask people').argument('<client id>', 'see hearth partners'),
  ).action(async (id: string) => {
    const partner = (await client().post(`/api/v1/partners/${encodeURIComponent(id)}/approval`)) as Partner;
    show(partner, () => `${partner.name} may ask people for a link`);
  });
  withJson(
    partners
      .command('remove')
      .description('it asks nobody any more, and every link to it ends')
      .argument('<client id>', 'see hearth partners'),
  ).action(async (id: string) => {
    const { removed } = (await client().delete(`/api/v1/partners/${encodeURIComponent(id)}`)) as { removed: string };
    show({ removed }, () => `${removed} is removed, and every link to it ended`);
  });
}
