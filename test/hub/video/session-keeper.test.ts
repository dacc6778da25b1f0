import t from 'tap';
import type { Clock } from '../../../firmware/protocol/time.ts';
import type { ViewSession } from '../../../hub/people/view-sessions.ts';
import { startSessionKeeper } from '../../../hub/video/session-keeper.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 12, minute)).toISOString();
const session = (id: string, more: Partial<ViewSession> = {}): ViewSession => ({
  ...{
    id,
    camera: 'home',
    region: 'home',
    edgeKey: 'key',
    since: at(0),
    until: null,
    codec: 'video/H264',
    bytes: 1,
    views: [],
    receipt: null,
  },
  ...more,
});

/** An edge that says what it is told to, and a clock that moves by hand. */
function stage() {
  let minutes = 0;
  let said: readonly ViewSession[] | undefined = [];
  const kept = new Map<string, ViewSession>();
  let writes = 0;
  const stop = new AbortController();
  const clock = {
    monotonic: () => minutes * 60_000,
    utc: () => Date.UTC(2026, 10, 24, 12, minutes),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped')))),
  } as unknown as Clock;
  const keeper = startSessionKeeper({
    sessions: async () => {
      if (said === undefined) throw new Error('the edge is away');
      return said;
    },
    kept: {
      keep(one) {
        writes++;
        kept.set(one.id, one);
      },
      open: () => [...kept.values()].filter(({ until }) => until === null),
    },
    clock,
    signal: stop.signal,
  });
  const look = async (minute: number, next: readonly ViewSession[] | undefined): Promise<void> => {
    minutes = minute;
    said = next;
    await keeper.look();
  };
  return { look, kept, writes: () => writes, stop, done: keeper.done };
}

t.test('who comes and goes is written at once, how much was sent each five minutes: a card is not worn out by a number', async (t) => {
  const { look, kept, writes, stop, done } = stage();
  await look(0, [session('a')]);
  t.equal(writes(), 1);
  for (const minute of [1, 2, 3, 4]) await look(minute, [session('a', { bytes: minute * 100 })]);
  t.equal(writes(), 1);
  await look(5, [session('a', { bytes: 500 })]);
  t.same([writes(), kept.get('a')?.bytes], [2, 500]);
  await look(6, [session('a', { bytes: 600, views: [{ name: 'ada', since: at(6), until: null, bytes: 3 }] })]);
  t.equal(writes(), 3, 'somebody came');
  await look(7, undefined);
  t.equal(writes(), 3, 'an edge that does not answer changes nothing');
  stop.abort();
  await done;
});

t.test('an edge that ended without a word: its session ended when it was last heard of, with what was last known', async (t) => {
  const { look, kept, stop, done } = stage();
  await look(0, [session('a', { views: [{ name: 'ada', since: at(0), until: null, bytes: 3 }] })]);
  await look(4, [session('a', { bytes: 400, views: [{ name: 'ada', since: at(0), until: null, bytes: 300 }] })]);
  await look(9, undefined);
  await look(60, [session('b', { since: at(59) })]);
  t.match(kept.get('a'), { until: at(4), bytes: 400, receipt: null, views: [{ name: 'ada', until: at(4), bytes: 300 }] });
  t.equal(kept.get('b')?.until, null);
  stop.abort();
  await done;
});
