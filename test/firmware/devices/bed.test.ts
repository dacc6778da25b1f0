/** The bed mat's program from converter to measurements: whoever lies down, their heart and breathing, and nothing where nothing shows. */
import t from 'tap';
import { createBed } from '../../../firmware/devices/bed.ts';
import type { BedDevice } from '../../../firmware/rig.ts';
import { createVirtualNau7802 } from '../../../hardware/virtual/chips/nau7802.ts';
import { createRandom } from '../../../hardware/virtual/random.ts';
import { type Sleeper, sleeperLoad } from '../signal/heart.ts';
import { boardOf, createBench } from './bench.ts';

const device: BedDevice = {
  kind: 'bed',
  id: 'bed',
  name: 'Bed',
  loadCell: { chip: 'nau7802', convertHz: 80 },
  calibration: { zeroCounts: 84_000, countsPerKg: 21_500, date: '2026-11-01' },
};
const nothingKept = { load: () => undefined, save: () => undefined };
const sleeper: Sleeper = { beatsPerMinute: 58, breathsPerMinute: 14, jKg: 0.1, breathKg: 0.15, noiseKg: 0.005, seed: 4 };
const RATE_HZ = 80;
const LIES_DOWN_MS = 10_000;

/** Two minutes: in bed from the tenth second on. */
async function night(who: Sleeper | undefined, seconds = 100) {
  const bench = createBench();
  const random = createRandom(3);
  const load = who === undefined ? new Float64Array(0) : sleeperLoad(who, seconds, RATE_HZ);
  const kgAt = (atMs: number): number => (atMs < LIES_DOWN_MS ? 0 : (load[Math.floor(((atMs - LIES_DOWN_MS) * RATE_HZ) / 1000)] ?? 0));
  const counts = (atMs: number): number => 84_000 + 21_500 * kgAt(atMs) + 25 * random.normal();
  const chip = createVirtualNau7802({ counts, nowMs: bench.nowMs });
  await bench.run(createBed(device, nothingKept), boardOf(chip), LIES_DOWN_MS + seconds * 1000 + 12_000);
  return bench;
}

t.test('somebody lies down and gets up again; between, heart and breathing are told within 3 a minute', async (t) => {
  const bench = await night(sleeper);
  t.same(bench.of('bed_occupied'), [1, 0]);
  const hearts = bench.of('heart_rate');
  const breaths = bench.of('respiration_rate');
  t.ok(hearts.length >= 2 && hearts.every((rate) => Math.abs(rate - 58) <= 3), hearts.join(' '));
  t.ok(breaths.length >= 2 && breaths.every((rate) => Math.abs(rate - 14) <= 2), breaths.join(' '));
  t.ok(bench.of('movement').every((part) => part < 0.2));
  t.same(bench.of('weight'), [], 'a bed is no scale');
  t.equal(bench.of('load_cell_counts').length, 2, 'counts of coming and going; of who lies there none beside');
  t.ok(Math.abs(bench.of('sample_rate')[0]! - 80) < 3);
});

t.test('a heart that hardly shows gives no number, nor does somebody who tosses, nor a suitcase', async (t) => {
  const faint = await night({ ...sleeper, jKg: 0.001, breathKg: 0.001, noiseKg: 0.05 }, 45);
  t.same([faint.of('bed_occupied')[0], faint.of('heart_rate'), faint.of('respiration_rate')], [1, [], []]);
  const tossing = await night({ ...sleeper, turns: Array.from({ length: 9 }, (_, at) => at * 5) }, 45);
  t.same(tossing.of('heart_rate'), []);
  t.ok(tossing.of('movement').some((part) => part > 0.2));
  const empty = await night(undefined, 60);
  t.same([empty.of('bed_occupied'), empty.of('heart_rate')], [[], []]);
  t.ok(Math.abs(empty.of('load_cell_counts')[0]! - 84_000) < 200, 'what the empty mat reads is kept, for its drift');
});
