/** `hearth edge …`: what the operator of a grown edge does on its machine. Each runs the edge's own program on its folder and storage. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { CliError, exitCodes } from './client.ts';
import type { CommandLine } from './command-line.ts';

const edgeProgram = fileURLToPath(new URL('../edge/main.ts', import.meta.url));

interface EdgeOptions {
  readonly dir?: string;
  readonly region?: string;
  readonly database?: string;
  readonly queue?: string;
  readonly names?: string;
  readonly host?: string;
  readonly port?: string;
  readonly tokenFile?: string;
  readonly video?: boolean;
  readonly janus?: string;
  readonly janusSecretFile?: string;
  readonly publicAddress?: string;
  readonly mediaPorts?: string;
  readonly iceServers?: string;
  readonly turnSecretFile?: string;
}

/** Options as the program's environment; what is not given stays as it is there. */
function environmentOf({
  dir,
  region,
  database,
  queue,
  names,
  host,
  port,
  tokenFile,
  video,
  ...media
}: EdgeOptions): Record<string, string> {
  const secretIn = (file: string | undefined): string | undefined => {
    if (file !== undefined && !existsSync(file)) throw new CliError(exitCodes.usage, `the file ${file} is not there`);
    return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
  };
  const all = {
    HEARTH_EDGE_DIR: dir,
    HEARTH_EDGE_REGION: region,
    HEARTH_EDGE_DATABASE: database,
    HEARTH_EDGE_QUEUE: queue,
    HEARTH_EDGE_NAMES: names,
    HEARTH_EDGE_HOST: host,
    HEARTH_EDGE_PORT: port,
    HEARTH_EDGE_VIDEO: video === false ? 'false' : undefined,
    HEARTH_EDGE_TOKEN: secretIn(tokenFile),
    HEARTH_EDGE_JANUS: media.janus,
    HEARTH_EDGE_JANUS_SECRET: secretIn(media.janusSecretFile),
    HEARTH_EDGE_PUBLIC_ADDRESS: media.publicAddress,
    HEARTH_EDGE_MEDIA_PORTS: media.mediaPorts,
    HEARTH_EDGE_ICE_SERVERS: media.iceServers,
    HEARTH_EDGE_TURN_SECRET: secretIn(media.turnSecretFile),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

const withPlace = (command: Command): Command =>
  command
    .addOption(new Option('--dir <folder>', 'identity of the edge, and its records when they are in SQLite').env('HEARTH_EDGE_DIR'))
    .addOption(new Option('--region <region>', 'where it stands: france, ireland, …').env('HEARTH_EDGE_REGION'))
    .addOption(new Option('--database <url>', 'PostgreSQL: postgres://…').env('HEARTH_EDGE_DATABASE'));

export function edgeCommands({ program }: CommandLine): void {
  const edge = program.command('edge').description('a grown edge, for its operator');
  const run = async (task: readonly string[], options: EdgeOptions): Promise<void> => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', edgeProgram, ...task], {
      env: { ...process.env, ...environmentOf(options) },
      stdio: 'inherit',
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? exitCodes.refused)));
  };
  withPlace(edge.command('run').description('run one process of the edge; as many as one likes share a database and the folder'))
    .option('--names <hosts>', 'names by which hubs reach it, by commas: they are in its certificate')
    .option('--host <address>', 'where it listens, 0.0.0.0 for everywhere')
    .option('--port <number>', 'port, any free one unless told')
    .option('--queue <url>', 'NATS JetStream before the database: nats://…')
    .option('--no-video', 'take records alone, without the WebRTC engine')
    .option('--janus <where>', "video by Janus: 'run' starts Debian's here, ws://127.0.0.1:8188 is one that runs on this machine")
    .option('--janus-secret-file <file>', 'api_secret of a Janus that runs')
    .option('--public-address <address>', 'what a Janus that is started here says of where it is, behind a router that maps it')
    .option('--media-ports <range>', 'UDP ports of a Janus that is started here: 20000-20999')
    .option('--ice-servers <urls>', 'for who cannot reach this machine by UDP: stun:host:3478,turn:host:3478?transport=udp')
    .option('--turn-secret-file <file>', 'the secret that the TURN server shares with this edge (coturn: static-auth-secret)')
    .option('--token-file <file>', 'token of the operator, 20 characters or more')
    .action((options: EdgeOptions) => run([], options));
  withPlace(edge.command('code').description('a code of one use by which a hub enrols').argument('<hub>', 'a name for it')).action(
    (hub: string, options: EdgeOptions) => run(['code', hub], options),
  );
  withPlace(edge.command('hubs').description('hubs that enrolled, and those that were revoked')).action((options: EdgeOptions) =>
    run(['hubs'], options),
  );
  withPlace(edge.command('revoke').description('take nothing more from a hub until it enrols again').argument('<hub>')).action(
    (hub: string, options: EdgeOptions) => run(['revoke', hub], options),
  );
  withPlace(edge.command('statement').description('the signed statement of where the edge is')).action((options: EdgeOptions) =>
    run(['region'], options),
  );
}
