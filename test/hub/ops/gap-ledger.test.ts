import t from 'tap';
import { type DeviceTrack, type Span, tookArrivals } from '../../../hub/ops/gap-ledger.ts';

const NOON = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;

/** A device that measures each minute; what it says is played in order. */
function ledger() {
  let track: DeviceTrack | undefined;
  return (
    boot: number,
    minutes: readonly [sequence: number, minute: number][],
    troubles: readonly Span[] = [],
    nowMinute = minutes.at(-1)?.[1] ?? 0,
  ) => {
    const arrivals = minutes.map(([sequence, minute]) => ({ sequence, endUtcMs: NOON + minute * MINUTE, spanMs: 1000 }));
    const [next, gaps] = tookArrivals(track, 'air-1', boot, arrivals, troubles, NOON + nowMinute * MINUTE);
    track = next;
    return gaps;
  };
}
const steady = (from: number, to: number): [number, number][] =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, from + index]);

t.test('a device that measures steadily has no gaps, however often its frames come again', (t) => {
  const took = ledger();
  t.same(took(1, steady(1, 30)), []);
  t.same(took(1, steady(20, 30)), []);
  t.same(took(1, steady(31, 60)), []);
  t.end();
});

t.test('a numbers that never comes is a measurement that was dropped, counted once it is certain', (t) => {
  const took = ledger();
  took(1, steady(1, 20));
  t.same(took(1, [[26, 26]]), [], 'a refused frame comes again');
  t.same(took(1, [[22, 22]]), [], 'part of it does');
  const gaps = took(1, steady(27, 40), [], 40);
  t.match(gaps, [
    { kind: 'gap', device: 'air-1', cause: 'dropped', lost: 1, fromMs: NOON + 20 * MINUTE, toMs: NOON + 26 * MINUTE - 1000 },
    { cause: 'dropped', lost: 3 },
  ]);
  t.same(took(1, steady(41, 60)), [], 'and said once');
  t.end();
});

t.test('another boot after a hole was a power cut of the device', (t) => {
  const took = ledger();
  took(1, steady(1, 20));
  t.match(took(2, [[1, 50]]), [{ cause: 'power', fromMs: NOON + 20 * MINUTE, toMs: NOON + 50 * MINUTE - 1000 }]);
  t.end();
});

t.test('a hole while the link was down is that link, of a device that keeps nothing', (t) => {
  const took = ledger();
  took(1, steady(1, 20));
  const radio = { fromMs: NOON + 21 * MINUTE, toMs: NOON + 49 * MINUTE, cause: 'radio' } as const;
  t.match(took(1, [[21, 50]], [radio]), [{ cause: 'radio' }]);
  t.match(took(1, [[22, 100]]), [{ cause: 'unknown' }], 'with no trouble known it is nobody’s');
  t.end();
});

t.test('a link that was down is no gap when the device kept what it measured', (t) => {
  const took = ledger();
  took(1, steady(1, 20));
  const away = { fromMs: NOON + 21 * MINUTE, toMs: NOON + 49 * MINUTE, cause: 'away' } as const;
  t.same(took(1, steady(21, 50), [away]), []);
  t.end();
});

t.test('a scale that nobody stepped on for a week has no gap', (t) => {
  const took = ledger();
  const days: [number, number][] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((day) => [day, day * 1440 + (day % 3) * 50]);
  took(1, days);
  t.same(took(1, [[13, 16 * 1440]]), []);
  t.end();
});

t.test('a source that numbers by another rule loses nothing', (t) => {
  const took = ledger();
  t.same(
    took(
      1,
      steady(1, 30).map(([sequence, minute]) => [sequence * 7, minute]),
    ),
    [],
  );
  t.same(
    took(
      1,
      steady(31, 60).map(([sequence, minute]) => [sequence * 13, minute]),
      [],
      600,
    ),
    [],
  );
  t.end();
});
