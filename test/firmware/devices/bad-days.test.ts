/** What goes wrong on benches and in homes: each is said in words with what to do, nothing wrong is shown as a weight, and it goes on after. */
import t from 'tap';
import { runBoard } from '../../../firmware/board-programs.ts';
import { BusError, type I2cBus } from '../../../firmware/buses/bus.ts';
import { createHome } from '../../../firmware/devices/home.ts';
import { createScale } from '../../../firmware/devices/scale.ts';
import { createTracker } from '../../../firmware/devices/tracker.ts';
import type { DeviceStatus } from '../../../firmware/protocol/messages.ts';
import type { HomeDevice, ScaleDevice, TrackerDevice } from '../../../firmware/rig.ts';
import { createVirtualAdxl345 } from '../../../hardware/virtual/chips/adxl345.ts';
import { createVirtualNau7802 } from '../../../hardware/virtual/chips/nau7802.ts';
import { createVirtualScd41 } from '../../../hardware/virtual/chips/scd41.ts';
import { createVirtualSht4x } from '../../../hardware/virtual/chips/sht4x.ts';
import { gaitAccelG } from '../../../hardware/virtual/gait.ts';
import { createRandom } from '../../../hardware/virtual/random.ts';
import { createMhz19Twin } from '../../../hardware/virtual/uart/gas.ts';
import { createPlantowerTwin } from '../../../hardware/virtual/uart/particles.ts';
import { createMtSicsTwin } from '../../../hardware/virtual/uart/scales.ts';
import { busOf } from '../chips/bus.ts';
import { boardOf, boardWith, createBench, uartTo } from './bench.ts';

const nothingKept = { load: () => undefined, save: () => undefined };
const scaleDevice: ScaleDevice = {
  kind: 'scale',
  id: 's',
  name: 'S',
  loadCell: { chip: 'nau7802' },
  calibration: { zeroCounts: 84_000, countsPerKg: 21_500, date: '2026-11-01' },
};
const trackerDevice: TrackerDevice = { kind: 'tracker', id: 't', name: 'T', accelerometer: { chip: 'adxl345' } };
const homeWith = (...air: HomeDevice['air'][]): HomeDevice => ({ kind: 'home', id: 'h', name: 'H', air: air.flat() });
const air = () => ({ co2Ppm: 812, temperatureC: 21.5, humidityPercent: 46 });
/** The states one after the other, whatever the plate did meanwhile. */
const stateOf = (statuses: readonly DeviceStatus[]): string =>
  statuses
    .map(({ state }) => state)
    .filter((state, at, all) => state !== all[at - 1])
    .join(' ');

/** A scale for half a minute on which the cell gives what the test says. */
async function weighOn(kgAt: (nowMs: number) => number, noiseCounts = 25, untilMs = 30_000) {
  const bench = createBench();
  const random = createRandom(3);
  const counts = (atMs: number): number => 84_000 + 21_500 * kgAt(atMs) + noiseCounts * random.normal();
  await bench.run(
    createScale(scaleDevice, { tare: nothingKept, calibration: nothingKept }),
    boardOf(createVirtualNau7802({ counts, nowMs: bench.nowMs })),
    untilMs,
  );
  return bench;
}

t.test('a person on a sound scale is weighed, and the scale says nothing', async (t) => {
  const bench = await weighOn((atMs) => (atMs > 5000 && atMs < 15_000 ? 72.4 : 0));
  t.equal(bench.of('weight').length, 1);
  t.ok(Math.abs(bench.of('weight')[0]! - 72.4) < 0.05);
  t.same(bench.statuses[0], { state: 'running', message: '' });
  t.same(
    bench.statuses.slice(1),
    ['unsettled', 'ready', 'occupied', 'unsettled', 'ready'].map((plate) => ({ state: 'running', message: '', plate })),
    'and whether one may step on',
  );
});

t.test('a broken wire drives the converter to its end: a fault with the wires to look at, and no weight', async (t) => {
  for (const kg of [1000, -1000]) {
    const bench = await weighOn(() => kg);
    t.match(bench.statuses.at(-1), { state: 'fault', message: /end of its scale .*E\+, E-, A\+, A-/ });
    t.same(bench.of('weight'), []);
    t.same(bench.lives, []);
  }
});

t.test('an input that is not connected gives the same number for ever', async (t) => {
  const bench = await weighOn(() => 30, 0);
  t.match(bench.statuses.at(-1), { state: 'fault', message: /without any noise.*not connected or shorted/ });
});

