import type { CommandLine } from './command-line.ts';
import { targetCommands } from './sync-targets.ts';

interface TargetJson {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly lag: number;
  readonly lastError: string;
  readonly lastSent: string | null;
  readonly setAside: number;
  readonly region: string;
  readonly allowed: readonly { readonly subject: string; readonly categories: readonly string[] }[];
}

export function syncCommands(line: CommandLine): void {
  const { program, client, show, table, withJson } = line;
  const sync = program.command('sync').description('where measurements go, and how far');
  targetCommands(sync, line);
  withJson(sync.command('status', { isDefault: true }).description('each target and how far it is')).action(async () => {
    const targets = (await client().get('/api/v1/sync')) as TargetJson[];
    show(targets, () =>
      table([
        ['target', 'kind', 'region', 'state', 'may have', 'to go', 'set aside', 'last sent', ''],
        ...targets.map(({ name, kind, region, state, lag, setAside, lastSent, lastError, allowed }) => [
          name,
          kind,
          region,
          state,
          allowed.map(({ subject, categories }) => `${subject === 'home' ? 'home' : 'you'}: ${categories.join('+')}`).join(' ') ||
            'nothing',
          String(lag),
          String(setAside),
          lastSent ?? 'never',
          lastError,
        ]),
      ]),
    );
  });
  withJson(sync.command('retry').description('try a target at once, with what was set aside').argument('<target>', 'its name')).action(
    async (target: string) => {
      await client().post(`/api/v1/sync/${encodeURIComponent(target)}/retry`);
      show({ retried: target }, () => `${target}: trying`);
    },
  );
  withJson(sync.command('set-aside').description('entries that a target did not take, with the reason')).action(async () => {
    const rows = (await client().get('/api/v1/sync/set-aside')) as {
      target: string;
      subject: string;
      seq: number;
      reason: string;
      at: string;
    }[];
    show(rows, () =>
      rows.length === 0
        ? 'nothing was set aside'
        : table([
            ['target', 'vault', 'entry', 'since', 'why'],
            ...rows.map(({ target, subject, seq, at, reason }) => [target, subject, String(seq), at, reason]),
          ]),
    );
  });
  withJson(sync.command('receipts').description('what an edge signed for, newest first').argument('<target>', 'its name')).action(
    async (target: string) => {
      const rows = (await client().get(`/api/v1/sync/${encodeURIComponent(target)}/receipts`)) as {
        at: string;
        subject: string;
        upTo: number;
        receipt: string;
      }[];
      show(rows, () =>
        rows.length === 0
          ? 'no receipts: edges alone sign what they take'
          : table([['when', 'vault', 'up to entry'], ...rows.map(({ at, subject, upTo }) => [at, subject, String(upTo)])]),
      );
    },
  );
  withJson(sync.command('log').description('what was done and refused, newest first')).action(async () => {
    const rows = (await client().get('/api/v1/sync/operations')) as {
      at: string;
      kind: string;
      target: string;
      subject: string;
      message: string;
    }[];
    show(rows, () =>
      table([
        ['when', 'what', 'target', 'vault', ''],
        ...rows.map(({ at, kind, target, subject, message }) => [at, kind, target, subject, message]),
      ]),
    );
  });
}
