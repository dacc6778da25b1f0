import t from 'tap';
import { createOutbox } from '../../../firmware/protocol/outbox.ts';
import fc from '../../property.ts';

const clock = { nowMs: 0, zeroUtcMs: null };
const reading = (value: number) => ({ code: 1, value, at: value, spanMs: 0 });
const many = (count: number) => Array.from({ length: count }, (_, index) => reading(index));

t.test('a reading is sent at once, and kept until the hub has it', async (t) => {
  const outbox = createOutbox({ boot: 9, channel: 2 });
  outbox.offer([reading(72.35)]);
  t.match(outbox.due(0, clock), [{ type: 'readings', channel: 2, boot: 9, sequence: 1, readings: [{ value: 72.35 }] }]);
  t.equal(outbox.waiting, 1);
  outbox.acknowledge(9, 1);
  t.equal(outbox.waiting, 0);
  t.equal(outbox.nextDueMs(), Number.POSITIVE_INFINITY);
});

t.test('without an answer it is sent again with the same number, ever less often, at least every 10 s', async (t) => {
  const outbox = createOutbox({ boot: 9, channel: 0 });
  outbox.offer([reading(1)]);
  let nowMs = 0;
  const waits: number[] = [];
  for (let round = 0; round < 9; round++) {
    t.match(outbox.due(nowMs, clock), [{ sequence: 1 }]);
    t.same(outbox.due(nowMs, clock), [], 'not twice at the same time');
    waits.push(outbox.nextDueMs() - nowMs);
    nowMs = outbox.nextDueMs();
  }
  t.same(waits, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
});

t.test('a hub that takes its time is not asked again as long as it usually takes, and is after that', async (t) => {
  const outbox = createOutbox({ boot: 9, channel: 0 });
  const sentAt = (fromMs: number, answerMs: number | undefined): number[] => {
    outbox.offer([reading(1)]);
    const sequence = outbox.nextSequence - 1;
    const times: number[] = [];
    for (let nowMs = fromMs; nowMs < fromMs + (answerMs ?? 8000); nowMs += 100)
      if (outbox.due(nowMs, clock).length > 0) times.push(nowMs - fromMs);
    if (answerMs !== undefined) outbox.acknowledge(9, sequence);
    return times;
  };
  t.ok(sentAt(0, 3000).length > 1, 'at first it is asked often');
  sentAt(10_000, 3000);
  t.same(sentAt(20_000, 3000), [0], 'and so it stays');
  t.same(sentAt(40_000, undefined).slice(0, 2), [0, 5800], 'twice what it took last');
});

t.test('a new link starts again from the oldest, at once', async (t) => {
  const outbox = createOutbox({ boot: 9, channel: 0 });
  outbox.offer([reading(1)]);
  outbox.due(0, clock);
  outbox.reset();
  t.match(outbox.due(1, clock), [{ sequence: 1 }]);
});

t.test('an acknowledgement of another boot or of an unknown number changes nothing', async (t) => {
  const outbox = createOutbox({ boot: 9, channel: 0 });
  outbox.offer([reading(1)]);
  outbox.due(0, clock);
  outbox.acknowledge(8, 1);
  outbox.acknowledge(9, 77);
  t.equal(outbox.waiting, 1);
});

t.test('when full the oldest readings go, and are counted', async (t) => {
  const outbox = createOutbox({ boot: 9, channel: 0, limit: 100 });
  t.equal(outbox.offer(many(90)), 0);
  t.ok(outbox.offer(many(90)) > 0);
  t.ok(outbox.waiting <= 100);
  t.equal(outbox.waiting + outbox.dropped, 180);
});

t.test('over a line that loses and doubles anything, every reading arrives, in the end and under one number', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.array(fc.constantFrom('ok', 'lost', 'ack lost', 'doubled'), { maxLength: 60 }),
      (count, fates) => {
        const outbox = createOutbox({ boot: 9, channel: 0 });
        outbox.offer(many(count));
        const arrived = new Map<number, number>();
        let nowMs = 0;
        let turn = 0;
        for (let round = 0; round < 500 && outbox.waiting > 0; round++) {
          for (const frame of outbox.due(nowMs, clock)) {
            const fate = fates[turn++] ?? 'ok';
            if (fate === 'lost') continue;
            for (const copy of fate === 'doubled' ? [frame, frame] : [frame]) {
              copy.readings.forEach((one, index) => {
                const known = arrived.get(copy.sequence + index);
                if (known !== undefined && known !== one.value) throw new Error(`number ${copy.sequence + index} was given twice`);
                arrived.set(copy.sequence + index, one.value);
              });
              if (fate !== 'ack lost') outbox.acknowledge(frame.boot, frame.sequence);
            }
          }
          nowMs = Math.max(nowMs + 1, Math.min(outbox.nextDueMs(), nowMs + 20_000));
        }
        return outbox.waiting === 0 && arrived.size === count;
      },
    ),
  );
});
