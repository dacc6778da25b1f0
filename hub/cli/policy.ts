/** `hearth policy` and `hearth messages`: the household's policy with what changed in it, and what the hub may tell unasked. */
import type { CommandLine } from './command-line.ts';

interface Named {
  readonly id: string;
  readonly words: string;
}
interface Policy {
  readonly hash: string;
  readonly from: string;
  readonly text: string;
}
interface Changes {
  readonly current: { readonly hash: string };
  readonly difference: readonly { readonly kind: 'same' | 'gone' | 'new'; readonly text: string }[];
  readonly waiting: readonly Named[];
}
interface Kind {
  readonly type: string;
  readonly words: string;
  readonly channels: readonly { readonly channel: string; readonly on: boolean }[];
}

const marks = { same: ' ', gone: '-', new: '+' } as const;

export function policyCommands({ program, withJson, client, show, table }: CommandLine): void {
  const policy = program.command('policy').description('the household’s policy, and what changed in it');
  withJson(policy.command('show', { isDefault: true }).description('its text, and since when it holds')).action(async () => {
    const current = (await client().get('/api/v1/policy')) as Policy;
    show(current, () => `${current.text}\nin force since ${current.from}, SHA-256 ${current.hash}`);
  });
  withJson(policy.command('changes').description('since who runs the hub agreed to it')).action(async () => {
    const changes = (await client().get('/api/v1/policy/changes')) as Changes;
    show(changes, () =>
      [
        ...(changes.difference.length === 0 ? ['nothing changed'] : changes.difference.map(({ kind, text }) => `${marks[kind]} ${text}`)),
        ...changes.waiting.map(({ id, words }) => `waits for a yes: ${id}: ${words}`),
      ].join('\n'),
    );
  });
  withJson(
    policy
      .command('answer')
      .description('it was read; with a yes to new purposes')
      .argument('[purposes...]', 'as hearth policy changes names them'),
  ).action(async (yes: string[]) => {
    const { current } = (await client().get('/api/v1/policy/changes')) as Changes;
    const answer = (await client().post('/api/v1/policy/answer', { hash: current.hash, yes })) as { receipt: string; waiting: Named[] };
    show(answer, () => [`signed: ${answer.receipt}`, ...answer.waiting.map(({ id }) => `still waits: ${id}`)].join('\n'));
  });

  const messages = program.command('messages').description('what the hub may tell who runs it unasked; each kind off until switched on');
  withJson(messages.command('list', { isDefault: true }).description('each kind, and whether it is on')).action(async () => {
    const kinds = (await client().get('/api/v1/messages')) as Kind[];
    show(kinds, () =>
      table(kinds.flatMap(({ type, words, channels }) => channels.map(({ channel, on }) => [type, channel, on ? 'on' : 'off', words]))),
    );
  });
  for (const [name, on, words] of [
    ['on', true, 'let it tell you of this'],
    ['off', false, 'tell nothing of this any more'],
  ] as const)
    withJson(
      messages.command(name).description(words).argument('<type>', 'see hearth messages').argument('[channel]', 'where', 'page'),
    ).action(async (type: string, channel: string) => {
      const answer = await client().put(`/api/v1/messages/${encodeURIComponent(type)}/${encodeURIComponent(channel)}`, { on });
      show(answer, () => `${type} (${channel}): ${name}`);
    });
}
