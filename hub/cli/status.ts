/** `hearth status` and `hearth devices`: how the hub is, and what measures here. */
import { exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

interface Health {
  readonly status: string;
  readonly version: string;
  readonly uptimeS: number;
  readonly devices: readonly { readonly id: string; readonly connected: boolean; readonly state: string }[];
  readonly store: { readonly rows: number; readonly message: string; readonly troubles?: readonly string[] };
  readonly edge: { readonly state: string; readonly lag: number };
  readonly video: { readonly state: string; readonly fps: number };
}
interface DeviceJson {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly lastSeen: string | null;
  readonly message: string;
}

export function statusCommands({ program, client, show, table, withJson }: CommandLine): void {
  withJson(program.command('status').description('how the hub is; exit code 4 when it cannot keep measurements')).action(async () => {
    const hub = client();
    const health = (await hub.get('/healthz')) as Health;
    // What is wrong with a device is said to who lives here, not to everybody.
    const said = new Map(((await hub.get('/api/v1/devices')) as DeviceJson[]).map(({ id, message }) => [id, message]));
    const { status, version, uptimeS, devices, store, edge, video } = health;
    show(health, () =>
      table([
        ['hub', `${status}, version ${version}, up ${Math.round(uptimeS / 60)} min`],
        ['store', `${store.rows} measurements${store.message === '' ? '' : `: ${store.message}`}`],
        ...(store.troubles ?? []).map((trouble) => ['', trouble] as const),
        ['edge', edge.lag === 0 ? edge.state : `${edge.state}, ${edge.lag} rows to go`],
        ['camera', `${video.state}, ${Math.round(video.fps)} fps`],
        ...devices.map(
          ({ id, connected, state }) => [id, [connected ? state : 'away', said.get(id) ?? ''].filter(Boolean).join(': ')] as const,
        ),
      ]),
    );
    if (status !== 'ok') process.exitCode = exitCodes.degraded;
  });

  const devices = withJson(program.command('devices').description('what measures here')).action(async () => {
    const all = (await client().get('/api/v1/devices')) as DeviceJson[];
    show(all, () =>
      table([
        ['id', 'name', 'kind', 'state', 'last seen', ''],
        ...all.map(({ id, name, kind, state, lastSeen, message }) => [id, name, kind, state, lastSeen ?? 'never', message]),
      ]),
    );
  });
  devices
    .command('forget')
    .description('take one that is gone off the list; what it measured stays')
    .argument('<device>', 'its id')
    .action(async (id: string) => {
      await client().delete(`/api/v1/devices/${encodeURIComponent(id)}`);
      show({ device: id }, () => `${id} is off the list until it is heard again`);
    });
}
