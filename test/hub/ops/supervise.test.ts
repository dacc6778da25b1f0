import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { systemClock } from '../../../firmware/clock.ts';
import { supervise } from '../../../hub/ops/supervise.ts';
import { createTestClock } from '../../clock.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const node = (code: string) => ({ name: 'program', command: process.execPath, args: ['-e', code] });
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

t.test('a program that ends is started again, after ever longer waits up to half a minute', async (t) => {
  const clock = createTestClock();
  const stop = new AbortController();
  const waits: number[] = [];
  const program = supervise(node('process.exit(3)'), { onEnd: ({ waitMs }) => waits.push(waitMs) }, clock, stop.signal);
  for (let count = 1; count <= 10; count++) {
    await until(() => waits.length === count && clock.sleeping === 1);
    await clock.advance(waits.at(-1)!);
  }
  t.same(waits, [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  stop.abort();
  await program.done;
});

t.test('its last words are kept as the reason', async (t) => {
  const stop = new AbortController();
  const reason = await new Promise<string>((resolve) => {
    supervise(
      node('console.error("no camera at /dev/video0"); process.exit(4)'),
      { onEnd: (end) => resolve(end.reason) },
      systemClock,
      stop.signal,
    );
  });
  stop.abort();
  t.equal(reason, 'exit code 4: no camera at /dev/video0');
});

t.test('a command that does not exist is a reason, not a crash', async (t) => {
  const stop = new AbortController();
  const reason = await new Promise<string>((resolve) => {
    supervise({ name: 'x', command: '/nowhere/at-all', args: [] }, { onEnd: (end) => resolve(end.reason) }, systemClock, stop.signal);
  });
  stop.abort();
  t.match(reason, /ENOENT|nowhere.*No such file/);
});

t.test('stopping ends the program and everything that it started', async (t) => {
  const stop = new AbortController();
  let grandchild = 0;
  const program = supervise(
    node(`const {spawn} = require('node:child_process'); console.log(spawn('sleep', ['60']).pid); setInterval(() => {}, 1000)`),
    {
      onLine: (line) => {
        grandchild = Number(line);
      },
    },
    systemClock,
    stop.signal,
  );
  await until(() => grandchild > 0);
  stop.abort();
  await program.done;
  await until(() => !isAlive(grandchild));
  t.notOk(isAlive(grandchild));
});

t.test('a hub that is killed takes its programs with it: none holds a port or a database against the next hub', async (t) => {
  const hub = spawn(
    process.execPath,
    [
      '--input-type=module-typescript',
      '-e',
      `import { systemClock } from '${root}firmware/clock.ts';
       import { supervise } from '${root}hub/ops/supervise.ts';
       const program = supervise({ name: 'sleep', command: 'sleep', args: ['600'] }, {}, systemClock, new AbortController().signal);
       console.log(program.pid);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const pid = await new Promise<number>((resolve) => hub.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))));
  t.ok(isAlive(pid));
  // Its process id is the program's own once setpriv has become it.
  await until(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep'));
  hub.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
