import t from 'tap';
import { openStore } from '../../../hub/store/store.ts';
import { gapsOf } from '../../../hub/web/gaps.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;

t.test('a chart is told the gaps of the devices that measure its quantity and of the hub, in words of a household', async (t) => {
  const store = openStore(t.testdir({}));
  const home = store.vault('home');
  const row = { boot: 7, sequence: 1, endUtcMs: NOON, spanMs: 0, timeQuality: 'synced' } as const;
  await home.commit([
    { ...row, device: 'air-1', code: 96, value: 600 },
    { ...row, device: 'porch', code: 97, value: 4 },
  ]);
  const gap = (device: string, fromHour: number, cause: 'power' | 'radio' | 'dropped', lost?: number) =>
    home.record(
      {
        kind: 'gap',
        device,
        fromMs: NOON + fromHour * HOUR,
        toMs: NOON + (fromHour + 1) * HOUR,
        cause,
        ...(lost === undefined ? {} : { lost }),
      },
      'hub',
    );
  await Promise.all([gap('*', 1, 'power'), gap('air-1', 3, 'dropped', 12), gap('porch', 5, 'radio'), gap('air-1', 30, 'power')]);
  const query = { quantity: 'co2', fromMs: NOON, toMs: NOON + 24 * HOUR } as const;
  t.match(gapsOf(store, [home], query), [
    { device: '*', words: 'the hub had no power', fromMs: NOON + HOUR },
    { device: 'air-1', cause: 'dropped', words: '12 measurements lost' },
  ]);
  t.match(gapsOf(store, [home], { ...query, quantity: 'temperature' }), [{ device: '*' }, { words: 'out of radio reach' }]);
  t.same(
    gapsOf(store, [home], { ...query, device: 'air-1' }).map(({ cause }) => cause),
    ['power', 'dropped'],
  );
  store[Symbol.dispose]();
});
