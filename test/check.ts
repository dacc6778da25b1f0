/** `npm run check`: types of the hub and of the page, lint and format. Exit code 1 when anything is wrong. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => `${root}node_modules/.bin/${name}`;
const checks: [what: string, command: string, args: string[]][] = [
  ['types', bin('tsc'), ['-p', '.']],
  ['types of the page', bin('tsc'), ['-p', 'hub/web/page']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
];

let failed = false;
for (const [what, command, args] of checks) {
  if (args[1] === 'hub/web/page' && !existsSync(`${root}hub/web/page/tsconfig.json`)) continue;
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'not ok'} ${what}`);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
