import t from 'tap';
import { effortOf, stepLengthM } from '../../../firmware/signal/steps/gait.ts';
import { createStepCounter, type StepState, type StepWindow } from '../../../firmware/signal/steps.ts';
import fc from '../../property.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import { oxfordWalks, wristRecordings } from './motion.ts';
import { carRide, shakenTable, typing, walk, washingMachine } from './movements.ts';

const stepsOf = (windows: readonly StepWindow[]): number => windows.reduce((sum, { steps }) => sum + steps, 0);
/** Steps of a magnitude over seconds, sampled at a rate. */
function count(rateHz: number, seconds: number, g: (s: number) => number): number {
  const counter = createStepCounter();
  let steps = 0;
  for (let at = 0; at < seconds * rateHz; at++) steps += stepsOf(counter.push((at * 1000) / rateHz, g(at / rateHz)));
  return steps + stepsOf(counter.finish());
}

t.test('recorded walks are counted within 3 % on average, in any position', { skip: skipWithoutVectors }, async (t) => {
  const errors: number[] = [];
  for (const recording of oxfordWalks()) {
    const counter = createStepCounter();
    let steps = 0;
    for (let at = 0; at < recording.atMs.length; at++) steps += stepsOf(counter.push(recording.atMs[at]!, recording.g[at]!));
    steps += stepsOf(counter.finish());
    errors.push(Math.abs(steps - recording.steps) / recording.steps);
  }
  const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  t.ok(mean < 0.03, `mean error ${(100 * mean).toFixed(2)} %`);
  t.ok(Math.max(...errors) < 0.1, `largest ${(100 * Math.max(...errors)).toFixed(1)} %`);
});

t.test('hours at a desk and tying laces, recorded on the wrist at 12 and 25 Hz, give no steps', { skip: skipWithoutVectors }, async (t) => {
  const still = wristRecordings().filter(({ steps }) => steps === 0);
  t.ok(still.length > 5);
  for (const { id, atMs, g } of still) {
    const counter = createStepCounter();
    let steps = 0;
    for (let at = 0; at < atMs.length; at++) steps += stepsOf(counter.push(atMs[at]!, g[at]!));
    t.ok(steps + stepsOf(counter.finish()) < 12, id);
  }
});

t.test('a walker with a watch of 12 or 25 Hz is counted within 10 % on average', { skip: skipWithoutVectors }, async (t) => {
  const errors = wristRecordings()
    .filter(({ activity }) => /^(fast|normal)-walking/.test(activity))
    .map(({ atMs, g, steps: truth }) => {
      const counter = createStepCounter();
      let steps = 0;
      for (let at = 0; at < atMs.length; at++) steps += stepsOf(counter.push(atMs[at]!, g[at]!));
      return Math.abs(steps + stepsOf(counter.finish()) - truth) / truth;
    });
  const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  t.ok(errors.length > 8 && mean < 0.1, `mean error ${(100 * mean).toFixed(1)} %`);
});

t.test('a steady walk gives its steps at any rate from 12 to 400 Hz', async (t) => {
  for (const rate of [12, 13.7, 24, 25, 50, 100, 200, 400]) {
    const steps = count(rate, 60, walk(1.8));
    t.ok(Math.abs(steps - 108) < 3, `${rate} Hz: ${steps.toFixed(1)} of 108`);
  }
});

t.test('from a shuffle to a run, cadence follows', async (t) => {
  for (const [hz, g] of [
    [0.9, 0.09],
    [1.3, 0.15],
    [2.2, 0.4],
    [2.8, 1],
  ] as const) {
    const steps = count(50, 60, walk(hz, g));
    t.ok(Math.abs(steps / (60 * hz) - 1) < 0.05, `${hz} a second: ${steps.toFixed(1)} of ${60 * hz}`);
  }
});

t.test('a swinging arm of slow and of fast steps is told by what repeats: one step, or the stride of two', async (t) => {
  // Both repeat each 0.9 s as strongly. Slow steps differ from left to right, so that two of them repeat better.
  const swing = (s: number): number => 0.3 * Math.sin(2 * Math.PI * 1.1 * s) + 0.1 * Math.sin(2 * Math.PI * 2.2 * s + 1);
  const slow = count(25, 60, (s) => 1 + swing(s) + 0.3 * Math.sin(Math.PI * 1.1 * s));
  t.ok(Math.abs(slow / 66 - 1) < 0.05, `${slow.toFixed(1)} of 66`);
  const fast = count(25, 60, (s) => 1 + swing(s));
  t.ok(Math.abs(fast / 132 - 1) < 0.05, `${fast.toFixed(1)} of 132`);
});