t.test('swapped wires of the bridge make a person negative: said so, no weight', async (t) => {
  const bench = await weighOn((atMs) => (atMs > 5000 ? -72.4 : 0));
  t.match(bench.statuses.at(-1), { state: 'fault', message: /-72\.4 kg: swap the wires A\+ and A-/ });
  t.same(bench.of('weight'), []);
});

t.test('a load that nobody weighs is kept as counts and is never a weight', async (t) => {
  const bench = await weighOn((atMs) => (atMs > 5000 ? 350 : 0), 25, 65_000);
  t.match(bench.statuses.at(-1), { state: 'fault', message: /350\.0 kg, which nobody weighs/ });
  t.same(bench.of('weight'), []);
  t.same(bench.lives, []);
  t.ok(bench.of('load_cell_counts').some((counts) => Math.abs(counts - (84_000 + 350 * 21_500)) < 200));
});

t.test('a loose wire is noise that no person makes', async (t) => {
  const bench = await weighOn((atMs) => (atMs > 5000 ? 40 + 30 * Math.sin(atMs * 12.9898) : 0));
  t.match(bench.statuses.at(-1), { state: 'fault', message: /jumps by \d+ kg.*wire is loose/ });
  t.same(bench.of('weight'), []);
});

t.test('a wire that is mended ends the fault, and the next person is weighed', async (t) => {
  const bench = await weighOn((atMs) => (atMs < 8000 ? 1000 : atMs > 12_000 ? 80 : 0));
  t.equal(stateOf(bench.statuses), 'running fault running');
  t.ok(Math.abs(bench.of('weight')[0]! - 80) < 0.05);
});

t.test('saturation, noise and rate are measured as technical quantities', async (t) => {
  const bench = await weighOn((atMs) => (atMs > 50_000 && atMs < 51_000 ? 1000 : 0), 25, 61_000);
  t.ok(bench.of('saturated_samples')[0]! > 30 && bench.of('saturated_samples')[0]! < 50);
  t.ok(Math.abs(bench.of('sample_rate')[0]! - 40) < 1);
  t.ok(bench.of('noise_floor')[0]! > 15 && bench.of('noise_floor')[0]! < 40, String(bench.of('noise_floor')[0]));
});

t.test('a converter whose clock has drifted is said, and weighs on', async (t) => {
  const bench = createBench();
  const random = createRandom(3);
  const chip = createVirtualNau7802({ counts: () => 84_000 + 25 * random.normal(), nowMs: bench.nowMs, drift: -0.1 });
  const board = boardOf(chip);
  const scale = createScale(scaleDevice, { tare: nothingKept, calibration: nothingKept });
  await bench.run(scale, board, 62_000);
  t.match(bench.statuses.at(-1), { state: 'running', message: '' }, 'one odd minute may be the machine’s own');
  await bench.run(scale, board, 190_000);
  t.match(bench.statuses.at(-1), { state: 'running', message: /3[56]\.\d samples a second came where 40 are set/ });
});

t.test('a bench scale that is overloaded says so, and is well again after', async (t) => {
  const bench = createBench();
  const device: ScaleDevice = { kind: 'scale', id: 's', name: 'S', loadCell: { chip: 'mt-sics', uart: '/dev/test' } };
  const loadKg = (atMs: number): number => (atMs < 5000 ? 0 : atMs < 10_000 ? 170 : atMs < 12_000 ? 0 : 64.25);
  const line = uartTo(bench.clock, (send) => createMtSicsTwin({ send, nowMs: bench.nowMs, loadKg }));
  await bench.run(createScale(device, { tare: nothingKept, calibration: nothingKept }), boardWith(busOf(), line), 20_000);
  t.equal(stateOf(bench.statuses), 'running fault running');
  t.match(
    bench.statuses.find(({ state }) => state === 'fault'),
    { message: /more lies on the scale than it weighs/ },
  );
  t.ok(Math.abs(bench.of('weight').at(-1)! - 64.25) < 0.02);
});

t.test('another chip at the address, none at all, and a line held low end up in the device’s status', async (t) => {
  const stuck: I2cBus = {
    write: async () => undefined,
    read: async () => Promise.reject(new BusError('stuck', '/dev/i2c-1 is stuck: a chip holds SDA or SCL low')),
  };
  const bench = createBench();
  const wrong = busOf(createVirtualNau7802({ counts: () => 0, nowMs: bench.nowMs, revision: 4 }));
  for (const [bus, message] of [
    [stuck, /holds SDA or SCL low/],
    [busOf(), /nobody answers at I2C address 0x2a/],
    [wrong, /revision 0x04.*another chip/],
  ] as const) {
    const stop = new AbortController();
    const statuses: DeviceStatus[] = [];
    await runBoard({
      open: async () => boardWith(bus),
      programs: [{ channel: 0, program: createScale(scaleDevice, { tare: nothingKept, calibration: nothingKept }) }],
      clock: createBench().clock,
      signal: stop.signal,
      uplink: {
        measured: () => undefined,
        live: () => undefined,
        samples: () => undefined,
        receive: () => undefined,
        introduce: () => undefined,
        connected: () => undefined,
        gone: () => undefined,
        tick: () => undefined,
        waiting: 0,
        status(_, status) {
          statuses.push(status);
          if (status.state === 'fault') stop.abort();
        },
      },
    });
    t.match(statuses.at(-1), { state: 'fault', message });
  }
});

