import t from 'tap';
import { continents, outOfRegion } from '../../../hub/sync/residency.ts';
import { homeRetries, waitsOf } from '../../../hub/sync/retry-schedule.ts';
import { seeded } from './hub.ts';

t.test('waits double to a ceiling, and spread', async (t) => {
  const first = (count: number, random: () => number): number[] => waitsOf(homeRetries, random).take(count).toArray();
  t.same(
    first(9, () => 0.5),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
  const drawn = first(200, seeded(9)).slice(7);
  t.ok(
    drawn.every((ms) => ms >= 15_000 && ms < 45_000),
    'half to one and a half of the ceiling',
  );
  t.ok(new Set(drawn).size > 190, 'no two the same');
});

t.test('records and video each have their own residency', async (t) => {
  const allowed = (matter: 'records' | 'video'): string[] =>
    Object.keys(continents).map((continent) =>
      ['france', 'ireland', 'united-states', 'brazil', 'japan', 'singapore', 'australia']
        .filter((region) => outOfRegion(matter, continent as never, region, 'person-1') === undefined)
        .join('+'),
    );
  t.same(allowed('records'), ['france', 'france', 'france', 'france', 'france']);
  t.same(allowed('video'), ['ireland', 'united-states', 'brazil', 'japan+singapore', 'australia']);
  t.equal(outOfRegion('records', undefined, 'home', 'person-1'), undefined, 'at home everything may be');
  t.match(outOfRegion('video', 'asia', 'ireland', 'person-1'), /belong in japan or singapore, and this edge is in ireland/);
});
