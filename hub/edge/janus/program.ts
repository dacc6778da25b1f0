/** A Janus server of the edge's own: Debian's program, with an API that this machine alone reaches and by a secret alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../../firmware/protocol/time.ts';
import { freePort } from '../../ops/free-port.ts';
import { supervise } from '../../ops/supervise.ts';
import type { JanusAddress } from './session.ts';

export const JANUS = '/usr/bin/janus';

const MOST_WORDS = 5;

export interface JanusOptions {
  /** Where its settings are written. */
  readonly folder: string;
  /** Lowest and highest UDP port of its media; left out: any. */
  readonly mediaPorts?: readonly [number, number];
  /** Address that is told instead of its own, behind a router that maps one to the other. */
  readonly publicAddress?: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface JanusProgram extends JanusAddress {
  readonly pid: () => number | undefined;
  readonly done: Promise<void>;
}

/** Starts Janus and keeps it running until the signal. Throws when the machine has none. */
export async function startJanus(options: JanusOptions): Promise<JanusProgram> {
  const { folder, mediaPorts, publicAddress, clock, signal } = options;
  if (!existsSync(JANUS)) throw new Error(`${JANUS} is not there: apt-get install janus`);
  let port = await freePort();
  const secret = randomBytes(24).toString('base64url');
  const [home] = globSync('/usr/lib/*/janus');
  if (home === undefined) throw new Error('the plugins of janus are not in /usr/lib: apt-get install --reinstall janus');
  const write = (name: string, text: string): void => writeFileSync(`${folder}/${name}.jcfg`, text, { mode: 0o600 });
  /** Anew for each start: without its settings Janus would load all it has, and listen to everybody. */
  const writeSettings = (): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    write(
      'janus',
      `general: {
  plugins_folder = "${home}/plugins"
  transports_folder = "${home}/transports"
  events_folder = "${home}/events"
  loggers_folder = "${home}/loggers"
  debug_level = 2
  debug_timestamps = true
  debug_colors = false
  api_secret = "${secret}"
  admin_secret = "${randomBytes(24).toString('base64url')}"
}
media: {
  ${mediaPorts === undefined ? '' : `rtp_port_range = "${mediaPorts.join('-')}"`}
}
nat: {
  ${publicAddress === undefined ? '' : `nat_1_1_mapping = "${publicAddress}"`}
}
plugins: {
  disable = "${without(`${home}/plugins`, ['videoroom', 'nosip'])}"
}
transports: {
  disable = "${without(`${home}/transports`, ['websockets'])}"
}
`,
    );
    // Plain RTP between its plugins stays within the machine.
    write('janus.plugin.nosip', 'general: {\n  local_ip = "127.0.0.1"\n  rtp_port_range = "20000-40000"\n}\n');
    write('janus.transport.websockets', `general: {\n  json = "compact"\n  ws = true\n  ws_port = ${port}\n  ws_ip = "127.0.0.1"\n}\n`);
  };
  /** Janus' last complaints: it writes them on standard output. */
  let words: string[] = [];
  const supervised = supervise(
    () => {
      writeSettings();
      return { name: 'janus', command: JANUS, args: ['--configs-folder', folder] };
    },
    {
      onLine(line) {
        if (/\[(FATAL|ERR)\]/.test(line) && !line.includes('config.c')) words = [...words, line].slice(-MOST_WORDS);
      },
      onEnd({ reason, waitMs }) {
        console.error([`janus ended (${reason}); it starts again in ${waitMs / 1000} s`, ...words].join('\n  '));
        words = [];
        // Janus does not take a port again that connections have just been lost at: it ends, or crashes.
        freePort().then(
          (next) => {
            port = next;
          },
          (error: Error) => console.error(`janus keeps its port: ${error.message}`),
        );
      },
    },
    clock,
    signal,
  );
  return {
    get url() {
      return `ws://127.0.0.1:${port}`;
    },
    secret,
    done: supervised.done,
    pid: () => supervised.pid,
  };
}

/** Names of all of a folder's modules but some, as Janus wants them told. */
function without(folder: string, kept: readonly string[]): string {
  const names = globSync('*.so', { cwd: folder });
  return names.filter((name) => !kept.some((keep) => name === `libjanus_${keep}.so`)).join(',');
}
