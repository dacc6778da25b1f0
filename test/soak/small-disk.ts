import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KillsReport } from './kills.ts';

const program = fileURLToPath(new URL('full-disk.ts', import.meta.url));
/** Both databases with their logs, which take up to 4 MB each before they are carried over, and a little. */
const DISK_MB = 20;

/** Runs {@link program} for up to so long on a disk of its own, in a namespace that ends with it. Rejects with what it said when it fails. */
export async function fillSmallDisk(folder: string, seed: number, times: number, mostMs = 600_000): Promise<KillsReport> {
  mkdirSync(folder, { recursive: true });
  const script = `mount -t tmpfs -o size=${DISK_MB}m none '${folder}' && exec env -u NODE_OPTIONS '${process.execPath}' --disable-warning=ExperimentalWarning '${program}' '${folder}' ${seed} ${times} ${mostMs}`;
  const running = spawn('unshare', ['--map-root-user', '--mount', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let errors = '';
  running.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  running.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const code = await new Promise((resolve) => running.once('close', resolve));
  if (code !== 0) throw new Error(`ended with ${code}: ${errors.slice(-2000)}`);
  return JSON.parse(said) as KillsReport;
}
