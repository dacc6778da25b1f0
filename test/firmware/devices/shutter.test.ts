import t from 'tap';
import type { Board } from '../../../firmware/buses/board.ts';
import { type Libc, LibcError } from '../../../firmware/buses/libc.ts';
import { openGpioOutput } from '../../../firmware/buses/linux-gpio.ts';
import { createShutter, WITHOUT_HUB_MS } from '../../../firmware/devices/shutter.ts';
import { parseRig } from '../../../firmware/rig.ts';
import { boardOf, createBench } from './bench.ts';

const eye = { kind: 'shutter', id: 'eye', name: 'Eye', led: 13, servo: 9, openDegrees: 120, closedDegrees: 10 } as const;

/** A board with a servo on pin 9, perhaps stuck, and a light on 13; what was done to them, in order. */
function boardWithEye(isStuck = false) {
  const done: string[] = [];
  let degrees = 0;
  let isLit = false;
  const board: Board = {
    ...boardOf(),
    output: () => ({
      set(isHigh) {
        if (isHigh !== isLit) done.push(isHigh ? 'light on' : 'light off');
        isLit = isHigh;
      },
    }),
    servo(_pin, first) {
      degrees = first;
      return {
        to(next) {
          if (next !== degrees) done.push(`to ${next}`);
          if (!isStuck) degrees = next;
        },
        degrees: async () => degrees,
      };
    },
    pinState: async () => Number(isLit),
  };
  return { board, done };
}

t.test(
  'closed and dark until the hub says otherwise; lit before it opens, dark after it closed; closed again when the hub is silent',
  async (t) => {
    const bench = createBench();
    const { board, done } = boardWithEye();
    const program = createShutter(eye);
    await bench.run(program, board, 1000);
    t.same(done, []);
    t.same(bench.statuses.at(-1)?.shutter, { isOpen: false, isLit: false });
    const sleep = bench.clock.sleep;
    let isAsked = false;
    // Said once, as the program waits for the first time.
    const clock = {
      ...bench.clock,
      sleep(ms: number, signal?: AbortSignal) {
        if (!isAsked) program.shutter!({ isOpen: true, isLit: true });
        isAsked = true;
        return sleep(ms, signal);
      },
    };
    const stop = new AbortController();
    const statuses: (object | undefined)[] = [];
    const fromMs = bench.nowMs();
    await program.run({
      board,
      clock,
      signal: stop.signal,
      measured: () => undefined,
      live: () => undefined,
      status({ shutter }) {
        statuses.push({ ...shutter, atMs: bench.nowMs() - fromMs });
        if (shutter?.isLit === false && statuses.length > 2) stop.abort();
      },
    });
    t.same(done, ['light on', 'to 120', 'to 10', 'light off']);
    t.match(statuses, [{ isLit: false }, { isOpen: true, isLit: true }, { isOpen: false, isLit: false }]);
    const closedMs = (statuses[2] as { atMs: number }).atMs;
    t.ok(closedMs > WITHOUT_HUB_MS && closedMs < WITHOUT_HUB_MS + 3000, `closed after ${closedMs} ms without a word`);
  },
);

t.test('a cover that does not move is an error that names its pin, never a position', async (t) => {
  const bench = createBench();
  const { board } = boardWithEye(true);
  const program = createShutter(eye);
  const statuses: unknown[] = [];
  const sleep = (ms: number): Promise<void> => {
    program.shutter!({ isOpen: true, isLit: false });
    return bench.clock.sleep(ms);
  };
  const run = program.run({
    board,
    clock: { ...bench.clock, sleep },
    signal: new AbortController().signal,
    measured: () => undefined,
    live: () => undefined,
    status: ({ shutter }) => void statuses.push(shutter),
  });
  await t.rejects(run, { message: /cover on pin 9 did not open/ });
  t.same(statuses, [{ isOpen: false, isLit: false }]);
});

t.test('a light of the Pi’s own header is taken from the kernel as an output, low at first, and read back', async (t) => {
  const calls: string[] = [];
  let bits = 0n;
  const libc: Libc = {
    open(path) {
      calls.push(`open ${path}`);
      return 7;
    },
    close: (fd) => void calls.push(`close ${fd}`),
    ioctl(fd, request, argument) {
      const view = new DataView(argument.buffer);
      calls.push(`${fd} ${request.toString(16)}`);
      if (request === 0xc250b407) {
        t.equal(argument.length, 592);
        t.same([view.getUint32(0, true), view.getUint32(560, true), view.getBigUint64(288, true)], [17, 1, 8n], 'GPIO 17 alone, an output');
        view.setInt32(588, 9, true);
      } else if (request === 0xc010b40f) bits = view.getBigUint64(0, true) & view.getBigUint64(8, true);
      else view.setBigUint64(0, bits, true);
    },
    addressOf: () => 0n,
  };
  const light = openGpioOutput(17, libc);
  const seen = [light.isHigh()];
  for (const isHigh of [true, false]) {
    light.set(isHigh);
    seen.push(light.isHigh());
  }
  t.same(seen, [false, true, false]);
  light.close();
  t.same([calls[0], calls[1], calls[2], calls.at(-1)], ['open /dev/gpiochip0', '7 c250b407', 'close 7', 'close 9']);
  const taken = {
    ...libc,
    ioctl: () => {
      throw new LibcError('ioctl', 16);
    },
  };
  t.throws(() => openGpioOutput(17, taken), { message: /GPIO 17 is used by another program/ });
});

t.test('a shutter of the rig file has a light, a cover, or both', async (t) => {
  const rig = (what: string): string => `name: r\nboards:\n  - {name: p, protocol: pi, devices: [{kind: shutter, id: s, name: S${what}}]}`;
  t.equal(parseRig(rig(', led: 17'), 'rig.yaml').boards[0]?.devices[0]?.kind, 'shutter');
  t.throws(() => parseRig(rig(''), 'rig.yaml'), { message: /needs a light \(led: PIN\), a cover \(servo: PIN\), or both/ });
});
