/** A program tells systemd that it is up and lives: real datagrams on a real Unix socket, which the test receives through the C library. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { addressOf, openNotifySocket } from '../../firmware/notify-socket.ts';
import { type Clock, monotonicMs, utcMs } from '../../firmware/protocol/time.ts';
import { HANGS_AFTER_MS, keepWatchdog, watchedBySystemd } from '../../firmware/watchdog.ts';

function handClock(signalAfterMs: number, stop: AbortController): Clock {
  let now = 0;
  return {
    monotonic: () => monotonicMs(now),
    utc: () => utcMs(now),
    async sleep(ms) {
      now += ms;
      if (now >= signalAfterMs) stop.abort();
    },
  };
}

t.test('what is sent arrives at the socket that systemd named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = `${folder}/notify`;
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(name: string): { func(signature: string): (...values: unknown[]) => number };
  };
  const libc = koffi.load('libc.so.6');
  const fd = libc.func('int socket(int domain, int type, int protocol)')(1, 2, 0);
  const address = addressOf(path);
  t.equal(libc.func('int bind(int fd, const void *address, unsigned int length)')(fd, address, address.length), 0);
  const stop = new AbortController();
  const failures: string[] = [];
  const env = { NOTIFY_SOCKET: path };
  await watchedBySystemd(env, { clock: handClock(HANGS_AFTER_MS, stop), failed: (message) => failures.push(message), signal: stop.signal });
  t.same(failures, []);
  t.same(env, {}, 'programs that it starts do not speak for it');
  const receive = libc.func('long recv(int fd, void *bytes, size_t length, int flags)');
  const told: string[] = [];
  const buffer = Buffer.alloc(200);
  const MSG_DONTWAIT = 0x40;
  for (let length = receive(fd, buffer, 200, MSG_DONTWAIT); length > 0; length = receive(fd, buffer, 200, MSG_DONTWAIT))
    told.push(buffer.subarray(0, Number(length)).toString());
  libc.func('int close(int fd)')(fd);
  t.equal(told[0], `READY=1\nWATCHDOG_USEC=${HANGS_AFTER_MS * 1000}`);
  t.equal(told.at(-1), 'STOPPING=1');
  t.ok(told.length > 3 && told.slice(1, -1).every((one) => one === 'WATCHDOG=1'), told.join(' '));
});

t.test('a sign of life comes three times within the time after which it counts as hung', async (t) => {
  const stop = new AbortController();
  const sent: [number, string][] = [];
  const clock = handClock(10 * HANGS_AFTER_MS, stop);
  await keepWatchdog({
    send: (text) => sent.push([clock.monotonic(), text]),
    clock,
    failed: (message) => t.fail(message),
    signal: stop.signal,
  });
  const lives = sent.filter(([, text]) => text === 'WATCHDOG=1').map(([at]) => at);
  for (const [index, at] of lives.slice(1).entries()) t.ok(at - lives[index]! <= HANGS_AFTER_MS / 3);
  t.ok(lives.length >= 30);
});

t.test('without systemd nothing is sent, and a socket that is gone is said once and stops nothing', async (t) => {
  const stop = new AbortController();
  const failures: string[] = [];
  const rest = { clock: handClock(1, stop), failed: (message: string) => failures.push(message), signal: stop.signal };
  await watchedBySystemd({}, rest);
  t.same(failures, []);
  await watchedBySystemd({ NOTIFY_SOCKET: '/nowhere/notify' }, rest);
  t.match(failures, [/systemd does not watch .*\/nowhere\/notify: errno 2/]);
  t.throws(() => openNotifySocket('x'.repeat(120)), RangeError);
  t.same([...addressOf('@a')], [1, 0, 0, 97], 'an abstract name begins with a zero and has no end');
  t.end();
});
