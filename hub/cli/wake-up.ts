import type { CommandLine } from './command-line.ts';

interface StateJson {
  readonly on: boolean;
  readonly time: string;
  readonly days: readonly boolean[];
  readonly windowMin: number;
  readonly next: string | null;
  readonly ringing: boolean;
  readonly outputs: readonly string[];
  readonly last: { readonly rang: string | null; readonly trail: readonly { readonly at: string; readonly because: string }[] } | null;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export function wakeUpCommands({ program, client, show, withJson }: CommandLine): void {
  const wakeUp = program.command('wake-up').description('when you are woken: in light sleep before a set time, at that time at the latest');
  const said = ({ on, time, days, windowMin, next, ringing, outputs, last }: StateJson): string =>
    [
      on
        ? `at ${time} at the latest, in light sleep up to ${windowMin} min before, on ${DAYS.filter((_, at) => days[at]).join(' ')}`
        : 'off',
      `next ${next ?? 'never'}${ringing ? ', RINGS NOW' : ''}; rings on pages${outputs.map((name) => `, ${name}`).join('')}`,
      ...(last?.trail.map(({ at, because }) => `${at} ${because}`) ?? []),
    ].join('\n');
  const tell = (state: unknown): void => show(state, () => said(state as StateJson));

  withJson(wakeUp.command('status', { isDefault: true }).description('what is set, and what was decided last and why')).action(async () =>
    tell(await client().get('/api/v1/wake-up')),
  );
  withJson(
    wakeUp
      .command('set')
      .description('be woken')
      .argument('<time>', 'by the wall clock of the home, like 06:45')
      .option('--days <list>', 'like mon,tue,wed; every day unless told')
      .option('--window <minutes>', 'how long before light sleep may wake', '30'),
  ).action(async (time: string, { days, window }: { days?: string; window: string }) => {
    const chosen = days?.split(',').map((day) => day.trim().slice(0, 3).toLowerCase());
    const body = { on: true, time, days: DAYS.map((day) => chosen?.includes(day) ?? true), windowMin: Number(window) };
    tell(await client().put('/api/v1/wake-up', body));
  });
  withJson(wakeUp.command('off').description('not be woken')).action(async () => {
    const { time, days, windowMin } = (await client().get('/api/v1/wake-up')) as StateJson;
    tell(await client().put('/api/v1/wake-up', { on: false, time, days, windowMin }));
  });
  withJson(wakeUp.command('stop').description('stop what rings')).action(async () => tell(await client().post('/api/v1/wake-up/stop')));
}
