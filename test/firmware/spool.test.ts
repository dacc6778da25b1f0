import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { createFrameDecoder, encodeFrame, type Frame, type WireReading } from '../../firmware/protocol/frame.ts';
import { monotonicMs } from '../../firmware/protocol/time.ts';
import { type BootClock, openSpool } from '../../firmware/spool.ts';
import { createUplink } from '../../firmware/uplink.ts';
import { createTestClock } from '../clock.ts';

const reading = (value: number, at = value): WireReading => ({ code: 1, value, at, spanMs: 0 });
const bootClock = (boot: number, machineBoot = 'm1', zeroMs = 0): BootClock => ({ boot, machineBoot, zeroMs });
const device = { id: 'bench-scale', kind: 'scale', name: 'Bench', quantities: ['weight'] };
type Readings = Extract<Frame, { type: 'readings' }>;

t.test('what the hub has not acknowledged is there after a restart, under the same boot and numbers', async (t) => {
  const file = `${t.testdir({})}/outbox.sqlite`;
  const first = openSpool({ file, clock: bootClock(11), machineNowMs: () => 0 });
  first.keep('scale', 11, 1, [reading(70), reading(71), reading(72)]);
  first.forget('scale', 11, 1, 2);
  first.keep('air', 11, 1, [reading(800)]);
  first[Symbol.dispose]();
  const second = openSpool({ file, clock: bootClock(12), machineNowMs: () => 0 });
  t.match(second.left('scale'), [{ boot: 11, readings: [{ sequence: 3, reading: { value: 72 } }] }]);
  t.equal(second.left('air')[0]!.readings.length, 1);
  t.same(second.left('other'), []);
  second[Symbol.dispose]();
});

t.test('within one boot of the machine the age of an old reading is known; beyond it, the UTC that was', async (t) => {
  const file = `${t.testdir({})}/outbox.sqlite`;
  const first = openSpool({ file, clock: bootClock(11, 'm1', 1000), machineNowMs: () => 0 });
  first.keep('scale', 11, 1, [reading(70, 500)]);
  first.noteUtc(1_700_000_000_000);
  first[Symbol.dispose]();
  const restarted = openSpool({ file, clock: bootClock(12, 'm1', 60_000), machineNowMs: () => 61_000 });
  // 60 s of the machine after the first program's zero, so the reading is 59.5 s old.
  t.same(restarted.left('scale')[0]!.clock(), { nowMs: 60_000, zeroUtcMs: 1_700_000_000_000 });
  restarted[Symbol.dispose]();
  const rebooted = openSpool({ file, clock: bootClock(13, 'm2'), machineNowMs: () => 5 });
  t.same(rebooted.left('scale')[0]!.clock(), { nowMs: null, zeroUtcMs: 1_700_000_000_000 });
  rebooted[Symbol.dispose]();
});

t.test('it never holds more than its limit: the oldest of the device go', async (t) => {
  const spool = openSpool({ file: `${t.testdir({})}/outbox.sqlite`, clock: bootClock(11), machineNowMs: () => 0, limit: 100 });
  for (let index = 0; index < 250; index++) spool.keep('scale', 11, index + 1, [reading(index)]);
  spool.keep('air', 11, 1, [reading(1)]);
  spool[Symbol.dispose]();
  const after = openSpool({ file: `${t.testdirName}/outbox.sqlite`, clock: bootClock(12), machineNowMs: () => 0 });
  const [left] = after.left('scale');
  t.ok(left!.readings.length <= 100 && left!.readings.length >= 80, String(left!.readings.length));
  t.equal(left!.readings.at(-1)!.reading.value, 249);
  t.equal(after.left('air')[0]!.readings.length, 1, 'and of no other');
  after[Symbol.dispose]();
});

/** A hub that acknowledges what it is sent, or is away. */
function uplinkTo(file: string, boot: number, machineMs: () => number) {
  const clock = createTestClock();
  const decoder = createFrameDecoder();
  const got: Readings[] = [];
  let isAway = true;
  const spool = openSpool({ file, clock: bootClock(boot, 'm1', machineMs()), machineNowMs: machineMs });
  const uplink = createUplink({
    firmware: '1',
    boot,
    devices: [device],
    clock,
    spool,
    onCommand: () => undefined,
    write(bytes) {
      if (isAway) return;
      for (const decoded of decoder.push(bytes)) if (decoded.kind === 'frame' && decoded.frame.type === 'readings') got.push(decoded.frame);
    },
  });
  return {
    uplink,
    spool,
    got,
    back() {
      isAway = false;
      uplink.connected();
    },
    acknowledge() {
      for (const { channel, boot: of, sequence } of got.splice(0))
        uplink.receive(encodeFrame({ type: 'ack', channel, boot: of, sequence, utcMs: Date.UTC(2026, 5, 1) }));
    },
  };
}

