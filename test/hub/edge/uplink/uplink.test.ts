import t from 'tap';
import { createUplink } from '../../../../hub/edge/uplink/uplink.ts';
import { createTestClock } from '../../../clock.ts';
import { seeded } from '../../video/lossy-network.ts';

const EACH_MS = 5;
/** So that numbers begin anew on the way. */
const FIRST = 65_400;

interface Line {
  readonly loses: (packet: number, random: number) => boolean;
  /** Each packet takes up to so long, both ways. */
  readonly lateMs: number;
  readonly packets: number;
}

/** A sender that sends again what it is asked for, and what comes of its packets at the other end of a line. */
async function sendThrough({ loses, lateMs, packets }: Line) {
  const clock = createTestClock();
  const random = seeded(7);
  const out = { came: [] as number[], asks: [] as number[], gaps: 0, delivered: 0, told: [] as number[], slowestMs: 0 };
  let transport = FIRST;
  const send = (packet: number): void => {
    const numbers = { sequence: (FIRST + packet) & 0xffff, transport: transport++ & 0xffff, sentMs: undefined };
    if (loses(packet, random())) return;
    void clock.sleep(random() * lateMs).then(() => {
      out.delivered++;
      uplink.take(packet, numbers);
    });
  };
  const uplink = createUplink<number>({
    clock,
    forward(packet) {
      out.came.push(packet);
      out.slowestMs = Math.max(out.slowestMs, clock.monotonic() - packet * EACH_MS);
    },
    ask(sequences) {
      for (const sequence of sequences) {
        const packet = (sequence - FIRST + 65_536) % 65_536;
        out.asks.push(packet);
        if (!loses(packet, random())) void clock.sleep(random() * lateMs).then(() => send(packet));
      }
    },
    tell(arrivals, first) {
      for (let at = out.told.length === 0 ? first : out.told.length + out.told[0]!; at < first; at++) out.told.push(-1);
      out.told.push(...arrivals.map(({ number }) => number));
    },
    onGap: () => out.gaps++,
    askWhole: () => undefined,
  });
  for (let packet = 0; packet < packets; packet++) {
    send(packet);
    await clock.advance(EACH_MS);
  }
  await clock.advance(2000);
  uplink.close();
  return out;
}
const counted = (packets: number): number[] => Array.from({ length: packets }, (_, index) => index);

t.test('on a good line each packet goes on as it comes, and none is asked for', async (t) => {
  const { came, asks, slowestMs, told } = await sendThrough({ loses: () => false, lateMs: 0, packets: 400 });
  t.strictSame(came, counted(400));
  t.strictSame(asks, []);
  t.equal(slowestMs, 0);
  t.ok(told.length >= 380, 'the sender is told of all but what came since it was told last');
  t.ok(
    told.every((number, index) => number === told[0]! + index),
    'of each once, in order',
  );
});

t.test('a line that loses 5 of 100, in which packets overtake each other by 200 ms, is mended with little more than it lost', async (t) => {
  const packets = 3000;
  const { came, asks, gaps } = await sendThrough({ loses: (_, random) => random < 0.05, lateMs: 200, packets });
  // Those that the very first one overtook are not missed.
  const missing = packets - came[0]! - came.length;
  t.ok(missing <= 3 * gaps && gaps <= 3, `${missing} missing, ${gaps} gaps`);
  t.ok(
    came.every((packet, index) => index === 0 || packet > came[index - 1]!),
    'each once, in order',
  );
  t.ok(asks.length < packets * 0.15, `${asks.length} asked for`);
});

t.test('what is late and not lost is hardly asked for, once it is known by how much packets overtake each other', async (t) => {
  const { came, asks } = await sendThrough({ loses: () => false, lateMs: 200, packets: 3000 });
  t.equal(came.length, 3000 - came[0]!);
  t.ok(asks.filter((packet) => packet > 1000).length < 60, `${asks.length} asked for`);
});

t.test('what is asked for does not fill a line that is full', async (t) => {
  const { asks, delivered } = await sendThrough({ loses: (_, random) => random < 0.8, lateMs: 50, packets: 2000 });
  t.ok(asks.length <= 64 + delivered / 4, `${asks.length} asked for, ${delivered} came`);
});

t.test('what never comes is waited for a second; then the rest goes on, and it is told that something is missing', async (t) => {
  const { came, gaps, asks, slowestMs } = await sendThrough({ loses: (packet) => packet === 100, lateMs: 0, packets: 400 });
  t.strictSame(
    came,
    counted(400).filter((packet) => packet !== 100),
  );
  t.equal(gaps, 1);
  t.ok(asks.length >= 3 && asks.length < 20, `asked for ${asks.length} times`);
  t.ok(slowestMs >= 980 && slowestMs <= 1040, `${slowestMs} ms`);
});

t.test('a sender that begins anew with other numbers is followed at once', async (t) => {
  const clock = createTestClock();
  const came: number[] = [];
  const uplink = createUplink<number>({
    clock,
    forward: (packet) => void came.push(packet),
    ask: () => undefined,
    tell: () => undefined,
    askWhole: () => undefined,
    onGap: () => undefined,
  });
  for (const sequence of [10, 11, 30_000, 30_001]) uplink.take(sequence, { sequence, transport: undefined, sentMs: undefined });
  t.strictSame(came, [10, 11, 30_000, 30_001]);
  t.equal(clock.sleeping, 0);
});

t.test('a whole picture that many want is asked for once a round trip', async (t) => {
  const clock = createTestClock();
  let asked = 0;
  const uplink = createUplink<number>({
    clock,
    forward: () => undefined,
    ask: () => undefined,
    tell: () => undefined,
    askWhole: () => asked++,
    onGap: () => undefined,
  });
  for (let want = 0; want < 10; want++) uplink.want();
  t.equal(asked, 1);
  await clock.advance(500);
  uplink.want();
  t.equal(asked, 2);
});
