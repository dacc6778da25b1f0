/**
 * `hearth`: the hub from the command line of its own machine. Each command prints for people, or with --json for programs.
 * Exit codes: 0 done, 1 refused, 2 wrong use, 3 no hub runs, 4 the hub is degraded.
 */
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { deviceCommand } from '../../firmware/command.ts';
import { exportFormats } from '../rights/export.ts';
import type { MeasurementJson } from '../web/schemas.ts';
import { archiveCommands } from './archive.ts';
import { bluetoothCommands } from './bluetooth.ts';
import { calibrateCommand } from './calibrate.ts';
import { cameraCommands } from './camera.ts';
import { cardCommand } from './card.ts';
import { challengeCommands } from './challenges.ts';
import { CliError, connect, exitCodes } from './client.ts';
import { copyCommands } from './copies.ts';
import { disclosureCommands } from './disclosures.ts';
import { edgeCommands } from './edge.ts';
import { partnerCommands } from './partners.ts';
import { peopleCommands } from './people.ts';
import { policyCommands } from './policy.ts';
import { recoveryCommands } from './recovery.ts';
import { retentionCommands } from './retention.ts';
import { rightsCommands } from './rights.ts';
import { studyCommands } from './studies.ts';
import { supportCommands } from './support.ts';
import { syncCommands } from './sync.ts';
import { wakeUpCommands } from './wake-up.ts';
import { wifiCommands } from './wifi.ts';

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

const defaultData = fileURLToPath(new URL('../../data', import.meta.url));
const program = new Command('hearth')
  .description('The hub from the command line of its own machine.')
  .option('--data <folder>', 'data folder of the hub', process.env.HEARTH_DATA ?? defaultData)
  .option('--json', 'print JSON')
  .exitOverride();
const client = () => connect(resolve(program.opts<{ data: string }>().data));
const show = (value: unknown, text: () => string): void =>
  console.log(program.opts<{ json?: true }>().json ? JSON.stringify(value, null, 2) : text());
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
const withJson = (command: Command): Command =>
  command.addOption(new Option('--json', 'print JSON').hideHelp()).hook('preAction', (own) => {
    if (own.opts<{ json?: true }>().json) program.setOptionValue('json', true);
  });

withJson(program.command('status').description('how the hub is; exit code 4 when it cannot keep measurements')).action(async () => {
  const health = (await client().get('/healthz')) as Health;
  const { status, version, uptimeS, devices, store, edge, video } = health;
  show(health, () =>
    table([
      ['hub', `${status}, version ${version}, up ${Math.round(uptimeS / 60)} min`],
      ['store', `${store.rows} measurements${store.message === '' ? '' : `: ${store.message}`}`],
      ...(store.troubles ?? []).map((trouble) => ['', trouble] as const),
      ['edge', edge.lag === 0 ? edge.state : `${edge.state}, ${edge.lag} rows to go`],
      ['camera', `${video.state}, ${Math.round(video.fps)} fps`],
      ...devices.map(({ id, connected, state }) => [id, connected ? state : 'away'] as const),
    ]),
  );
  if (status !== 'ok') process.exitCode = exitCodes.degraded;
});

withJson(program.command('devices').description('what measures here')).action(async () => {
  const devices = (await client().get('/api/v1/devices')) as DeviceJson[];
  show(devices, () =>
    table([
      ['id', 'name', 'kind', 'state', 'last seen', ''],
      ...devices.map(({ id, name, kind, state, lastSeen, message }) => [id, name, kind, state, lastSeen ?? 'never', message]),
    ]),
  );
});

withJson(program.command('latest').description('newest value of each quantity of each device')).action(async () => {
  const rows = (await client().get('/api/v1/latest')) as MeasurementJson[];
  show(rows, () =>
    table([
      ['quantity', 'value', 'unit', 'category', 'time', 'device'],
      ...rows.map(({ quantity, value, unit, category, end, device }) => [quantity, String(value), unit, category, end, device]),
    ]),
  );
});

withJson(
  program.command('tare').description('take the present load of a scale as zero').argument('<device>', 'its id, see hearth devices'),
).action(async (device: string) => {
  await client().post(`/api/v1/devices/${encodeURIComponent(device)}/tare`);
  show({ tared: device }, () => `${device}: zero set`);
});

withJson(
  program
    .command('export')
    .description('everything that is kept')
    .addOption(new Option('--format <format>', 'form').choices([...exportFormats]).default('csv'))
    .option('--output <file>', 'file instead of standard output'),
).action(async ({ format, output, json }: { format: string; output?: string; json?: true }) => {
  const body = await client().stream(`/api/v1/export?format=${json ? 'json' : format}`);
  await pipeline(
    Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
    output === undefined ? process.stdout : createWriteStream(output, { mode: 0o600 }),
  );
});

calibrateCommand(program, { client, show, table, withJson });
wakeUpCommands(program, { client, show, withJson });

archiveCommands(program, { client, show, withJson });

recoveryCommands(program, () => resolve(program.opts<{ data: string }>().data));

bluetoothCommands(program.command('bluetooth').alias('ble').description('the radio, and the Bluetooth devices of the household'), {
  client,
  show,
  table,
  withJson,
});
wifiCommands(program.command('wifi').description('the Wi-Fi of the hub'), {
  client,
  show,
  table,
  withJson,
  data: () => resolve(program.opts<{ data: string }>().data),
});

syncCommands(program.command('sync').description('where measurements go, and how far'), { client, show, table, withJson });
cardCommand(program.command('card').description('a picture of chosen values, to share yourself'), { client, show });
challengeCommands(program.command('challenge').description('compare steps with friends or a team'), { client, show, table, withJson });
partnerCommands(program.command('partners').description('programs outside the hub that may ask people for a link'), {
  client,
  show,
  table,
  withJson,
});
edgeCommands(program.command('edge').description('a grown edge, for its operator'));
peopleCommands({ program, client, show, table, withJson });
rightsCommands({ program, client, show, table, withJson });

copyCommands(program.command('copies').description('everything onto a stick or into a folder by itself'), {
  client,
  show,
  table,
  withJson,
});
disclosureCommands({ program, client, show, table, withJson });
studyCommands(program.command('studies').description('joining a study anonymously, and each number before it goes'), {
  client,
  show,
  table,
  withJson,
});
supportCommands(program.command('support').description('a bundle for who helps: read before, sealed, ends by itself'), {
  client,
  show,
  table,
  withJson,
});
policyCommands({ program, client, show, table, withJson });
retentionCommands(program.command('retention').description('how long what is kept'), { client, show, table, withJson });

cameraCommands(program.command('camera').description('the home camera and its switch'), { client, show, table, withJson });

program.addCommand(deviceCommand().copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof CliError ? error.exitCode : exitCodes.refused;
  }
}