t.test('a device that restarted while the hub was away delivers both boots, each with its own times and numbers', async (t) => {
  const file = `${t.testdir({})}/outbox.sqlite`;
  let machineMs = 0;
  const first = uplinkTo(file, 11, () => machineMs);
  first.uplink.measured(0, [{ quantity: 'weight', value: 72.4, at: monotonicMs(2000), spanMs: 0 }]);
  first.spool[Symbol.dispose]();
  machineMs = 600_000;
  const second = uplinkTo(file, 12, () => machineMs);
  second.uplink.measured(0, [{ quantity: 'weight', value: 72.5, at: monotonicMs(0), spanMs: 0 }]);
  t.equal(second.uplink.waiting, 2);
  second.back();
  t.match(second.got, [
    { boot: 11, sequence: 1, clock: { nowMs: 600_000 }, readings: [{ value: 72.4, at: 2000 }] },
    { boot: 12, sequence: 1, readings: [{ value: 72.5 }] },
  ]);
  second.acknowledge();
  t.equal(second.uplink.waiting, 0);
  second.spool[Symbol.dispose]();
  const third = openSpool({ file, clock: bootClock(13), machineNowMs: () => 0 });
  t.same(third.left(device.id), [], 'what the hub has is gone from the disk');
  third[Symbol.dispose]();
});

t.test('a disk that refuses is said once, and measuring goes on', async (t) => {
  const clock = createTestClock();
  const spool = openSpool({ file: `${t.testdir({})}/outbox.sqlite`, clock: bootClock(11), machineNowMs: () => 0 });
  const said: string[] = [];
  const uplink = createUplink({
    firmware: '1',
    boot: 11,
    devices: [device],
    clock,
    spool,
    onCommand: () => undefined,
    write: () => undefined,
    onSpoolTrouble: (message) => said.push(message),
  });
  spool[Symbol.dispose]();
  for (let round = 0; round < 3; round++) uplink.measured(0, [{ quantity: 'weight', value: 70 + round, at: monotonicMs(0), spanMs: 0 }]);
  t.equal(uplink.waiting, 3);
  t.equal(said.length, 1);
});

t.test('a program that is killed in the middle of writing loses nothing that it had kept', async (t) => {
  const folder = t.testdir({});
  const script = `${folder}/writer.ts`;
  const spoolModule = fileURLToPath(new URL('../../firmware/spool.ts', import.meta.url));
  writeFileSync(
    script,
    `import { writeSync } from 'node:fs';
import { openSpool } from ${JSON.stringify(spoolModule)};
const spool = openSpool({ file: ${JSON.stringify(`${folder}/outbox.sqlite`)}, clock: { boot: 11, machineBoot: 'm', zeroMs: 0 }, machineNowMs: () => 0 });
for (let sequence = 1; ; sequence++) {
  spool.keep('scale', 11, sequence, [{ code: 1, value: sequence, at: sequence, spanMs: 0 }]);
  writeSync(1, sequence + '\\n');
}`,
  );
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let kept = 0;
  let rest = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    kept = Number(lines.at(-1) ?? kept);
    if (kept > 200) child.kill('SIGKILL');
  }
  await ended;
  const after = openSpool({ file: `${folder}/outbox.sqlite`, clock: bootClock(12), machineNowMs: () => 0 });
  const readings = after.left('scale')[0]!.readings;
  t.ok(readings.length >= kept && kept > 200, `${readings.length} of ${kept}`);
  t.same(
    readings.slice(0, kept).map(({ sequence }) => sequence),
    Array.from({ length: kept }, (_, index) => index + 1),
  );
  after[Symbol.dispose]();
  t.ok(existsSync(`${folder}/outbox.sqlite`) && readFileSync(`${folder}/outbox.sqlite`).subarray(0, 6).toString() === 'SQLite');
});
