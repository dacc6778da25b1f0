/** `npm run check`: types of the hub and of the page, lint and format, each told as a test is. Exit code 1 when anything is wrong. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => `${root}node_modules/.bin/${name}`;
const checks: [what: string, command: string, args: string[]][] = [
  ['types', bin('tsc'), ['-p', '.']],
  ['types of the page', bin('tsc'), ['-p', 'hub/web/page']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
];

let failed = false;
for (const [at, [what, command, args]] of checks.entries()) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok' : 'not ok'} ${at + 1} - ${what}`);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
