import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { dataFolder, startHub, until } from './hub.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const start = (...options: string[]) =>
  spawnSync(process.execPath, [`${root}hub/main.ts`, ...options], { encoding: 'utf8', timeout: 60_000 });

/** Processes whose command line names a folder. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(folder) ? [line] : [];
      } catch {
        return [];
      }
    });

t.test('Ctrl-C stops everything at once, and starting again goes on with all measurements there', async (t) => {
  const data = dataFolder(t);
  const hub = await startHub(data);
  t.teardown(() => hub.stop('SIGKILL'));
  await until(async () => (await hub.latest('weight')) !== undefined, 'a weight', 60_000);
  const weight = await hub.latest('weight');
  const startMs = performance.now();
  t.equal(await hub.stop('SIGINT'), 0);
  t.ok(performance.now() - startMs < 5000, 'at once');
  await until(() => processesOf(data).length === 0, `no process is left: ${processesOf(data)}`, 2000);

  const again = await startHub(data, '--no-edge', '--no-camera', '--no-bluetooth');
  t.teardown(() => again.stop('SIGKILL'));
  const rows = await again.get<{ id: string }[]>('/api/v1/measurements?quantity=weight');
  t.ok(rows.some(({ id }) => id === weight?.id));
  t.match(start('--data', data, '--port', '0'), { status: 1, stderr: /Hearth runs already/ }, 'a second hub on the same folder is refused');
  await again.stop('SIGTERM');
});

t.test('a taken port is said with the remedy', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const { status, stderr } = start('--data', dataFolder(t), '--port', String(port));
  t.equal(status, 1);
  t.match(stderr, new RegExp(`port ${port} is taken by another program: stop it, or choose another with 'npm start -- --port`));
  t.notMatch(stderr, /\n\s+at /, 'no stack trace');
});

t.test('a typing mistake in a rig or configuration file is said with file, line and key', async (t) => {
  const data = dataFolder(t);
  mkdirSync(`${data}/conf`);
  writeFileSync(`${data}/hearth.yaml`, 'camera: false\nprot: 8081\n');
  const config = start('--data', data);
  t.equal(config.status, 1);
  t.match(config.stderr, /hearth\.yaml:2: unknown key 'prot'; did you mean 'port'\?/);
  writeFileSync(`${data}/hearth.yaml`, 'camera: false\n');
  writeFileSync(`${data}/rig.yaml`, 'name: x\nboards:\n  - name: a\n    port: virtual\n    protocol: firmatta\n    devices: []\n');
  const rig = start('--data', data, '--port', '0', '--rig', `${data}/rig.yaml`);
  t.equal(rig.status, 1);
  t.match(rig.stderr, /rig\.yaml:5: .*'firmata'.*'firmatta'|rig\.yaml:5: .*firmata/);
});

t.test('--help explains every option', async (t) => {
  const { status, stdout } = start('--help');
  t.equal(status, 0);
  for (const option of ['--port', '--data', '--rig', '--no-edge', '--motion', '--config']) t.match(stdout, option);
});
