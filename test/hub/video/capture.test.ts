import t, { type Test } from 'tap';
import { startCapture } from '../../../hub/video/capture.ts';
import type { Intake } from '../../../hub/video/intake.ts';
import { createTestClock } from '../../clock.ts';
import { descendantsOf, until } from './stage.ts';

/** Each byte is a picture. */
const newIntake = (): Intake => ({
  take(chunk) {
    if (chunk.includes(33)) throw new Error('this is no picture');
    return chunk.length;
  },
});

function open(t: Test, script: string) {
  const clock = createTestClock();
  const stop = new AbortController();
  const troubles: string[] = [];
  let starts = 0;
  let pictures = 0;
  const capture = startCapture({
    command: 'sh',
    args: ['-c', script],
    newIntake() {
      starts++;
      const intake = newIntake();
      return {
        ...intake,
        take(chunk) {
          const taken = intake.take(chunk);
          pictures += taken;
          return taken;
        },
      };
    },
    onTrouble: (message) => troubles.push(message),
    clock,
    random: () => 0.5,
    signal: stop.signal,
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await capture.done;
  };
  t.teardown(end);
  return { clock, troubles, capture, end, starts: () => starts, pictures: () => pictures };
}
const running = (mark: string): string[] => descendantsOf(process.pid).filter((command) => command.includes(mark));

t.test('a camera that lives and gives no picture any more is started anew after 3 s, and that is said', async (t) => {
  const { clock, troubles, starts, pictures } = open(t, 'printf xxx; exec sleep 1001');
  await until(() => pictures() === 3, 'three pictures');
  await clock.advance(2900);
  t.equal(starts(), 1, 'patience');
  await clock.advance(500);
  await until(() => troubles.length === 1, 'said');
  t.match(troubles[0], /no picture for 3 s/);
  await clock.advance(1000);
  await until(() => pictures() === 6, 'pictures of the second start');
  t.equal(running('sleep 1001').length, 1, 'the hung one is gone');
});

t.test('a camera that was unplugged is looked for again, more seldom up to 4 s, with its program’s own words', async (t) => {
  const { clock, troubles, starts } = open(t, 'echo "Cannot open /dev/video0: No such device" >&2; exit 1');
  const moments: number[] = [];
  for (let seen = 0; seen < 6; seen++) {
    await until(() => troubles.length > seen, 'said');
    moments.push(clock.monotonic());
    const before = starts();
    while (starts() === before) await clock.advance(100);
  }
  t.match(troubles.at(-1), /ended \(1\): Cannot open \/dev\/video0: No such device/);
  const waits = moments.slice(1).map((ms, index) => ms - moments[index]!);
  t.ok(waits[0]! < 1000 && waits.every((ms) => ms <= 4200), `waits ${waits.join(', ')} ms`);
});

t.test(
  'a program that writes no pictures is ended; one that is not there is named; a restart that was asked for is no trouble',
  async (t) => {
    const broken = open(t, 'printf "!"; exec sleep 1002');
    await until(() => broken.troubles.length === 1, 'said');
    t.match(broken.troubles[0], /this is no picture/);
    const asked = open(t, 'printf x; exec sleep 1003');
    await until(() => asked.pictures() === 1, 'a picture');
    asked.capture.restart();
    await until(async () => {
      await asked.clock.advance(1);
      return asked.pictures() === 2;
    }, 'a picture of the next start');
    t.same(asked.troubles, []);
  },
);

t.test('stopped, the program is gone, whatever it was doing', async (t) => {
  const { end, pictures } = open(t, 'trap "" TERM; printf x; exec sleep 1004');
  await until(() => pictures() === 1, 'a picture');
  t.equal(running('sleep 1004').length, 1);
  await end();
  t.same(running('sleep 1004'), []);
});
