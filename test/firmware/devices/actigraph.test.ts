import t from 'tap';
import { createActigraph } from '../../../firmware/devices/actigraph.ts';

t.test('each minute gives the counts of the axis that moved most, whichever it is', async (t) => {
  for (const moving of [0, 1, 2]) {
    const actigraph = createActigraph(50);
    const told = [];
    for (let at = 0; at <= 50 * 180; at++) {
      const axes: [number, number, number] = [0, 0, 1];
      // The second minute is still.
      if (Math.floor(at / 3000) !== 1) axes[moving] = axes[moving]! + 0.3 * Math.sin((2 * Math.PI * at) / 50);
      const minute = actigraph.push(at * 20, axes);
      if (minute !== undefined) told.push(minute);
    }
    t.same(
      told.map(({ atMs }) => atMs),
      [60_000, 120_000, 180_000],
    );
    t.ok(told[0]!.counts > 2000 && told[1]!.counts < 100 && told[2]!.counts > 2000, JSON.stringify(told));
  }
});

t.test('an hour without samples is not an hour of stillness', async (t) => {
  const actigraph = createActigraph(50);
  t.equal(actigraph.push(59_000, [0, 0, 1]), undefined);
  t.same(actigraph.push(3_660_000, [0, 0, 1]), { counts: 0, atMs: 60_000 });
  t.equal(actigraph.push(3_660_020, [0, 0, 1]), undefined);
});
