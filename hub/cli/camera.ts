import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface CameraJson {
  readonly state: string;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly message: string;
  readonly name: string;
  readonly region: string;
  readonly isRegionProven?: boolean;
  readonly off?: { readonly since: string | null; readonly by: string };
  readonly microphone?: {
    readonly name: string;
    readonly isOn: boolean;
    readonly isLive: boolean;
    readonly sound: { readonly people: readonly { readonly name: string; readonly isAgreed: boolean }[] };
    readonly heard: { readonly at: string; readonly lastsMs: number } | null;
  };
  readonly shutter?: { readonly cover: string; readonly isLit: boolean; readonly trouble: string };
}
interface StreamJson {
  readonly codec: string;
  readonly packets: number;
  readonly viewers: readonly { readonly name: string; readonly since: string }[];
}

interface SessionJson {
  readonly since: string;
  readonly until: string | null;
  readonly region: string;
  readonly bytes: number;
  readonly soundBytes?: number;
  readonly views: readonly { readonly name: string }[];
}
interface ClipsJson {
  readonly isOn: boolean;
  readonly held: string;
  readonly clips: readonly { readonly name: string; readonly start: string; readonly lastsMs: number; readonly bytes: number }[];
}

export function cameraCommands({ program, client, show, table, withJson }: CommandLine): void {
  const camera = program.command('camera').description('the home camera and its switch');
  const describe = ({
    state,
    fps,
    width,
    height,
    message,
    name,
    region,
    isRegionProven,
    off,
    shutter,
    microphone,
  }: CameraJson): string[][] => [
    ['camera', name],
    [
      'state',
      off === undefined ? `${state}${message === '' ? '' : `: ${message}`}` : `switched off by ${off.by} ${off.since ?? ''}`.trim(),
    ],
    ...(state === 'live' ? [['picture', `${width} x ${height}, ${Math.round(fps)} fps`]] : []),
    ['region', isRegionProven === false ? `${region}, by the word of who set it up` : region],
    ...(microphone === undefined
      ? []
      : [
          [
            'microphone',
            `${microphone.name}: ${microphone.isOn ? 'on' : 'off'}${microphone.isLive ? ', who watches hears it' : ''}${microphone.heard === null ? '' : `, heard something ${microphone.heard.at}`}`,
          ],
          ...microphone.sound.people.map(({ name, isAgreed }) => ['live sound', `${name} ${isAgreed ? 'agrees' : 'has not agreed'}`]),
        ]),
    ...(shutter === undefined
      ? []
      : [['shutter', shutter.trouble !== '' ? shutter.trouble : `${shutter.cover}, light ${shutter.isLit ? 'on' : 'off'}`]]),
  ];
  withJson(camera.command('status', { isDefault: true }).description('whether it sees, through which region, and who watches')).action(
    async () => {
      const hub = client();
      const state = (await hub.get('/api/v1/camera')) as CameraJson;
      const stream = state.state === 'live' ? ((await hub.get('/api/v1/camera/viewers')) as StreamJson) : undefined;
      show({ ...state, stream: stream ?? null }, () =>
        table([
          ...describe(state),
          ...(stream === undefined ? [] : [['codec', stream.codec]]),
          ...(stream?.viewers ?? []).map((viewer) => ['watching', `${viewer.name}, since ${viewer.since}`]),
        ]),
      );
    },
  );
  withJson(camera.command('off').description('switch it off: nothing runs that could see, also after a restart')).action(async () => {
    const state = (await client().post('/api/v1/camera/off')) as CameraJson;
    show(state, () => table(describe(state)));
  });
  withJson(camera.command('on').description('switch it on again')).action(async () => {
    const state = (await client().post('/api/v1/camera/on')) as CameraJson;
    show(state, () => table(describe(state)));
  });
  withJson(
    camera
      .command('microphone')
      .description(
        'on: tell when something is heard, and heard by who watches if everybody agreed to live sound; off: nothing runs that could hear',
      )
      .argument('<on|off>'),
  ).action(async (to: string) => {
    if (to !== 'on' && to !== 'off') throw new CliError(exitCodes.usage, `'${to}' is neither on nor off`);
    const state = (await client().post(`/api/v1/camera/microphone/${to}`)) as CameraJson;
    show(state, () => table(describe(state)));
  });
  withJson(
    camera
      .command('sound')
      .description(
        'yes: who runs the hub agrees that who watches hears the room; no: takes it back. It is heard once all who live here agree',
      )
      .argument('<yes|no>'),
  ).action(async (to: string) => {
    if (to !== 'yes' && to !== 'no') throw new CliError(exitCodes.usage, `'${to}' is neither yes nor no`);
    const state = (await client().put('/api/v1/camera/sound', { isAgreed: to === 'yes' })) as CameraJson;
    show(state, () => table(describe(state)));
  });
  withJson(camera.command('sessions').description('each session: region, from when until when, how much, who watched')).action(async () => {
    const sessions = (await client().get('/api/v1/camera/sessions')) as SessionJson[];
    show(sessions, () =>
      table([
        ['from', 'until', 'region', 'MB', 'of sound', 'watched'],
        ...sessions.map(({ since, until, region, bytes, soundBytes = 0, views }) => [
          ...[
            since,
            until ?? 'now',
            region,
            (bytes / 1e6).toFixed(1),
            (soundBytes / 1e6).toFixed(1),
            [...new Set(views.map(({ name }) => name))].join(', '),
          ],
        ]),
      ]),
    );
  });
  const clips = camera.command('clips').description('clips of what moved: list (default), on, off');
  const list = async (): Promise<void> => {
    const found = (await client().get('/api/v1/camera/clips')) as ClipsJson;
    show(found, () =>
      table([
        ['clips', found.isOn ? (found.held === '' ? 'recorded when something moves' : `held: ${found.held}`) : 'off'],
        ...found.clips.map(({ name, start, lastsMs, bytes }) => [
          name,
          start,
          `${Math.round(lastsMs / 1000)} s, ${(bytes / 1e6).toFixed(1)} MB`,
        ]),
      ]),
    );
  };
  withJson(clips.command('list', { isDefault: true }).description('what there is')).action(list);
  for (const [name, isOn] of [
    ['on', true],
    ['off', false],
  ] as const)
    withJson(clips.command(name).description(isOn ? 'record when something moves' : 'record nothing')).action(async () => {
      await client().put('/api/v1/camera/clips', { isOn });
      await list();
    });
}
