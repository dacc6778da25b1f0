/** Between networks that reach each other by TURN alone: run in a network namespace of its own, where nothing of the machine's is changed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { TURNSERVER } from './apart-networks.ts';

const unshare = ['--net', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])];
const tried = spawnSync('unshare', [...unshare, 'sh', '-c', 'ip link set lo up && ip link add name probe0 type veth peer name probe1'], {
  encoding: 'utf8',
});
const skip = !existsSync(TURNSERVER)
  ? `${TURNSERVER} is not installed`
  : tried.status !== 0 && `this machine lets nobody make networks of their own: ${tried.stderr || tried.error?.message}`;

t.test('the picture comes by TURN where nothing else reaches', { skip }, (t) =>
  t.spawn('unshare', [...unshare, process.execPath, ...process.execArgv, fileURLToPath(new URL('turn-inside.ts', import.meta.url))]),
);
