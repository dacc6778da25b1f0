import t from 'tap';
import { type BedReading, type BedState, createBed } from '../../../firmware/signal/bed.ts';
import fc from '../../property.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import { type Sleeper, sleeperLoad } from './heart.ts';
import { standingPersons } from './loads.ts';
import { seededNormal } from './noise.ts';

const RATE_HZ = 80;
const quiet: Sleeper = { beatsPerMinute: 58, breathsPerMinute: 14, jKg: 0.1, breathKg: 0.15, noiseKg: 0.02, seed: 1 };
const settings = { emptyRms: 0.005 };

function readings(load: ArrayLike<number>, rateHz = RATE_HZ): BedReading[] {
  const bed = createBed(settings);
  const out: BedReading[] = [];
  for (let at = 0; at < load.length; at++) out.push(...bed.push((at * 1000) / rateHz, load[at]!));
  return out;
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const heartsOf = (list: readonly BedReading[]): number[] => list.flatMap(({ heartRate }) => heartRate ?? []);
const breathsOf = (list: readonly BedReading[]): number[] => list.flatMap(({ respirationRate }) => respirationRate ?? []);

t.test('heart and breathing of a sleeper are told within 3 a minute, most of the time', async (t) => {
  for (const [beatsPerMinute, breathsPerMinute] of [
    [46, 9],
    [58, 14],
    [72, 12],
    [90, 20],
    [115, 26],
  ] as const) {
    const list = readings(sleeperLoad({ ...quiet, beatsPerMinute, breathsPerMinute, seed: beatsPerMinute }, 180, RATE_HZ));
    const hearts = heartsOf(list);
    const breaths = breathsOf(list);
    t.ok(hearts.length > list.length * 0.7, `${beatsPerMinute}: ${hearts.length} of ${list.length}`);
    t.ok(breaths.length > list.length * 0.5, `${breathsPerMinute}: ${breaths.length} of ${list.length}`);
    t.ok(
      hearts.filter((one) => Math.abs(one - beatsPerMinute) < 5).length >= 0.95 * hearts.length,
      `${beatsPerMinute}: ${hearts.map(Math.round)}`,
    );
    t.ok(Math.abs(median(hearts) - beatsPerMinute) < 3, `${median(hearts)} of ${beatsPerMinute}`);
    t.ok(Math.abs(median(breaths) - breathsPerMinute) < 1, `${median(breaths)} of ${breathsPerMinute}`);
  }
});

t.test('the same night at 50, 80 or 320 samples a second gives the same rates', async (t) => {
  for (const rate of [50, 80, 320]) {
    const hearts = heartsOf(readings(sleeperLoad(quiet, 120, rate), rate));
    t.ok(Math.abs(median(hearts) - 58) < 3, `${rate} Hz: ${median(hearts)}`);
  }
});

t.test('a turn in bed gives no number until it is over', async (t) => {
  const list = readings(sleeperLoad({ ...quiet, turns: [60] }, 120, RATE_HZ));
  const during = list.filter(({ atMs }) => atMs > 61_000 && atMs < 70_000);
  t.ok(during.length > 0 && during.every(({ state, heartRate }) => state === 'moving' && heartRate === undefined));
  t.ok(heartsOf(list.filter(({ atMs }) => atMs > 85_000)).length > 2, 'and goes on after');
});

t.test('a rate is told once two windows agree: a heart that seems to jump is not followed at once', async (t) => {
  for (const [from, to] of [
    [50, 100],
    [90, 55],
    [60, 110],
  ] as const) {
    const before = sleeperLoad({ ...quiet, beatsPerMinute: from, seed: from }, 60, RATE_HZ);
    const after = sleeperLoad({ ...quiet, beatsPerMinute: to, seed: to }, 60, RATE_HZ);
    const list = readings([...before, ...after]);
    const jumps = list.slice(1).filter(({ heartRate }, at) => {
      const last = list[at]!.heartRate;
      return heartRate !== undefined && last !== undefined && Math.abs(heartRate / last - 1) > 0.12;
    });
    t.same(jumps, [], `${from} to ${to}`);
    t.ok(Math.abs(median(heartsOf(list.slice(-6))) - to) < 4, `${to} is told in the end`);
  }
});

t.test('an empty bed is empty, and a noisy cell without a person has no heart', async (t) => {
  const normal = seededNormal(5);
  t.ok(readings(Float64Array.from({ length: 60 * RATE_HZ }, () => 0.002 * normal())).every(({ state }) => state === 'empty'));
  const noise = readings(Float64Array.from({ length: 1200 * RATE_HZ }, () => 70 + 0.05 * normal()));
  t.ok(heartsOf(noise).length <= 0.02 * noise.length, `${heartsOf(noise).length} hearts in ${noise.length} readings of noise`);
  t.ok(breathsOf(noise).length <= 0.02 * noise.length, `${breathsOf(noise).length} breaths`);
});

t.test('the weaker the heart shows, the fewer numbers, and not the more wrong ones', async (t) => {
  let before = Number.POSITIVE_INFINITY;
  for (const jKg of [0.1, 0.04, 0.015]) {
    const list = readings(sleeperLoad({ ...quiet, jKg }, 300, RATE_HZ));
    const hearts = heartsOf(list);
    t.ok(hearts.length <= before);
    t.ok(hearts.filter((one) => Math.abs(one - 58) > 6).length <= 0.05 * list.length, `${jKg} kg: ${hearts.map(Math.round)}`);
    before = hearts.length;
  }
});

t.test('a mat kept as JSON in the night goes on', async (t) => {
  const load = sleeperLoad(quiet, 60, RATE_HZ);
  let bed = createBed(settings);
  const parts: BedReading[] = [];
  for (let at = 0; at < load.length; at++) {
    if (at === 2500) bed = createBed(settings, JSON.parse(JSON.stringify(bed.state)) as BedState);
    parts.push(...bed.push((at * 1000) / RATE_HZ, load[at]!));
  }
  t.same(parts, readings(load));
});

t.test('whatever is pushed, rates are those of a body', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double(), fc.double({ min: -100, max: 100, noNaN: true })), { minLength: 600, maxLength: 1200 }),
      (load) =>
        readings(load, 50).every(
          ({ heartRate = 60, respirationRate = 12 }) => heartRate > 35 && heartRate < 160 && respirationRate > 4 && respirationRate < 40,
        ),
    ),
    { numRuns: 25 },
  );
});

t.test("people who stand on force plates show their hearts too: a person's trials agree", { skip: skipWithoutVectors }, async (t) => {
  let told = 0;
  let agree = 0;
  for (const trials of standingPersons()) {
    const medians = trials
      .map(({ kg, rateHz }) => heartsOf(readings(kg, rateHz)))
      .filter((hearts) => hearts.length >= 3)
      .map(median);
    told += medians.length;
    const middle = median(medians);
    agree += medians.filter((one) => Math.abs(one - middle) <= 12).length;
  }
  t.ok(told >= 5, `${told} trials show a heart`);
  t.ok(agree >= 0.8 * told, `${agree} of ${told} agree with the person's others`);
});
