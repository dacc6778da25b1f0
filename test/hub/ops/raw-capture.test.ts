import t, { type Test } from 'tap';
import { createRawCapture } from '../../../firmware/devices/raw-capture.ts';
import { createUplink } from '../../../firmware/uplink.ts';
import { openRawCaptures } from '../../../hub/ops/raw-capture.ts';
import { runLink } from '../../../hub/sources/link.ts';
import { openStore } from '../../../hub/store/store.ts';
import { createTestClock } from '../../clock.ts';
import { createTestLine, settled } from '../sources/line.ts';

const RATE_HZ = 100;
const wave = (sample: number): number => Math.round(250 * Math.sin(sample / 9)) / 256;

/** A tracker on a line, and a hub that keeps raw samples of the devices named. */
function rigOf(t: Test, devices: readonly string[], { owner: known = 'person-1', hasRoom = true } = {}) {
  const clock = createTestClock(Date.UTC(2026, 10, 24, 12));
  const store = openStore(t.testdir({}), { now: clock.utc });
  t.teardown(() => store[Symbol.dispose]());
  const line = createTestLine();
  const captures = openRawCaptures({
    devices,
    keeping: {
      clock: { isKnown: true, monotonic: clock.monotonic },
      capture(owner, device, channels, rateHz, startMs, columns) {
        if (hasRoom) store.segments(owner).append(device, channels, rateHz, startMs, columns);
        return hasRoom;
      },
    },
    subjectOf: () => (known === '' ? undefined : known),
    command(_device, command) {
      link.command(0, command);
      return true;
    },
    failed: (message) => t.fail(message),
  });
  const uplink = createUplink({
    firmware: '1',
    boot: 7,
    devices: [{ id: 'tracker-1', kind: 'tracker', name: 'Tracker', quantities: ['steps'] }],
    clock,
    write: line.sendBytes,
    onCommand: () => t.fail('no command for the program'),
  });
  const link = runLink(
    { ...line, write: (bytes) => uplink.receive(bytes) },
    {
      hello: (_channel, { device }) => captures.met(device),
      commit: async () => undefined,
      live: () => undefined,
      samples: captures.take,
      status: () => undefined,
      fault: (fault) => t.fail(fault),
      refused: () => undefined,
    },
    clock,
  );
  const capture = createRawCapture(['x'], RATE_HZ, (samples) => uplink.samples(0, samples));
  let sample = 0;
  return {
    uplink,
    /** Half seconds of samples, of a chip that is so many per cent slow. */
    async measure(halves: number, slow = 0) {
      for (let half = 0; half < halves; half++) {
        for (let one = 0; one < 50; one++) capture.push(clock.monotonic() + one * 10 * (1 + slow), [wave(sample++)]);
        await clock.advance(500 * (1 + slow));
        await settled();
      }
    },
    async kept() {
      await store.segments('person-1').close();
      const files = store.segments('person-1').list();
      const values = files.flatMap(({ file }) => [...store.segments('person-1').read(file)].flatMap(([x]) => [...x!]));
      return { files, values, entries: store.vault('person-1').ofKind('segment') };
    },
  };
}

t.test('raw samples of a device that was named lie in files that the log refers to, as the chip gave them', async (t) => {
  const { uplink, measure, kept } = rigOf(t, ['tracker-1']);
  uplink.connected();
  await settled();
  await measure(10);
  const { files, values, entries } = await kept();
  t.match(files, [{ device: 'tracker-1', channels: ['x'], rateHz: 100, samples: 500, startMs: Date.UTC(2026, 10, 24, 12) }]);
  t.same(
    values,
    Array.from({ length: 500 }, (_, sample) => wave(sample)),
  );
  t.equal(entries.length, 1);
});

t.test('a chip that is three per cent slow begins a new file before its times are a second off', async (t) => {
  const { uplink, measure, kept } = rigOf(t, ['tracker-1']);
  uplink.connected();
  await settled();
  await measure(100, 0.03);
  const { files } = await kept();
  t.equal(
    files.reduce((sum, { samples }) => sum + samples, 0),
    5000,
    'nothing is left out',
  );
  t.equal(files.length, 2);
  const second = files.toSorted((a, b) => a.startMs - b.startMs)[1]!;
  const trueStartMs = Date.UTC(2026, 10, 24, 12) + (5000 - second.samples) * 10.3;
  t.ok(Math.abs(second.startMs - trueStartMs) < 50);
});

for (const [what, devices, options] of [
  ['by itself nothing raw is kept, nor sent', [], {}],
  ['of a device that is nobody’s nothing raw is kept', ['tracker-1'], { owner: '' }],
  ['on a disk that is nearly full nothing raw is kept', ['tracker-1'], { hasRoom: false }],
] as const)
  t.test(what, async (t) => {
    const { uplink, measure, kept } = rigOf(t, devices, options);
    uplink.connected();
    await settled();
    await measure(4);
    t.same((await kept()).files, []);
  });
