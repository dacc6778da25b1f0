/** A real PostgreSQL of Debian for one test file: its own folder, its own socket, no port, gone at the end. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A machine that runs other tests too. */
const START_MS = 60_000;

export interface TestPostgres {
  /** Of an empty database of its own. */
  database(name: string): string;
  readonly folder: string;
  /** Ends at once, in the middle of whatever it does; what was committed is there when it starts again. */
  crash(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Why there is none; false when there is. */
export const noPostgres = (): string | false =>
  binaries() === undefined ? 'PostgreSQL is not installed: apt-get install postgresql' : false;

function binaries(): string | undefined {
  const folder = '/usr/lib/postgresql';
  const versions = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => `${folder}/${version}/bin`).find((bin) => existsSync(`${bin}/initdb`) && existsSync(`${bin}/postgres`));
}

/** PostgreSQL refuses to run as root: Debian's own user for it does. */
function user(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const of = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: of('-u'), gid: of('-g') };
}

/** `durable`: flushes as a server does, for figures; tests of behaviour go without. */
export async function startPostgres({ durable = false } = {}): Promise<TestPostgres> {
  const bin = binaries();
  if (bin === undefined) throw new Error(noPostgres() || '');
  const folder = mkdtempSync(join(tmpdir(), 'hearth-pg-'));
  const as = user();
  if (as !== undefined) chownSync(folder, as.uid, as.gid);
  const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
  const made = spawnSync(`${bin}/initdb`, ['--no-sync', '--auth=trust', '--username=hearth', '-D', `${folder}/data`], {
    ...as,
    env,
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}${made.error?.message ?? ''}`);
  const flush = durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];
  const options = [
    '-D',
    `${folder}/data`,
    '-k',
    folder,
    '-c',
    'listen_addresses=',
    '-c',
    'shared_buffers=32MB',
    '-c',
    'max_wal_size=64MB',
    ...flush,
  ];
  const start = async () => {
    // It ends with the test, however that ends.
    const server = spawn('setpriv', ['--pdeathsig', 'INT', `${bin}/postgres`, ...options], {
      ...as,
      env,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`postgres did not start within ${START_MS / 1000} s: ${said}`)), START_MS);
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000);
        if (!said.includes('ready to accept connections')) return;
        clearTimeout(late);
        resolve();
      });
      server.once('exit', () => reject(new Error(`postgres ended: ${said}`)));
    });
    const end = async (by: NodeJS.Signals): Promise<void> => {
      server.kill(by);
      await ended;
    };
    return end;
  };
  let end = await start();
  return {
    folder,
    crash: () => end('SIGQUIT'),
    async restart() {
      end = await start();
    },
    database(name) {
      const made = spawnSync(`${bin}/createdb`, ['-h', folder, '-U', 'hearth', name], { env, encoding: 'utf8' });
      if (made.status !== 0) throw new Error(`createdb: ${made.stderr}`);
      return `postgres://hearth@/${name}?host=${folder}`;
    },
    async stop() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
