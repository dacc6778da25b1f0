import t from 'tap';
import { createWeigher, type WeighEvent } from '../../../firmware/signal/weigh.ts';

const EVERY_MS = 25;
/** Pushes a load for a time, from where the weigher's time stands. */
function plate() {
  const weigher = createWeigher();
  let atMs = 0;
  const events: WeighEvent[] = [];
  const load = (forMs: number, kg: (sinceMs: number) => number): void => {
    for (let sinceMs = 0; sinceMs < forMs; sinceMs += EVERY_MS) {
      atMs += EVERY_MS;
      const event = weigher.push({ atMs, kg: kg(sinceMs) });
      if (event !== undefined) events.push(event);
    }
  };
  return { weigher, events, load, kinds: () => events.map(({ kind }) => kind) };
}
const sway = (sinceMs: number): number => 0.07 * Math.sin(sinceMs / 160);

t.test('somebody who stands still is weighed once, within three seconds', async (t) => {
  const { events, load, kinds } = plate();
  load(1000, () => 0);
  load(3000, (ms) => 72.35 + sway(ms));
  load(5000, (ms) => 72.6 + sway(ms));
  load(500, () => 0);
  t.same(kinds(), ['stepped-on', 'weighed', 'stepped-off']);
  const [, weighed] = events;
  t.ok(weighed?.kind === 'weighed' && Math.abs(weighed.kg - 72.35) < 0.05);
});

t.test('a foot lifted before the reading settles gives no weight', async (t) => {
  const { kinds, load } = plate();
  load(1500, (ms) => 72 + sway(ms));
  load(1000, () => 0);
  t.same(kinds(), ['stepped-on', 'stepped-off']);
});

t.test('somebody who does not stand still is not weighed', async (t) => {
  const { kinds, load } = plate();
  load(20_000, (ms) => 72 + 3 * Math.sin(ms / 300));
  t.same(kinds(), ['stepped-on']);
});

t.test('a load that no scale can have, NaN or 4,000 kg, is dropped and never weighed', async (t) => {
  for (const absurd of [Number.NaN, Number.POSITIVE_INFINITY, 4000, -4000]) {
    const { kinds, load } = plate();
    load(5000, () => absurd);
    t.same(kinds(), [], String(absurd));
  }
});

t.test('a cat is not a person', async (t) => {
  const { kinds, load } = plate();
  load(5000, () => 4.2);
  t.same(kinds(), []);
});

t.test('the empty plate may drift by some hundred grams without becoming part of a weight', async (t) => {
  const { events, load } = plate();
  load(600_000, (ms) => (0.4 * ms) / 600_000);
  load(3000, (ms) => 70.4 + sway(ms));
  const weighed = events.find(({ kind }) => kind === 'weighed');
  t.ok(weighed?.kind === 'weighed' && Math.abs(weighed.kg - 70) < 0.1, JSON.stringify(weighed));
});
