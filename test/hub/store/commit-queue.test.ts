import t from 'tap';
import { createCommitQueue } from '../../../hub/store/commit-queue.ts';

/** A queue whose time stands still, and the transactions that it made. */
function queueOf(windowMs: number) {
  const transactions: number[][][] = [];
  let fails = false;
  const queue = createCommitQueue<number, number>({
    write(parts) {
      if (fails) throw new Error('the disk is full');
      transactions.push(parts.map((part) => [...part]));
      return parts.map((part) => part.filter((row) => row > 0));
    },
    afterFlush: () => undefined,
    windowMs,
    now: () => 1000,
  });
  return {
    queue,
    transactions,
    fail: (yes: boolean) => {
      fails = yes;
    },
  };
}
const LONG_MS = 1_000_000;

t.test(
  'the first commit after a pause goes at once; those close behind it share one transaction, and each learns of its own rows',
  async (t) => {
    const { queue, transactions } = queueOf(LONG_MS);
    t.same(await queue.commit([1]), [1]);
    const both = [queue.commit([2, -3]), queue.commit([4])];
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    t.same(transactions, [[[1]]], 'they wait for others');
    queue.flush();
    t.same(await Promise.all(both), [[2], [4]]);
    t.same(transactions, [[[1]], [[2, -3], [4]]]);
  },
);

t.test('a device that catches up is not held back', async (t) => {
  const { queue, transactions } = queueOf(LONG_MS);
  await queue.commit([1]);
  const many = Array.from({ length: 64 }, (_, index) => index + 2);
  await queue.commit(many);
  t.equal(transactions.length, 2);
});

t.test('no transaction grows without end', async (t) => {
  const { queue, transactions } = queueOf(0);
  const many = Array.from({ length: 3000 }, (_, index) => index + 1);
  await Promise.all([queue.commit(many), queue.commit(many), queue.commit(many)]);
  t.same(
    transactions.map((parts) => parts.length),
    [1, 1, 1],
  );
});

t.test('when a transaction fails all who shared it are told, and the next one goes on', async (t) => {
  const { queue, fail } = queueOf(0);
  fail(true);
  const both = await Promise.allSettled([queue.commit([1]), queue.commit([2])]);
  t.same(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  fail(false);
  t.same(await queue.commit([1]), [1]);
});

t.test(
  'a steady trickle is rationed to a flush each few seconds, what comes now and then is kept at once, and nobody is told before',
  async (t) => {
    let nowMs = 0;
    let timer: { readonly atMs: number; readonly work: () => void } | undefined;
    const flushedAtMs: number[] = [];
    const queue = createCommitQueue<number, number>({
      write(parts) {
        flushedAtMs.push(nowMs);
        return parts.map((part) => [...part]);
      },
      afterFlush: () => undefined,
      windowMs: 0,
      trickleMs: 4000,
      now: () => nowMs,
      later(work, ms) {
        const own = { atMs: nowMs + ms, work };
        timer = own;
        return () => {
          if (timer === own) timer = undefined;
        };
      },
    });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const waits: number[] = [];
    const second = async (row: number): Promise<void> => {
      const toMs = nowMs + 1000;
      if (timer !== undefined && timer.atMs <= toMs) {
        nowMs = timer.atMs;
        timer.work();
        await turn();
      }
      nowMs = toMs;
      const atMs = nowMs;
      void queue.commit([row]).then(() => waits.push(nowMs - atMs));
      await turn();
    };
    for (let row = 1; row <= 8; row++) await second(row);
    t.same(waits, [0, 0, 0, 0, 0, 0, 0, 0], 'a few in a row are kept at once');
    for (let row = 9; row <= 208; row++) await second(row);
    const flushes = flushedAtMs.filter((atMs) => atMs > 100_000 && atMs <= 200_000).length;
    t.equal(flushes, 25, 'then one in four seconds');
    t.ok(waits.every((ms) => ms <= 4000));

    queue.flush();
    nowMs += 60_000;
    const before = flushedAtMs.length;
    await queue.commit([209]);
    t.equal(flushedAtMs.length, before + 1, 'after a pause it goes at once');
  },
);