t.test('a burst of wrong checksums is counted and passes by; a bad wire is a fault; the chip beside it goes on', async (t) => {
  const bench = createBench();
  let spoilFromMs = 30_000;
  let spoilToMs = 42_000;
  const isSpoiled = (): boolean => bench.nowMs() >= spoilFromMs && bench.nowMs() < spoilToMs;
  const chips = [createVirtualScd41({ air, nowMs: bench.nowMs, isSpoiled }), createVirtualSht4x({ air, nowMs: bench.nowMs })];
  const home = createHome(homeWith({ chip: 'sht4x' }, { chip: 'scd41' }), nothingKept);
  await bench.run(home, boardOf(...chips), 120_000);
  t.ok(bench.of('spoiled_samples').reduce((sum, count) => sum + count, 0) > 0);
  t.notOk(
    bench.statuses.some(({ state }) => state === 'fault'),
    'some seconds of it are no fault',
  );

  spoilFromMs = bench.nowMs();
  spoilToMs = spoilFromMs + 60_000;
  const before = bench.of('temperature').length;
  await bench.run(home, boardOf(...chips), bench.nowMs() + 120_000);
  t.ok(bench.statuses.some(({ state, message }) => state === 'fault' && /checksum: check the length and the pull-ups/.test(message)));
  t.equal(bench.statuses.at(-1)!.state, 'running');
  t.ok(bench.of('temperature').length > before + 2);
});

t.test('a CO2 sensor is told what the air holds: refused before three minutes in it, then corrected, and it measures on', async (t) => {
  const bench = createBench();
  const home = createHome(homeWith({ chip: 'scd41' }), nothingKept);
  t.match(home.recalibrate!(420), { ok: false, message: /does not measure now/ });
  const toldAtMs = [20_000, 220_000];
  const chip = createVirtualScd41({
    nowMs: bench.nowMs,
    air() {
      if (bench.nowMs() >= (toldAtMs[0] ?? Number.POSITIVE_INFINITY)) {
        toldAtMs.shift();
        t.same(home.recalibrate!(700), { ok: true });
      }
      return air();
    },
  });
  await bench.run(home, boardOf(chip), 400_000);
  t.same([bench.of('co2')[0], bench.of('co2').at(-1)], [812, 700]);
  const said = bench.statuses.map(({ message }) => message).filter((message) => message !== '');
  t.match(said, [/SCD41.*let it measure for 3 minutes/, /scd41 takes this air for known from now on, and reads -112 ppm/]);
  t.notOk(bench.statuses.some(({ state }) => state === 'fault'));
  t.match(createHome(homeWith({ chip: 'sht4x' }), nothingKept).recalibrate!(420), { ok: false, message: /no CO2 sensor/ });
});

t.test('an MH-Z19 takes fresh air for its zero, after twenty minutes in it, and no other air', async (t) => {
  const bench = createBench();
  const home = createHome(homeWith({ chip: 'mh-z19b', uart: '/dev/test' }), nothingKept);
  const told: [number, number][] = [
    [10 * 60_000, 420],
    [21 * 60_000, 900],
    [22 * 60_000, 420],
  ];
  const co2Ppm = (): number => {
    if (told[0] !== undefined && bench.nowMs() >= told[0][0]) home.recalibrate!(told.shift()![1]);
    return 470;
  };
  const line = uartTo(bench.clock, (send) => createMhz19Twin({ send, nowMs: bench.nowMs, co2Ppm }));
  await bench.run(home, boardWith(busOf(), line), 24 * 60_000);
  t.same([bench.of('co2')[0], bench.of('co2').at(-1)], [470, 400]);
  const said = bench.statuses.map(({ message }) => message).join('\n');
  t.match(
    said,
    /let it measure for 20 minutes in fresh air first.*takes fresh air alone.*mh-z19b takes this air for known from now on, and reads -70 ppm/s,
  );
});

