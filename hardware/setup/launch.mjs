// Behind `npm start`, `npm test`, `npm run check|bench|soak`: sets up what is missing, then runs the mode under a Node that can.
// Plain JavaScript without packages, because it runs before anything is installed, on any Node from 18.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileAhead } from './compile-ahead.mjs';
import { nodeForTypeScript } from './node-for-typescript.mjs';
import { installSystemPackages } from './system-packages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const programs = {
  start: 'hub/main.ts',
  test: 'test/run.ts',
  check: 'test/check.ts',
  bench: 'test/bench/main.ts',
  soak: 'test/soak/main.ts',
};
const [mode, ...options] = process.argv.slice(2);

if (!Object.hasOwn(programs, mode)) fail(`unknown mode '${mode}': one of ${Object.keys(programs).join(', ')}`, 2);
if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
  fail(
    `Hearth needs 64-bit Linux (arm64 or x64); this is ${process.platform} ${process.arch}. On a Raspberry Pi install the 64-bit system.`,
  );
}
process.chdir(root);
if (!options.includes('--help')) installSystemPackages(mode);
installPackages();
run(nodeForTypeScript(), [programs[mode], ...options]);

/** `npm ci` when the lock file is not the one that was installed last. */
function installPackages() {
  const stamp = 'node_modules/.installed';
  const wanted = `${createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')} ${process.arch}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  // npm empties the folder that it installs into, also at the end of a link: that one belongs to somebody else.
  if (lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      `${root}node_modules is a link to ${linkEnd('node_modules')}, which has other packages than package-lock.json names. Installing would empty that folder for everybody who uses it.\nRemove the link (rm ${root}node_modules) and run this again: packages are then installed here. Or run 'npm start' where the folder itself is.`,
    );
  const began = Date.now();
  console.log('Installing the packages that Hearth is built on, as package-lock.json names them (about half a minute, once) …');
  // No package needs its install script, and older npms, Debian's own among them, know nothing of the list of denied ones.
  const { status, stdout, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error', '--progress'], {
    stdio: ['inherit', 'pipe', process.stderr.isTTY ? 'inherit' : 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) fail(`npm could not install the packages; is there a network?\n${stdout}${stderr ?? ''}`);
  writeFileSync(stamp, wanted);
  console.log(`Installed in ${Math.round((Date.now() - began) / 1000)} s.`);
}

function linkEnd(link) {
  return existsSync(link) ? realpathSync(link) : 'a folder that is not there';
}

/** Runs the program in our place: its terminal, its signals, its exit code. */
function run(node, args) {
  // What was compiled (and stripped of its types) is kept for the next start; a folder that cannot be written costs only time.
  const cache = { NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled` };
  // One heap for all threads, and what is freed goes back to the system at once (mallopt(3)): some 9 MB less resident. The compiler asks for
  // pieces of 32 KB, which leave holes in the heap unless each is given back by itself.
  const heap = mode === 'start' ? { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '32768' } : {};
  const env = { ...cache, ...heap, ...process.env };
  // A hub runs for years on a small machine: a young generation of 1 MB keeps 12 MB less resident than the default of 16 MB.
  // What the start leaves behind is collected once it is over (hub/ops/settle.ts).
  const memory = mode === 'start' ? ['--max-semi-space-size=1', '--expose-gc'] : [];
  const own = ['--disable-warning=ExperimentalWarning', ...memory];
  if (mode === 'start' && !options.includes('--help')) compileAhead([node, ...own, programs.start], env);
  const child = spawn(node, [...own, ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === 'SIGINT' ? 2 : 15)));
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
