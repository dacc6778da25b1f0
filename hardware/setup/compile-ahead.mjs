// After an update the program is read once ahead of its start: what strips types from the sources is 12 MB of WebAssembly, which a hub
// that does it itself keeps in memory until its next start, perhaps for months.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';

/**
 * Fills the cache that `env.NODE_COMPILE_CACHE` names when a source changed since, by the command that is started after: what is compiled
 * under other options does not count. A folder that cannot be written costs only memory.
 */
export function compileAhead(command, env) {
  const newestMs = Math.max(...['hub', 'firmware', 'hardware'].flatMap(sourceTimes));
  const stamp = `${env.NODE_COMPILE_CACHE}/ahead`;
  const wanted = `${command.join(' ')} ${newestMs}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const [first, ...rest] = command;
  spawnSync(first, [...rest, '--help'], { stdio: 'ignore', env });
  try {
    writeFileSync(stamp, wanted);
  } catch {
    // Of a system that is read-only.
  }
}

const sourceTimes = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => statSync(`${folder}/${name}`).mtimeMs);
