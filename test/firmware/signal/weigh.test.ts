import t from 'tap';
import { createWeigher, type WeighEvent, type WeighState } from '../../../firmware/signal/weigh.ts';
import { skipWithoutVectors } from '../../vectors.ts';
import { standingPersons } from './loads.ts';

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
  t.same(kinds(), ['stepped-on', 'restless'], 'and is told once to stand still');
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

t.test('a visit takes its zero from the plate just before it, and the next says how far that one moved it', async (t) => {
  const { events, load } = plate();
  load(2000, () => 0.05);
  load(3000, (ms) => 70.05 + sway(ms));
  // The plate comes back 60 g higher, as creep leaves it.
  load(2000, () => 0.11);
  load(3000, (ms) => 70.11 + sway(ms));
  load(2000, () => 0.11);
  load(3000, (ms) => 70.11 + sway(ms));
  const [first, second, third] = events.filter((event) => event.kind === 'weighed');
  for (const weighed of [first!, second!, third!]) t.ok(Math.abs(weighed.kg - 70) < 0.02, `${weighed.kg}`);
  const added = Math.sqrt(second!.uncertaintyKg ** 2 - first!.uncertaintyKg ** 2);
  t.ok(Math.abs(added - 0.06 / Math.sqrt(3)) < 0.002, `${added}`);
  t.ok(third!.uncertaintyKg < second!.uncertaintyKg, 'a plate that stayed where it was is sure again');
});

t.test('the plate is ready once it was seen empty and still for a second, not while somebody gets off or leans on it', async (t) => {
  const { weigher, load } = plate();
  t.notOk(weigher.isReady);
  load(500, () => 0);
  t.notOk(weigher.isReady);
  load(600, () => 0);
  t.ok(weigher.isReady);
  load(3000, (ms) => 72 + sway(ms));
  t.notOk(weigher.isReady);
  load(3000, (ms) => 1.5 + Math.sin(ms / 100));
  t.notOk(weigher.isReady, 'a hand on it');
  load(3000, () => 2);
  t.notOk(weigher.isReady, 'a thing on it, which is no zero');
  load(1200, () => 0.01);
  t.ok(weigher.isReady);
  t.ok(Math.abs(weigher.zeroKg) < 0.02, `${weigher.zeroKg}`);
});

t.test('a foot on its way is not taken for the zero', async (t) => {
  const { events, load } = plate();
  load(3000, () => 0);
  load(700, (ms) => (0.09 * ms) / 700);
  load(300, (ms) => 0.1 + (70 * ms) / 300);
  load(4000, (ms) => 70 + sway(ms));
  const weighed = events.find((event) => event.kind === 'weighed');
  t.ok(weighed !== undefined && Math.abs(weighed.kg - 70) < 0.05, JSON.stringify(weighed));
});

t.test('one foot, then both: the second reading corrects the first; a nod of the head corrects nothing', async (t) => {
  const { events, load } = plate();
  load(3500, (ms) => 36 + sway(ms));
  load(800, (ms) => 36 + (36.3 * ms) / 800);
  load(4000, (ms) => 72.3 + sway(ms));
  load(4000, (ms) => 73.1 + sway(ms));
  const weighed = events.filter((event) => event.kind === 'weighed');
  t.same(
    weighed.map(({ corrects }) => corrects),
    [false, true],
  );
  t.ok(Math.abs(weighed[1]!.kg - 72.3) < 0.05);
});

t.test('a foot that is set down slowly is waited for', async (t) => {
  const { events, load } = plate();
  load(2600, (ms) => 6 + (66 * ms) / 2600);
  load(3000, (ms) => 72 + sway(ms));
  const [first] = events.filter((event) => event.kind === 'weighed');
  t.ok(first !== undefined && Math.abs(first.kg - 72) < 0.05, JSON.stringify(first));
});

t.test('zero is tracked within a kilogram only, and not while something is being laid down', async (t) => {
  const { weigher, load } = plate();
  load(300_000, () => 2.5);
  t.equal(weigher.zeroKg, 0);
  load(600_000, (ms) => (0.9 * ms) / 600_000);
  t.ok(Math.abs(weigher.zeroKg - 0.9) < 0.1);
});

t.test('a gap or a clock set back while somebody stands there makes the reading anew', async (t) => {
  for (const jump of [5000, -60_000]) {
    const weigher = createWeigher();
    const events: WeighEvent[] = [];
    for (let at = 0; at < 200; at++) {
      const atMs = at * EVERY_MS + (at < 60 ? 0 : jump);
      const event = weigher.push({ atMs, kg: at < 60 ? 65 : 72 });
      if (event !== undefined) events.push(event);
    }
    const weighed = events.filter(({ kind }) => kind === 'weighed');
    t.ok(weighed.length === 1 && weighed[0]?.kind === 'weighed' && weighed[0].kg === 72, String(jump));
  }
});

t.test('a weigher kept as JSON in mid-weighing goes on', async (t) => {
  let weigher = createWeigher();
  let weighed: WeighEvent | undefined;
  for (let at = 0; at < 140; at++) {
    if (at === 70) weigher = createWeigher(JSON.parse(JSON.stringify(weigher.state)) as WeighState);
    const event = weigher.push({ atMs: at * EVERY_MS, kg: 72.35 + sway(at * EVERY_MS) });
    if (event?.kind === 'weighed') weighed = event;
  }
  t.ok(weighed?.kind === 'weighed' && weighed.atMs <= 3000);
});

t.test(
  'people on force plates are weighed from any second, within three, to 0.1 kg, and as surely as it says',
  { skip: skipWithoutVectors },
  async (t) => {
    let readings = 0;
    let covered = 0;
    let worst = 0;
    for (const { kg, rateHz } of standingPersons().flat()) {
      const truth = kg.reduce((sum, one) => sum + one, 0) / kg.length;
      for (let from = 0; from + 3 * rateHz <= kg.length; from += 3 * rateHz) {
        const weigher = createWeigher();
        const events = kg.slice(from, from + 3 * rateHz).map((value, at) => weigher.push({ atMs: (at * 1000) / rateHz, kg: value }));
        const weighed = events.find((event) => event?.kind === 'weighed');
        if (weighed?.kind !== 'weighed') return t.fail(`no reading within 3 s from sample ${from}`);
        const off = Math.abs(weighed.kg - truth);
        readings++;
        if (off <= 2 * weighed.uncertaintyKg) covered++;
        worst = Math.max(worst, off);
      }
    }
    t.ok(worst < 0.1, `worst ${worst.toFixed(3)} kg`);
    t.ok(covered / readings > 0.9, `${((100 * covered) / readings).toFixed(1)} % within k = 2`);
  },
);
