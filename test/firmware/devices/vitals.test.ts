import t from 'tap';
import { createVitals } from '../../../firmware/devices/vitals.ts';
import { sleeperLoad } from '../signal/heart.ts';

const RATE_HZ = 80;
const sleeper = { beatsPerMinute: 61, breathsPerMinute: 13, jKg: 0.1, breathKg: 0.15, noiseKg: 0.02, seed: 4 };

t.test('each half minute in bed gives a heart rate and a breathing rate, once they show', async (t) => {
  const vitals = createVitals();
  const told = Array.from(sleeperLoad(sleeper, 121, RATE_HZ)).flatMap((kg, at) => vitals.push((at * 1000) / RATE_HZ, kg));
  const hearts = told.filter(({ quantity }) => quantity === 'heart_rate');
  const breaths = told.filter(({ quantity }) => quantity === 'respiration_rate');
  t.equal(hearts.length, 4);
  t.ok(hearts.every(({ value, spanMs }) => Math.abs(value - 61) < 4 && Math.abs(spanMs - 30_000) < 50));
  t.ok(breaths.length >= 3 && breaths.every(({ value }) => Math.abs(value - 13) < 1));
});

t.test('who tosses and turns, or has left, gives none', async (t) => {
  const vitals = createVitals();
  const tossing = sleeperLoad({ ...sleeper, turns: Array.from({ length: 24 }, (_, at) => at * 5) }, 120, RATE_HZ);
  t.same(
    Array.from(tossing).flatMap((kg, at) => vitals.push((at * 1000) / RATE_HZ, kg)),
    [],
  );
  const load = sleeperLoad(sleeper, 29, RATE_HZ);
  for (const [at, kg] of load.entries()) vitals.push((at * 1000) / RATE_HZ, kg);
  t.same(vitals.empty(), []);
  t.same(vitals.push(30_000, 70), [], 'what was seen before they left is of nobody');
});
