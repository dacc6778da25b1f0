/** `hearth camera …`: whether the home camera sees, and its switch. */
import type { Command } from 'commander';
import type { Client } from './client.ts';

interface Tools {
  readonly client: () => Client;
  readonly show: (value: unknown, text: () => string) => void;
  readonly table: (rows: readonly (readonly string[])[]) => string;
  readonly withJson: (command: Command) => Command;
}

interface CameraJson {
  readonly state: string;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly message: string;
  readonly name: string;
  readonly region: string;
  readonly off?: { readonly since: string | null; readonly by: string };
}
interface StreamJson {
  readonly codec: string;
  readonly packets: number;
  readonly viewers: readonly { readonly name: string; readonly since: string }[];
}

export function cameraCommands(camera: Command, { client, show, table, withJson }: Tools): void {
  const describe = ({ state, fps, width, height, message, name, region, off }: CameraJson): string[][] => [
    ['camera', name],
    [
      'state',
      off === undefined ? `${state}${message === '' ? '' : `: ${message}`}` : `switched off by ${off.by} ${off.since ?? ''}`.trim(),
    ],
    ...(state === 'live' ? [['picture', `${width} x ${height}, ${Math.round(fps)} fps`]] : []),
    ['region', region],
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
}