t.test('a sensor that warms up says for how long, and gives no values until then', async (t) => {
  const bench = createBench();
  const dust = () => ({ pm1: 4, pm2_5: 7, pm4: 8, pm10: 9, pm100: 12 });
  const line = uartTo(bench.clock, (send) => createPlantowerTwin({ send, nowMs: bench.nowMs, dust }));
  const home = createHome(homeWith({ chip: 'pms5003', uart: '/dev/test' }), nothingKept);
  await bench.run(home, boardWith(busOf(), line), 29_000);
  t.same(bench.lives, []);
  t.match(bench.statuses.at(-1), { state: 'running', message: 'pms5003 is warming up, which takes 30 s' });
  await bench.run(home, boardWith(busOf(), line), 70_000);
  t.same([...new Set(bench.of('pm2_5'))], [7]);
  t.same(bench.statuses.at(-1), { state: 'running', message: '' });
});

t.test('a serial sensor that says nothing is named with its port and what to check', async (t) => {
  const bench = createBench();
  const line = uartTo(bench.clock, () => ({ receive: () => undefined, tick: () => undefined }));
  await bench.run(createHome(homeWith({ chip: 'mh-z19b', uart: '/dev/test' }), nothingKept), boardWith(busOf(), line), 20_000);
  t.match(bench.statuses.at(-1), { state: 'fault', message: /mh-z19 on \/dev\/test says nothing: check that its TX goes to RX/ });
});

/** Somebody walks from the third second on, at 1.8 steps a second. */
const walkFor = (steps: number) => {
  const random = createRandom(5);
  return (atMs: number) => gaitAccelG({ fromMs: 3000, steps, stepsPerSecond: 1.8 }, atMs, random);
};

t.test('a walk that crosses midnight, and a clock that jumps in it, cost no step', async (t) => {
  const bench = createBench();
  bench.setUtc(Date.UTC(2026, 5, 1, 23, 59, 40));
  const accelG = walkFor(90);
  let hasJumped = false;
  const chip = createVirtualAdxl345({
    nowMs: bench.nowMs,
    accelG(atMs) {
      if (!hasJumped && atMs > 30_000) {
        hasJumped = true;
        bench.setUtc(Date.UTC(2024, 0, 1));
      }
      return accelG(atMs);
    },
  });
  await bench.run(createTracker(trackerDevice), boardOf(chip), 80_000);
  const steps = bench.of('steps').reduce((sum, count) => sum + count, 0);
  t.ok(Math.abs(steps - 90) <= 6, `${steps} of 90`);
  const spans = bench.measured.filter(({ quantity }) => quantity === 'steps');
  t.ok(
    spans.every(({ at, spanMs }, index) => spanMs > 0 && spanMs <= 11_000 && (index === 0 || at - spanMs >= spans[index - 1]!.at - 1)),
    'spans of ten seconds, one after the other',
  );
});

t.test('eight hours in which nobody fetched are a gap, not a span and not steps', async (t) => {
  const bench = createBench();
  const accelG = walkFor(60);
  const chip = createVirtualAdxl345({ accelG, nowMs: bench.nowMs });
  const bus = busOf(chip);
  let hasSlept = false;
  const sleepy: I2cBus = {
    write: bus.write,
    read(address, register, length) {
      if (!hasSlept && bench.nowMs() > 45_000) {
        hasSlept = true;
        bench.skip(8 * 3_600_000);
      }
      return bus.read(address, register, length);
    },
  };
  await bench.run(createTracker(trackerDevice), boardWith(sleepy), 8 * 3_600_000 + 120_000);
  const spans = bench.measured.filter(({ quantity }) => quantity === 'steps');
  t.ok(Math.abs(spans.reduce((sum, { value }) => sum + value, 0) - 60) <= 5);
  t.ok(spans.every(({ spanMs }) => spanMs < 12_000));
  const missed = bench.of('missed_samples').reduce((sum, count) => sum + count, 0);
  t.ok(Math.abs(missed - 8 * 3600 * 50) < 1000, `${missed} missed`);
});

t.test('a chip that runs three per cent fast makes no gaps and no steps', async (t) => {
  const bench = createBench();
  const accelG = walkFor(90);
  // Its own time runs ahead of ours.
  const chip = createVirtualAdxl345({ accelG: (atMs) => accelG(atMs / 1.03), nowMs: () => bench.nowMs() * 1.03 });
  await bench.run(createTracker(trackerDevice), boardOf(chip), 400_000);
  const steps = bench.of('steps').reduce((sum, count) => sum + count, 0);
  t.ok(Math.abs(steps - 90) <= 6, `${steps} of 90`);
  t.equal(
    bench.of('missed_samples').reduce((sum, count) => sum + count, 0),
    0,
  );
  t.ok(Math.abs(bench.of('sample_rate')[0]! - 51.5) < 0.5);
});
