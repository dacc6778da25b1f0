/** `hearth support`: a bundle for who helps. */
import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import type { CommandLine } from './command-line.ts';

interface Preview {
  readonly text: string;
  readonly sha256: string;
}
interface Grant {
  readonly id: string;
  readonly ends: string;
  readonly ended: string | null;
  readonly words: string;
}
const parts = new Option('--with <parts>', 'what is in it, separated by commas; contact and values say who you are').default(
  'hub,devices,sync,acts',
);

export function supportCommands({ program, withJson, client, show, table }: CommandLine): void {
  const support = program.command('support').description('a bundle for who helps: read before, sealed, ends by itself');
  const previewOf = async (chosen: string, problem: string): Promise<Preview> =>
    (await client().post('/api/v1/support/preview', { sections: chosen.split(',').map((one) => one.trim()), problem })) as Preview;

  withJson(
    support
      .command('preview')
      .description('what would be in it, word for word')
      .addOption(parts)
      .option('--problem <text>', 'what is wrong', ''),
  ).action(async ({ with: chosen, problem }: { with: string; problem: string }) => {
    const preview = await previewOf(chosen, problem);
    show(preview, () => `${preview.text}SHA-256 ${preview.sha256}`);
  });
  withJson(
    support
      .command('make')
      .description('seals what preview shows to the key of who helps, and writes it to a file')
      .argument('<key>', 'their public key: age1…')
      .argument('<file>', 'where to write it')
      .addOption(parts)
      .option('--problem <text>', 'what is wrong', '')
      .option('--days <days>', 'how long the hub hands it out', '7'),
  ).action(async (recipient: string, file: string, { with: chosen, problem, days }: { with: string; problem: string; days: string }) => {
    const { sha256 } = await previewOf(chosen, problem);
    const made = (await client().post('/api/v1/support/grants', { sha256, recipient, days: Number(days) })) as {
      grant: Grant;
      link: string;
    };
    const sealed = await client().raw('GET', `/api/v1/support/grants/${made.grant.id}/file`);
    writeFileSync(file, Buffer.from(await sealed.arrayBuffer()), { mode: 0o600 });
    show(made, () => `${file}: open until ${made.grant.ends}; at home also at ${made.link}`);
  });
  withJson(support.command('list', { isDefault: true }).description('bundles that were made, and until when each is handed out')).action(
    async () => {
      const grants = (await client().get('/api/v1/support/grants')) as Grant[];
      show(grants, () =>
        table(grants.map(({ id, ends, ended, words }) => [id, ended === null ? `open until ${ends}` : `ended ${ended}`, words])),
      );
    },
  );
  withJson(support.command('end').description('hand it out no longer').argument('<id>', 'see hearth support')).action(
    async (id: string) => {
      const { words } = (await client().delete(`/api/v1/support/grants/${encodeURIComponent(id)}`)) as { words: string };
      show({ id, words }, () => words);
    },
  );
}
