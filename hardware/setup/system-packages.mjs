// Debian packages that npm cannot bring. Plain JavaScript without packages, as the launcher that calls it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const everywhere = ['start', 'test', 'bench', 'soak'];
const onlyTests = ['test', 'bench', 'soak'];
const packages = [
  { name: 'ffmpeg', proof: 'ffmpeg', modes: everywhere, why: 'reads the camera' },
  {
    name: 'fonts-dejavu-core',
    proof: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
    modes: everywhere,
    why: 'letters of the test picture',
  },
  { name: 'postgresql', proof: '/usr/lib/postgresql', modes: onlyTests, why: 'the database of a grown edge' },
  { name: 'mosquitto', proof: '/usr/sbin/mosquitto', modes: onlyTests, why: 'the broker that the MQTT target is tested with' },
  { name: 'nats-server', proof: '/usr/sbin/nats-server', modes: onlyTests, why: 'the queue between edge processes' },
  {
    name: 'janus',
    proof: '/usr/bin/janus',
    modes: onlyTests,
    service: true,
    // A grown edge's alone: its test says that it is skipped.
    isOptional: true,
    why: 'the media server of a grown edge',
  },
  {
    name: 'coturn',
    proof: '/usr/bin/turnserver',
    modes: onlyTests,
    service: true,
    isOptional: true,
    why: 'the TURN server between networks that carry no UDP',
  },
  {
    name: 'influxdb',
    proof: '/usr/bin/influxd',
    modes: onlyTests,
    service: true,
    // Not of every release of Debian: its test says that it is skipped.
    isOptional: true,
    why: 'the database that the InfluxDB target is tested with',
  },
  { name: 'chromium', proof: 'chromium', modes: onlyTests, why: 'the browser that the tests drive' },
];

/** Installs by apt what the mode needs and the machine lacks. Without the right to, says the command; only tests insist. */
export function installSystemPackages(mode) {
  const wanted = packages.filter(({ modes, proof }) => modes.includes(mode) && !isThere(proof));
  const isNeeded = wanted.some(({ isOptional }) => !isOptional);
  // What apt offers is known for sure after an update alone, which an optional package is not worth.
  const missing = isNeeded ? wanted : wanted.filter(({ name }) => isOffered(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const list = missing.map(({ name, why }) => `  ${name}: ${why}`).join('\n');
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  const become = process.getuid() === 0 ? [] : canSudo() ? ['sudo'] : undefined;
  if (become === undefined || !isThere('apt-get')) {
    console.error(`These system packages are missing:\n${list}\nInstall them with: sudo ${command}`);
    if (mode !== 'start' && isNeeded) process.exit(1);
    console.error(mode === 'start' ? 'Going on without: the camera stays dark until then.' : 'Going on without: their tests are skipped.');
    return;
  }
  console.log(`Installing system packages (once; a minute or two):\n${list}`);
  const began = Date.now();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) => spawnSync([...become, ...args][0], [...become, ...args].slice(1), { env, encoding: 'utf8' });
  const apt = (...args) => run('apt-get', '-qq', ...args);
  const update = apt('update');
  const offered = missing.filter(({ name, isOptional }) => !isOptional || isOffered(name));
  const install = apt('install', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', ...offered.map(({ name }) => name));
  // They come with services that listen to everybody: the tests start what they need themselves.
  for (const { name, service } of offered) if (service === true) run('systemctl', 'disable', '--now', name);
  const seconds = Math.round((Date.now() - began) / 1000);
  if (install.status === 0) return console.log(`Installed in ${seconds} s.`);
  console.error(`apt could not install ${names.join(' ')}:\n${update.stderr}${install.stderr.slice(-2000)}\nTry: sudo ${command}`);
  if (mode !== 'start' && isNeeded) process.exit(1);
}

/** Whether apt could install it. */
function isOffered(name) {
  return spawnSync('apt-cache', ['show', '--quiet=2', name], { stdio: 'ignore' }).status === 0;
}

function isThere(proof) {
  if (proof.startsWith('/')) return existsSync(proof);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, proof), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether sudo works unasked, or may ask because somebody sits at a terminal. */
function canSudo() {
  if (!isThere('sudo')) return false;
  return process.stdin.isTTY === true || spawnSync('sudo', ['-n', 'true']).status === 0;
}
