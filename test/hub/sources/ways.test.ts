import t from 'tap';
import { createWays } from '../../../hub/sources/ways.ts';

t.test('a device that is there over a cable and over the air is gone when both are', async (t) => {
  const ways = createWays();
  ways.met('scale', { link: 'cable', channel: 0 });
  ways.met('tracker', { link: 'cable', channel: 1 });
  ways.met('scale', { link: 'air', channel: 0 });
  t.same(ways.of('scale'), [
    { link: 'air', channel: 0 },
    { link: 'cable', channel: 0 },
  ]);
  t.same(ways.lost('cable'), ['tracker']);
  t.same(ways.lost('cable'), [], 'told once');
  ways.met('scale', { link: 'air', channel: 2 });
  t.same(ways.of('scale'), [{ link: 'air', channel: 2 }]);
  t.same(ways.lost('air'), ['scale']);
  t.same(ways.of('scale'), []);
});
