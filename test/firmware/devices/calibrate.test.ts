/** A load cell is calibrated while its program runs: masses are measured at rest, the next weight names the calibration, a restart keeps it. */
import t from 'tap';
import { createScale } from '../../../firmware/devices/scale.ts';
import type { StatedCalibration } from '../../../firmware/protocol/calibration.ts';
import type { ScaleDevice } from '../../../firmware/rig.ts';
import { calibrate, statedOf } from '../../../firmware/signal/calibration.ts';
import { createStillMean } from '../../../firmware/signal/still-mean.ts';
import { createVirtualNau7802 } from '../../../hardware/virtual/chips/nau7802.ts';
import { createRandom } from '../../../hardware/virtual/random.ts';
import { boardOf, createBench } from './bench.ts';

/** What the rig file says; the cell itself is another. */
const device: ScaleDevice = {
  kind: 'scale',
  id: 's',
  name: 'S',
  loadCell: { chip: 'nau7802' },
  calibration: { zeroCounts: 0, countsPerKg: 20_000, date: '2026-11-01' },
};
const TRUE_ZERO = 84_000;
const TRUE_SLOPE = 21_500;

function scaleWith(kgAt: (nowMs: number) => number) {
  const kept: { tare?: number; calibration?: StatedCalibration } = {};
  const files = {
    tare: { load: () => kept.tare, save: (tare: number) => void Object.assign(kept, { tare }) },
    calibration: { load: () => kept.calibration, save: (calibration: StatedCalibration) => void Object.assign(kept, { calibration }) },
  };
  const make = (rig = device) => createScale(rig, files);
  const bench = createBench();
  const random = createRandom(3);
  const counts = (atMs: number): number => TRUE_ZERO + TRUE_SLOPE * kgAt(atMs) + 25 * random.normal();
  const board = boardOf(createVirtualNau7802({ counts, nowMs: bench.nowMs }));
  return { bench, make, kept, run: (program: ReturnType<typeof createScale>, untilMs: number) => bench.run(program, board, untilMs) };
}

t.test('masses measured at rest fix the line; the next weight is by it and names its version, with its uncertainty', async (t) => {
  let onPlateKg = 0;
  const { bench, make, kept, run } = scaleWith(() => onPlateKg);
  const scale = make();
  const points = [];
  for (const [at, massKg] of [0, 5, 10, 20].entries()) {
    onPlateKg = massKg;
    t.same(scale.sample!(), { ok: true });
    await run(scale, (at + 1) * 8000);
    t.equal(bench.of('calibration_counts').length, at + 1, `${massKg} kg came to rest once`);
    const counts = bench.of('calibration_counts').at(-1)!;
    t.ok(Math.abs(counts - TRUE_ZERO - TRUE_SLOPE * massKg) < 20, `${massKg} kg: ${counts}`);
    points.push({ counts, massKg, massUncertaintyKg: 0.001 });
  }
  const fit = calibrate(points, '2026-11-24T10:00:00.000Z');
  if (fit.kind !== 'calibrated') throw new Error(fit.message);
  t.same(scale.calibrate!({ ...statedOf(fit.calibration), version: 2 }), { ok: true });
  onPlateKg = 0;
  await run(scale, 36_000);
  onPlateKg = 72.4;
  await run(scale, 46_000);
  t.ok(Math.abs(bench.of('weight').at(-1)! - 72.4) < 0.02, String(bench.of('weight')));
  t.equal(bench.of('calibration_version').at(-1), 2);
  const uncertaintyKg = bench.of('weight_uncertainty').at(-1)!;
  t.ok(uncertaintyKg > 0.005 && uncertaintyKg < 0.2, `${uncertaintyKg} kg`);
  const again = (bench.of('load_cell_counts').at(-1)! - bench.of('load_cell_zero').at(-1)!) / TRUE_SLOPE;
  t.ok(Math.abs(again - 72.4) < 0.02, 'the counts kept beside it weigh the same again');

  const after = make();
  t.equal(after.calibration!()?.version, 2, 'and after a restart');
  const rewritten = make({ ...device, calibration: { zeroCounts: 1, countsPerKg: 2, date: '2026-12-01' } });
  t.equal(rewritten.calibration!()?.countsPerKg, 2, 'but one written into the rig file later holds');
  t.equal(kept.tare, 0);
});

t.test('a mass that does not come to rest is no point, and that is said', async (t) => {
  const { bench, make, run } = scaleWith((atMs) => 10 + Math.sin(atMs / 300));
  const scale = make();
  scale.sample!();
  await run(scale, 60_000);
  t.same(bench.of('calibration_counts'), []);
  t.match(bench.statuses.at(-1), { state: 'running', message: /does not come to rest/ });
});

t.test('an instrument that gives kilograms itself refuses', (t) => {
  const kept = { load: () => undefined, save: () => undefined };
  const scale = createScale(
    { kind: 'scale', id: 'i', name: 'I', loadCell: { chip: 'mt-sics', uart: '/dev/x' } },
    { tare: kept, calibration: kept },
  );
  t.match(scale.sample!(), { ok: false, message: /its own menu/ });
  t.equal(scale.calibration!(), undefined);
  t.end();
});

t.test('rest is told from creeping, from a gap, and from a sketch that repeats itself', (t) => {
  const until = (counts: (atMs: number) => number, stepMs = 50, skip = (_: number) => false) => {
    const still = createStillMean();
    for (let atMs = 0; atMs < 60_000; atMs += stepMs) {
      if (skip(atMs)) continue;
      const event = still.push(atMs, counts(atMs));
      if (event !== undefined) return { ...event, atMs };
    }
    return undefined;
  };
  const random = createRandom(1);
  t.equal(until((atMs) => 1000 * (atMs / 1000) + 5 * random.normal())?.kind, 'restless', 'a kilogram in twenty seconds is no rest');
  t.match(
    until(
      () => 500 + 5 * random.normal(),
      50,
      (atMs) => atMs > 2000 && atMs < 5000,
    ),
    { kind: 'still', atMs: 8800 },
  );
  t.match(
    until(() => 777),
    { kind: 'still', counts: 777 },
  );
  t.match(
    until(() => 777, 1000),
    { kind: 'still', atMs: 9000 },
    'a sketch that prints once a second is waited for',
  );
  t.end();
});

t.test(
  'a plate that a warm room moved further than a zero may go is ready and weighs right, once its drift is known and the room’s temperature told',
  async (t) => {
    let onPlateKg = 0;
    const warmKg = 1.5;
    const { bench, make, run } = scaleWith(() => onPlateKg + warmKg);
    const scale = make();
    const line = { version: 2, date: '2026-11-24T10:00:00.000Z', zeroCounts: TRUE_ZERO, countsPerKg: TRUE_SLOPE, points: [] };
    scale.calibrate!(line);
    await run(scale, 5000);
    t.match(bench.statuses.at(-1), { plate: 'unsettled' });
    scale.calibrate!({ ...line, version: 3, drift: { referenceC: 20, kgPerC: 0.15, lagMs: 0, thermometer: 'room' } });
    scale.temperature!(30);
    await run(scale, 10_000);
    t.match(bench.statuses.at(-1), { plate: 'ready' });
    onPlateKg = 72.4;
    await run(scale, 20_000);
    t.ok(Math.abs(bench.of('weight').at(-1)! - 72.4) < 0.02, String(bench.of('weight')));
    const zero = bench.of('load_cell_zero').at(-1)!;
    t.ok(Math.abs(zero - TRUE_ZERO - warmKg * TRUE_SLOPE) < 200, `${zero}: as the converter read it, to be weighed again by any version`);
  },
);