t.test('who turns round in a walk steps on, and who stands does not', async (t) => {
  const g = walk(1.9);
  const isTurn = (s: number): boolean => s % 20 > 15;
  const turning = count(25, 60, (s) => (isTurn(s) ? 1 + 0.7 * Math.sin(2 * Math.PI * 0.4 * s) : g(s)));
  const standing = count(25, 60, (s) => (isTurn(s) ? 1 : g(s)));
  t.ok(Math.abs(turning / (60 * 1.9) - 1) < 0.05, `turning: ${turning.toFixed(1)} of ${60 * 1.9}`);
  t.ok(Math.abs(standing / (45 * 1.9) - 1) < 0.08, `standing: ${standing.toFixed(1)} of ${45 * 1.9}`);
});

t.test('a short walk between two rests is counted to its ends', async (t) => {
  const g = walk(1.9);
  const steps = count(50, 60, (s) => (s > 20 && s < 35 ? g(s) : 1 + 0.002 * Math.sin(s * 40)));
  t.ok(Math.abs(steps - 15 * 1.9) < 3.5, `${steps.toFixed(1)} of ${15 * 1.9}`);
});

t.test('typing, a car, a shaken table and a washing machine give no steps', async (t) => {
  for (const rate of [12, 50]) {
    t.equal(count(rate, 300, typing(1)), 0, `typing at ${rate} Hz`);
    t.equal(count(rate, 300, shakenTable(3)), 0, `a shaken table at ${rate} Hz`);
  }
  // Wheels and drum turn faster than 6 Hz, which 12 Hz cannot tell from slow: a sensor's own filter must stop them.
  for (const rate of [25, 100]) {
    t.ok(count(rate, 180, carRide(2)) < 12, `driving at ${rate} Hz`);
    t.equal(count(rate, 60, washingMachine(4)), 0, `a washing machine at ${rate} Hz`);
  }
});

t.test('a counter kept as JSON in mid-walk goes on, and counts the same', async (t) => {
  const g = walk(1.8);
  const whole = createStepCounter();
  let parts = createStepCounter();
  let a = 0;
  let b = 0;
  for (let at = 0; at < 3000; at++) {
    if (at === 1111) parts = createStepCounter(JSON.parse(JSON.stringify(parts.state)) as StepState);
    a += stepsOf(whole.push(at * 20, g(at / 50)));
    b += stepsOf(parts.push(at * 20, g(at / 50)));
  }
  t.equal(b + stepsOf(parts.finish()), a + stepsOf(whole.finish()));
});

t.test('nothing is walked in a gap, and a clock set back loses only what it must', async (t) => {
  const g = walk(1.8);
  const counter = createStepCounter();
  let steps = 0;
  for (let at = 0; at < 1500; at++) steps += stepsOf(counter.push(at * 20, g(at / 50)));
  for (let at = 0; at < 1500; at++) steps += stepsOf(counter.push(8 * 3_600_000 + at * 20, g(at / 50)));
  for (let at = 0; at < 1500; at++) steps += stepsOf(counter.push(at * 20, g(at / 50)));
  steps += stepsOf(counter.finish());
  t.ok(Math.abs(steps - 3 * 54) < 6, `${steps.toFixed(1)} of 162`);
});

t.test('half seconds are told once each, and no sample makes steps that nobody could walk', async () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double(), fc.double({ min: -4, max: 4, noNaN: true })), { minLength: 300, maxLength: 900 }), (g) => {
      const counter = createStepCounter();
      const told = g.flatMap((value, at) => [...counter.push(at * 40, value)]).concat(counter.finish());
      return new Set(told.map(({ atMs }) => atMs)).size === told.length && told.every(({ cadence }) => cadence > 0 && cadence <= 250);
    }),
    { numRuns: 50 },
  );
});

t.test('a kilometre of brisk walking is some 1,400 steps and 35 kcal of a person of 70 kg', async (t) => {
  const { distanceM, activeKcal } = effortOf(1370, 112, { heightCm: 165, weightKg: 70 });
  t.ok(Math.abs(distanceM - 1000) < 10, String(distanceM));
  t.ok(Math.abs(activeKcal - 35) < 1, String(activeKcal));
  t.ok(stepLengthM(112, { heightCm: 190 }) > stepLengthM(112, { heightCm: 150 }));
  t.ok(effortOf(100, 170).activeKcal > 1.5 * effortOf(100, 120).activeKcal, 'running costs more');
  t.same(effortOf(0, 100), { distanceM: 0, activeKcal: 0 });
});
